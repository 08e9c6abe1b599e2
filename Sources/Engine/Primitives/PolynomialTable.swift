internal import E3xCKernels
internal import Synchronization

/// Sparse polynomials of three variables. Equal only to itself.
package final class PolynomialTable: Hashable, Sendable {
  /// coefficient · x^a y^b z^c
  package struct Monomial: Hashable, Sendable {
    package var powers: (Int, Int, Int)
    package var coefficient: Double
    package init(_ powers: (Int, Int, Int), _ coefficient: Double) {
      self.powers = powers
      self.coefficient = coefficient
    }
    package static func == (a: Monomial, b: Monomial) -> Bool {
      a.powers == b.powers && a.coefficient == b.coefficient
    }
    package func hash(into hasher: inout Hasher) {
      hasher.combine(powers.0)
      hasher.combine(powers.1)
      hasher.combine(powers.2)
      hasher.combine(coefficient)
    }
  }

  /// What the polynomials are, for printing.
  package let name: String
  package let polynomials: [[Monomial]]
  let offsets: [Int32]
  let monomials: [e3x_monomial]
  let maxPower: Int
  private let gradientTable: Mutex<PolynomialTable?> = Mutex(nil)

  package init(name: String, polynomials: [[Monomial]]) {
    self.name = name
    self.polynomials = polynomials
    var offsets: [Int32] = [0]
    for polynomial in polynomials { offsets.append(offsets.last! + Int32(polynomial.count)) }
    self.offsets = offsets
    self.monomials = polynomials.joined().map { monomial in
      let (a, b, c) = monomial.powers
      return e3x_monomial(
        power: (Int32(a), Int32(b), Int32(c)), coefficient: monomial.coefficient)
    }
    self.maxPower =
      polynomials.joined().map { max($0.powers.0, $0.powers.1, $0.powers.2) }.max() ?? 0
  }

  /// The derivatives with respect to x of all polynomials, then those to y, then those to z.
  var gradient: PolynomialTable {
    gradientTable.withLock { table in
      if let table { return table }
      var derivatives: [[Monomial]] = []
      for variable in 0..<3 {
        for polynomial in polynomials {
          derivatives.append(
            polynomial.compactMap { monomial in
              var powers = [monomial.powers.0, monomial.powers.1, monomial.powers.2]
              guard powers[variable] > 0 else { return nil }
              let coefficient = monomial.coefficient * Double(powers[variable])
              powers[variable] -= 1
              return Monomial((powers[0], powers[1], powers[2]), coefficient)
            })
        }
      }
      let made = PolynomialTable(name: "d " + name, polynomials: derivatives)
      table = made
      return made
    }
  }

  package static func == (a: PolynomialTable, b: PolynomialTable) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
