/// The two orders in which this package stores the 2l+1 components of an irreducible representation
/// of degree l.
///
/// - Spherical order: m = -l, -l+1, ..., l.
/// - Cartesian order: m = l, -l, l-1, -(l-1), ..., 1, -1, 0; degree 1 is then (x, y, z).
///
/// Components of several degrees follow one another by ascending degree, so that those of degree l
/// fill the indices l^2 ..< (l+1)^2.
package enum IrrepsOrder {
  /// The orders m of the components of one degree, in the order in which they are stored.
  ///
  /// - Parameters:
  ///   - degree: The degree l >= 0.
  ///   - cartesianOrder: Whether the components are in Cartesian rather than spherical order.
  /// - Returns: 2l+1 values of m.
  package static func orders(degree: Int, cartesianOrder: Bool) -> [Int] {
    precondition(degree >= 0, "degree must be positive or zero, received \(degree)")
    guard cartesianOrder else { return Array(-degree...degree) }
    return (0..<degree).flatMap { [degree - $0, $0 - degree] } + [0]
  }

  /// The index in spherical order of every component in Cartesian order, for one degree (e3x's
  /// `_cartesian_permutation_for_degree`): `cartesian[i] = spherical[permutation[i]]`.
  package static func cartesianPermutation(degree: Int) -> [Int] {
    orders(degree: degree, cartesianOrder: true).map { $0 + degree }
  }

  /// The index in spherical order of every component in Cartesian order, for all degrees up to
  /// `maxDegree` together (e3x's `_cartesian_permutation`); (maxDegree+1)^2 entries.
  package static func cartesianPermutation(maxDegree: Int) -> [Int] {
    precondition(maxDegree >= 0, "degree must be positive or zero, received \(maxDegree)")
    return (0...maxDegree).flatMap { degree in
      cartesianPermutation(degree: degree).map { $0 + degree * degree }
    }
  }
}
