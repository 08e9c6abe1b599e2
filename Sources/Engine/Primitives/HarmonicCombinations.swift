/// Linear combinations of the real solid harmonics R_lm in Racah's normalisation; R_lm stands at
/// l² + l + m, sine-like for m < 0.
///
/// Derivatives of a harmonic are combinations of at most two harmonics of the degree below, so
/// derivatives of combinations, of any order, are combinations again.
package struct HarmonicCombinations: Sendable {
  /// A harmonic times a coefficient.
  package struct Term: Sendable {
    package var harmonic: Int
    package var coefficient: Double
    package init(_ harmonic: Int, _ coefficient: Double) {
      self.harmonic = harmonic
      self.coefficient = coefficient
    }
  }

  /// The highest degree of the harmonics.
  package let maxDegree: Int
  /// The terms of each combination.
  package let combinations: [[Term]]

  package init(maxDegree: Int, combinations: [[Term]]) {
    precondition(
      combinations.joined().allSatisfy { $0.harmonic < (maxDegree + 1) * (maxDegree + 1) })
    self.maxDegree = maxDegree
    self.combinations = combinations
  }

  /// The derivatives with respect to x of all combinations, then those to y, then those to z.
  var gradient: HarmonicCombinations {
    let derivatives = (0...maxDegree).flatMap { degree in
      (-degree...degree).map { HarmonicCombinations.derivatives(degree: degree, order: $0) }
    }
    return HarmonicCombinations(
      maxDegree: max(0, maxDegree - 1),
      combinations: (0..<3).flatMap { variable in
        combinations.map { combination in
          var sums: [Int: Double] = [:]
          for term in combination {
            for part in derivatives[term.harmonic][variable] {
              sums[part.harmonic, default: 0] += term.coefficient * part.coefficient
            }
          }
          return sums.filter { $0.value != 0 }.sorted { $0.key < $1.key }.map(Term.init)
        }
      })
  }

  /// The derivatives of R_lm with respect to x, y and z: with m >= 0 and V_lm = R_lm + i R_l,-m
  /// without the factor sqrt((2 - δ_m0) (l-m)! / (l+m)!),
  ///   (∂x + i ∂y) V_lm = -V_l-1,m+1,   (∂x - i ∂y) V_lm = (l+m) (l+m-1) V_l-1,m-1,
  /// and ∂z R_lm = sqrt(l² - m²) R_l-1,m.
  static func derivatives(degree l: Int, order: Int) -> [[Term]] {
    let m = abs(order)
    func term(_ order: Int, _ coefficient: Double) -> [Term] {
      abs(order) < l && coefficient != 0
        ? [Term((l - 1) * (l - 1) + l - 1 + order, coefficient)] : []
    }
    let z = term(order, Double(l * l - m * m).squareRoot())
    guard m > 0 else {
      let slope = -(Double(l * (l - 1)) / 2).squareRoot()
      return [term(1, slope), term(-1, slope), z]
    }
    let up = Double((l - m) * (l - m - 1)).squareRoot() / 2
    let down = Double((l + m) * (l + m - 1) * (m == 1 ? 2 : 1)).squareRoot() / 2
    if order > 0 {
      return [
        term(m + 1, -up) + term(m - 1, down),
        term(-m - 1, -up) + (m == 1 ? [] : term(1 - m, -down)), z,
      ]
    }
    return [
      term(-m - 1, -up) + (m == 1 ? [] : term(1 - m, down)), term(m + 1, up) + term(m - 1, down), z,
    ]
  }
}
