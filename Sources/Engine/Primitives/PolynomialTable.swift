internal import E3xLocks
internal import E3xCKernels

/// Polynomials of three variables: sparse ones, or combinations of solid harmonics; each by itself,
/// or summed with weights. Equal only to itself.
///
/// With n weights w a row, the outputs are y_k = Σ_j P_kj w_j, j < n, for polynomials in the order
/// P_00, P_01, …, P_10, …. Derivatives, of any order, are sums of this kind again.
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
  /// The number of weights of a row, or nil where each polynomial is an output.
  package let weights: Int?
  /// The polynomials as the kernels take them, in memory that belongs to the table.
  let kernel: PolynomialKernel
  private let memory = KernelMemory()
  private let derived = Guarded<(gradient: PolynomialTable?, transposed: PolynomialTable?)>(
    (nil, nil))

  /// Sums of monomials.
  package convenience init(name: String, polynomials: [[Monomial]], weights: Int? = nil) {
    self.init(name: name, .monomials(polynomials), weights: weights)
  }

  /// Combinations of solid harmonics.
  package convenience init(name: String, harmonics: HarmonicCombinations, weights: Int? = nil) {
    self.init(name: name, .harmonics(harmonics), weights: weights)
  }

  private init(name: String, _ form: Form, weights: Int?) {
    self.name = name
    self.form = form
    self.weights = weights
    precondition(weights != 0)
    let group = weights ?? 1
    func weight(_ position: Int) -> Int32 { weights.map { Int32(position % $0) } ?? 0 }
    switch form {
    case .monomials(let polynomials):
      let monomials = polynomials.enumerated().flatMap { position, polynomial in
        polynomial.map { monomial in
          let (a, b, c) = monomial.powers
          return e3x_monomial(
            power: (Int32(a), Int32(b), Int32(c)), weight: weight(position),
            coefficient: monomial.coefficient)
        }
      }
      let offsets = PolynomialTable.offsets(polynomials, every: group)
      kernel = PolynomialKernel(
        count: offsets.count - 1, weights: weights ?? 0, offsets: memory.copy(offsets),
        terms: .monomials(
          memory.copy(monomials),
          maxPower: polynomials.joined().map { max($0.powers.0, $0.powers.1, $0.powers.2) }.max()
            ?? 0),
        work: monomials.count)
    case .harmonics(let harmonics):
      let terms = harmonics.combinations.enumerated().flatMap { position, combination in
        combination.map {
          e3x_harmonic_term(
            harmonic: Int32($0.harmonic), weight: weight(position), coefficient: $0.coefficient)
        }
      }
      let degree = harmonics.maxDegree
      let offsets = PolynomialTable.offsets(harmonics.combinations, every: group)
      kernel = PolynomialKernel(
        count: offsets.count - 1, weights: weights ?? 0, offsets: memory.copy(offsets),
        terms: .harmonics(
          memory.copy(terms), count: terms.count, maxDegree: degree,
          steps: memory.copy(HarmonicCombinations.steps(maxDegree: degree))),
        work: terms.count + 2 * (degree + 1) * (degree + 1))
    }
  }

  /// Where the terms of every `group` polynomials begin, and where all end.
  private static func offsets<Term>(_ polynomials: [[Term]], every group: Int) -> [Int32] {
    var offsets: [Int32] = [0]
    var end: Int32 = 0
    for (position, polynomial) in polynomials.enumerated() {
      end += Int32(polynomial.count)
      if (position + 1) % group == 0 { offsets.append(end) }
    }
    return offsets
  }

  /// The number of outputs.
  package var count: Int { kernel.count }

  /// The derivatives of all polynomials with respect to x, y and z: three outputs, with a weight
  /// for each polynomial. There must be polynomials.
  package var gradient: PolynomialTable {
    derived.withLock { derived in
      if let table = derived.gradient { return table }
      let count = kernel.count * (weights ?? 1)
      let made =
        switch form {
        case .monomials(let polynomials):
          PolynomialTable(
            name: "d " + name,
            polynomials: (0..<3).flatMap { variable in
              polynomials.map { $0.compactMap { $0.derivative(variable) } }
            }, weights: count)
        case .harmonics(let harmonics):
          PolynomialTable(name: "d " + name, harmonics: harmonics.gradient, weights: count)
        }
      derived.gradient = made
      return made
    }
  }

  /// The polynomials P_kj as P_jk: an output for each weight, a weight for each output.
  package var transposed: PolynomialTable {
    derived.withLock { derived in
      if let table = derived.transposed { return table }
      let (outputs, inputs) = (kernel.count, weights ?? 1)
      func turn<Polynomial>(_ polynomials: [Polynomial]) -> [Polynomial] {
        (0..<inputs).flatMap { j in (0..<outputs).map { polynomials[$0 * inputs + j] } }
      }
      let name = "transposed " + name
      let made =
        switch form {
        case .monomials(let polynomials):
          PolynomialTable(name: name, polynomials: turn(polynomials), weights: outputs)
        case .harmonics(let harmonics):
          PolynomialTable(
            name: name,
            harmonics: HarmonicCombinations(
              maxDegree: harmonics.maxDegree, combinations: turn(harmonics.combinations)),
            weights: outputs)
        }
      derived.transposed = made
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
