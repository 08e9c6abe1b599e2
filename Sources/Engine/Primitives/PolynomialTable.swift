internal import E3xLocks
internal import E3xCKernels

/// Polynomials of three variables: sparse ones, or combinations of solid harmonics. Equal only to
/// itself.
package final class PolynomialTable: Hashable, Sendable {
  /// coefficient · x^a y^b z^c
  package struct Monomial: Sendable {
    package var powers: (Int, Int, Int)
    package var coefficient: Double
    package init(_ powers: (Int, Int, Int), _ coefficient: Double) {
      self.powers = powers
      self.coefficient = coefficient
    }
  }

  private enum Form {
    case monomials([[Monomial]])
    case harmonics(HarmonicCombinations)
  }

  /// What the polynomials are, for printing.
  package let name: String
  private let form: Form
  /// The polynomials as the kernels take them, in memory that belongs to the table.
  let kernel: PolynomialKernel
  private let memory = StageMemory()
  private let gradientTable: Guarded<PolynomialTable?> = Guarded(nil)

  /// Sums of monomials.
  package init(name: String, polynomials: [[Monomial]]) {
    self.name = name
    form = .monomials(polynomials)
    let monomials = polynomials.joined().map { monomial in
      let (a, b, c) = monomial.powers
      return e3x_monomial(
        power: (Int32(a), Int32(b), Int32(c)), coefficient: monomial.coefficient)
    }
    kernel = PolynomialKernel(
      count: polynomials.count, offsets: memory.copy(PolynomialTable.offsets(polynomials)),
      terms: .monomials(
        memory.copy(monomials),
        maxPower: polynomials.joined().map { max($0.powers.0, $0.powers.1, $0.powers.2) }.max()
          ?? 0),
      work: monomials.count)
  }

  /// Combinations of solid harmonics.
  package init(name: String, harmonics: HarmonicCombinations) {
    self.name = name
    form = .harmonics(harmonics)
    let terms = harmonics.combinations.joined().map {
      e3x_harmonic_term(harmonic: Int32($0.harmonic), coefficient: $0.coefficient)
    }
    let degree = harmonics.maxDegree
    kernel = PolynomialKernel(
      count: harmonics.combinations.count,
      offsets: memory.copy(PolynomialTable.offsets(harmonics.combinations)),
      terms: .harmonics(
        memory.copy(terms), count: terms.count, maxDegree: degree,
        steps: memory.copy(HarmonicCombinations.steps(maxDegree: degree))),
      work: terms.count + 2 * (degree + 1) * (degree + 1))
  }

  /// Where the terms of each polynomial begin, and where all end.
  private static func offsets<Term>(_ polynomials: [[Term]]) -> [Int32] {
    var offsets: [Int32] = [0]
    for polynomial in polynomials { offsets.append(offsets.last! + Int32(polynomial.count)) }
    return offsets
  }

  /// The number of polynomials.
  package var count: Int { kernel.count }

  /// The derivatives with respect to x of all polynomials, then those to y, then those to z.
  package var gradient: PolynomialTable {
    gradientTable.withLock { table in
      if let table { return table }
      let made: PolynomialTable
      switch form {
      case .monomials(let polynomials):
        made = PolynomialTable(
          name: "d " + name,
          polynomials: (0..<3).flatMap { variable in
            polynomials.map { $0.compactMap { $0.derivative(variable) } }
          })
      case .harmonics(let harmonics):
        made = PolynomialTable(name: "d " + name, harmonics: harmonics.gradient)
      }
      table = made
      return made
    }
  }

  package static func == (a: PolynomialTable, b: PolynomialTable) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension PolynomialTable.Monomial {
  /// nil where the monomial does not depend on the variable.
  fileprivate func derivative(_ variable: Int) -> Self? {
    var powers = [powers.0, powers.1, powers.2]
    guard powers[variable] > 0 else { return nil }
    let factor = Double(powers[variable])
    powers[variable] -= 1
    return Self((powers[0], powers[1], powers[2]), coefficient * factor)
  }
}
