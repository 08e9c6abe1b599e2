internal import E3xLocks
import BigInt

/// Real regular solid harmonics R_lm = r^l Y_lm as polynomials in x, y and z, with Racah's
/// normalization, for any degree (e3x's `so3.solid_harmonics`).
///
/// Spherical harmonics are their values at unit vectors. Coefficients, each the square root of a
/// rational number, are computed exactly and rounded once to the nearest Double.
///
/// Polynomials are computed once and kept; all functions may be called from any thread.
package enum SolidHarmonics {
  private struct Key: Hashable {
    var degree: Int
    var order: Int
  }

  private static let cache = Guarded<[Key: [Monomial]]>([:])

  /// The solid harmonic of one degree and order.
  ///
  /// - Parameters:
  ///   - degree: The degree l >= 0.
  ///   - order: The order m, -l...l; cosine-like for m > 0, sine-like for m < 0.
  /// - Returns: A homogeneous polynomial of degree l that satisfies Laplace's equation: its terms,
  ///   none of them zero, by descending powers of x, then y.
  package static func polynomial(degree: Int, order: Int) -> [Monomial] {
    precondition(degree >= 0, "degree must be positive or zero, received \(degree)")
    precondition(abs(order) <= degree, "order \(order) exceeds degree \(degree)")
    let key = Key(degree: degree, order: order)
    if let known = cache.withLock({ $0[key] }) { return known }
    let terms = compute(degree: degree, order: order)
    cache.withLock { $0[key] = terms }
    return terms
  }

  /// The solid harmonics of all degrees up to `maxDegree`.
  ///
  /// - Returns: (maxDegree+1)^2 polynomials by ascending degree, those of each degree in Cartesian
  ///   or spherical order (see ``IrrepsOrder``).
  package static func polynomials(maxDegree: Int, cartesianOrder: Bool = true) -> [[Monomial]] {
    precondition(maxDegree >= 0, "degree must be positive or zero, received \(maxDegree)")
    return (0...maxDegree).flatMap { degree in
      IrrepsOrder.orders(degree: degree, cartesianOrder: cartesianOrder).map {
        polynomial(degree: degree, order: $0)
      }
    }
  }

  /// Expands, with m = |order|, the normalization sqrt((2 - delta_m0) (l-m)! / (l+m)!) times
  /// the real (or imaginary) part of (x + iy)^m times
  /// sum over k of (-1)^k 2^-l C(l,k) C(2l-2k,l) (l-2k)!/(l-2k-m)! r^2k z^(l-2k-m).
  private static func compute(degree l: Int, order: Int) -> [Monomial] {
    let m = abs(order)
    let factorials = ExactArithmetic.factorials(upTo: 2 * l)
    let binomials = ExactArithmetic.binomials(upTo: 2 * l)
    // Coefficients times 2^l over the normalization, by powers of x and y.
    var sums: [SIMD3<Int>: BigInt] = [:]
    // Terms of the real part have an even power of y, those of the imaginary part an odd one.
    for q in stride(from: order < 0 ? 1 : 0, through: m, by: 2) {
      for k in 0...(l - m) / 2 {
        let quotient = factorials[l - 2 * k] / factorials[l - 2 * k - m]
        let isNegative = (k + q / 2) % 2 != 0
        let common =
          binomials[m][q] * binomials[l][k] * binomials[2 * (l - k)][l] * BigInt(quotient)
        for i in 0...k {
          for j in 0...(k - i) {
            let powers = SIMD3(m - q + 2 * i, q + 2 * j, l - 2 * k - m + 2 * (k - i - j))
            let product = common * binomials[k][i] * binomials[k - i][j]
            sums[powers, default: 0] += isNegative ? -product : product
          }
        }
      }
    }
    let numerator = factorials[l - m] * (m == 0 ? 1 : 2)
    let denominator = factorials[l + m] << (2 * l)
    return
      sums
      .filter { $0.value != 0 }
      .map { powers, sum in
        let magnitude = ExactArithmetic.squareRoot(
          of: sum.magnitude * sum.magnitude * numerator, over: denominator)
        return Monomial(powers: powers, coefficient: sum < 0 ? -magnitude : magnitude)
      }
      .sorted { ($0.powers.x, $0.powers.y) > ($1.powers.x, $1.powers.y) }
  }
}
