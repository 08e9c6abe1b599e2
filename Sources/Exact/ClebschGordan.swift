internal import E3xLocks

/// One coefficient that does not vanish in a block of Clebsch-Gordan coefficients.
package struct ClebschGordanTerm: Hashable, Sendable {
  /// Index 0...2 l1 of the component of the first factor.
  package var first: Int
  /// Index 0...2 l2 of the component of the second factor.
  package var second: Int
  /// Index 0...2 l3 of the component of the product.
  package var third: Int
  /// The coefficient, never zero.
  package var value: Double
}

/// Clebsch-Gordan coefficients of real spherical harmonics, in e3x's convention, for any degrees.
///
/// With the coefficients C of degrees (l1, l2, l3),
/// `product[m3] = sum over m1, m2 of C[m1, m2, m3] * first[m1] * second[m2]`
/// couples irreducible representations of degrees l1 and l2 to one of degree l3. Values are
/// computed exactly and rounded once to the nearest Double; those that vanish are exact zeros.
///
/// Blocks are computed once and kept; all functions may be called from any thread.
package enum ClebschGordan {
  private struct Key: Hashable {
    var l1: Int
    var l2: Int
    var l3: Int
    var cartesianOrder: Bool
  }

  private static let cache = Guarded<[Key: [ClebschGordanTerm]]>([:])

  /// The coefficients of one triple of degrees that do not vanish, sorted by (first, second,
  /// third).
  ///
  /// - Parameters:
  ///   - l1: Degree of the first factor.
  ///   - l2: Degree of the second factor.
  ///   - l3: Degree of the product.
  ///   - cartesianOrder: Whether components are in Cartesian order (see ``IrrepsOrder``).
  /// - Returns: The terms; none unless |l1 - l2| <= l3 <= l1 + l2.
  package static func terms(
    _ l1: Int, _ l2: Int, _ l3: Int, cartesianOrder: Bool = true
  ) -> [ClebschGordanTerm] {
    precondition(min(l1, l2, l3) >= 0, "degrees must be positive or zero: \(l1), \(l2), \(l3)")
    let key = Key(l1: l1, l2: l2, l3: l3, cartesianOrder: cartesianOrder)
    if let known = cache.withLock({ $0[key] }) { return known }
    // Computed outside of the lock: should two threads want the same block, both get the same
    // terms.
    let terms = ClebschGordanBlock(l1, l2, l3).terms(cartesianOrder: cartesianOrder)
    cache.withLock { $0[key] = terms }
    return terms
  }

  /// The coefficients of one triple of degrees (e3x's `so3.clebsch_gordan_for_degrees`).
  ///
  /// - Returns: A row-major array of shape (2 l1 + 1, 2 l2 + 1, 2 l3 + 1).
  package static func block(
    _ l1: Int, _ l2: Int, _ l3: Int, cartesianOrder: Bool = true
  ) -> [Double] {
    let (n2, n3) = (2 * l2 + 1, 2 * l3 + 1)
    let terms = terms(l1, l2, l3, cartesianOrder: cartesianOrder)
    var values = [Double](repeating: 0, count: (2 * l1 + 1) * n2 * n3)
    for term in terms {
      values[(term.first * n2 + term.second) * n3 + term.third] = term.value
    }
    return values
  }

  /// The coefficients of all degrees up to the given ones (e3x's `so3.clebsch_gordan`).
  ///
  /// - Returns: A row-major array of shape
  ///   ((maxDegree1+1)^2, (maxDegree2+1)^2, (maxDegree3+1)^2).
  package static func tensor(
    maxDegree1: Int, maxDegree2: Int, maxDegree3: Int, cartesianOrder: Bool = true
  ) -> [Double] {
    precondition(
      min(maxDegree1, maxDegree2, maxDegree3) >= 0,
      "degrees must be positive or zero: \(maxDegree1), \(maxDegree2), \(maxDegree3)")
    let n1 = (maxDegree1 + 1) * (maxDegree1 + 1)
    let n2 = (maxDegree2 + 1) * (maxDegree2 + 1)
    let n3 = (maxDegree3 + 1) * (maxDegree3 + 1)
    var values = [Double](repeating: 0, count: n1 * n2 * n3)
    for l1 in 0...maxDegree1 {
      for l2 in 0...maxDegree2 where abs(l1 - l2) <= maxDegree3 {
        for l3 in abs(l1 - l2)...min(l1 + l2, maxDegree3) {
          for term in terms(l1, l2, l3, cartesianOrder: cartesianOrder) {
            let (i, j, k) = (l1 * l1 + term.first, l2 * l2 + term.second, l3 * l3 + term.third)
            values[(i * n2 + j) * n3 + k] = term.value
          }
        }
      }
    }
    return values
  }
}
