internal import E3xSystem

/// A Cartesian coordinate; the raw value is its index in a vector.
package enum CartesianAxis: Int, CaseIterable, Hashable, Sendable {
  case x
  case y
  case z
}

/// One term, coefficient * x^a * y^b * z^c, of a polynomial in Cartesian coordinates.
package struct Monomial: Hashable, Sendable {
  /// The powers (a, b, c).
  package var powers: SIMD3<Int>
  /// The coefficient.
  package var coefficient: Double

  package init(powers: SIMD3<Int>, coefficient: Double) {
    self.powers = powers
    self.coefficient = coefficient
  }

  /// The sum of the powers.
  package var degree: Int { powers.x + powers.y + powers.z }
}

extension [Monomial] {
  /// The partial derivative of this polynomial; terms that do not depend on the variable are left
  /// out.
  package func derivative(_ axis: CartesianAxis) -> [Monomial] {
    compactMap { term in
      let power = term.powers[axis.rawValue]
      guard power > 0 else { return nil }
      var powers = term.powers
      powers[axis.rawValue] -= 1
      return Monomial(powers: powers, coefficient: term.coefficient * Double(power))
    }
  }

  /// The value of this polynomial at a point.
  package func callAsFunction(_ r: SIMD3<Double>) -> Double {
    func power(_ base: Double, _ exponent: Int) -> Double {
      (0..<exponent).reduce(1) { product, _ in product * base }
    }
    return reduce(0) { sum, term in
      sum + term.coefficient * power(r.x, term.powers.x) * power(r.y, term.powers.y)
        * power(r.z, term.powers.z)
    }
  }
}
