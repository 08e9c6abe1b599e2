internal import E3xLocks

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

  /// What the polynomials are made of; an array for each.
  package enum Form: Sendable {
    case monomials([[Monomial]])
    case harmonics(HarmonicCombinations)

    /// The number of polynomials.
    fileprivate var count: Int {
      switch self {
      case .monomials(let polynomials): polynomials.count
      case .harmonics(let harmonics): harmonics.combinations.count
      }
    }
  }

  /// What the polynomials are, for printing.
  package let name: String
  /// The polynomials P_00, P_01, ….
  package let form: Form
  /// The number of weights of a row, or nil where each polynomial is an output.
  package let weights: Int?
  /// The number of outputs.
  package let count: Int
  /// What executors make of the table.
  package let derived = Derived()
  private let related = Guarded<(gradient: PolynomialTable?, transposed: PolynomialTable?)>(
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
    count = form.count / (weights ?? 1)
  }

  /// The derivatives of all polynomials with respect to x, y and z: three outputs, with a weight
  /// for each polynomial. There must be polynomials.
  package var gradient: PolynomialTable {
    related.withLock { related in
      if let table = related.gradient { return table }
      let count = self.count * (weights ?? 1)
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
      related.gradient = made
      return made
    }
  }

  /// The polynomials P_kj as P_jk: an output for each weight, a weight for each output.
  package var transposed: PolynomialTable {
    related.withLock { related in
      if let table = related.transposed { return table }
      let (outputs, inputs) = (self.count, weights ?? 1)
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
      related.transposed = made
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
