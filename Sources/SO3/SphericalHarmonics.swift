internal import E3xLocks
public import E3xEngine
public import E3xExact

/// Real spherical harmonics of all degrees 0 ... `maxDegree`. Matches
/// `e3x.so3.spherical_harmonics`.
///
/// - Parameters:
///   - r: Vectors of any length, [..., 3]. A vector whose squared length is not larger than the
///     smallest normal number counts as one of unit length: only degree 0 is then large.
///   - maxDegree: The highest degree L, at most 255.
///   - rIsNormalized: Whether r has unit length already, so that it need not be normalised.
///   - cartesianOrder: Whether the components of degree 1 are x, y, z, and those of the others in
///     the order that follows from it: m = l, -l, l-1, ..., 1, -1, 0; else m = -l, ..., l.
///   - normalization: Of the harmonics.
/// - Returns: [..., (L+1)²]; degree l at l² ..< (l+1)².
/// - Throws: `ArgumentError` naming `r` or `max_degree`.
/// - Complexity: O(rows · L²), by recurrence from degree to degree.
/// - Note: Differentiable to any order, without NaN at zero or tiny vectors.
public func sphericalHarmonics(
  _ r: Tensor, maxDegree: Int, rIsNormalized: Bool = false,
  cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
  normalization: SphericalHarmonicsNormalization = E3xConfiguration.current.normalization
) throws -> Tensor {
  try checkVectors("spherical_harmonics", "r", r)
  try checkDegree("spherical_harmonics", "max_degree", maxDegree)
  let table = HarmonicsTables.table(
    maxDegree: maxDegree, cartesianOrder: cartesianOrder, normalization: normalization)
  return try (rIsNormalized ? r : r.normalizedForProducts([-1])).polynomials(table)
}

/// Real regular solid harmonics |r|^l Y_lm(r) of all degrees 0 ... `maxDegree`, in Racah's
/// normalisation. Matches `e3x.so3.solid_harmonics`.
///
/// - Parameters:
///   - r: Vectors, [..., 3].
///   - maxDegree: The highest degree L, at most 255.
///   - cartesianOrder: As of `sphericalHarmonics`.
/// - Returns: [..., (L+1)²]; degree l at l² ..< (l+1)².
/// - Throws: `ArgumentError` naming `r` or `max_degree`.
/// - Note: Polynomials: differentiable to any order everywhere.
public func solidHarmonics(
  _ r: Tensor, maxDegree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
) throws -> Tensor {
  try checkVectors("solid_harmonics", "r", r)
  try checkDegree("solid_harmonics", "max_degree", maxDegree)
  return try r.polynomials(
    solidHarmonicsTable(maxDegree: maxDegree, cartesianOrder: cartesianOrder))
}

/// The solid harmonics as polynomials, in Racah's normalisation.
package func solidHarmonicsTable(maxDegree: Int, cartesianOrder: Bool) -> PolynomialTable {
  HarmonicsTables.table(
    maxDegree: maxDegree, cartesianOrder: cartesianOrder, normalization: .racah)
}

/// The harmonics as polynomials. Each table is made once, so that graphs that use
/// the same harmonics share it.
private enum HarmonicsTables {
  private struct Key: Hashable {
    var maxDegree: Int
    var cartesianOrder: Bool
    var normalization: SphericalHarmonicsNormalization
  }

  private static let tables = Guarded<[Key: PolynomialTable]>([:])

  static func table(
    maxDegree: Int, cartesianOrder: Bool, normalization: SphericalHarmonicsNormalization
  ) -> PolynomialTable {
    let key = Key(
      maxDegree: maxDegree, cartesianOrder: cartesianOrder,
      normalization: normalization == .schmidt ? .racah : normalization)
    return tables.withLock { tables in
      if let table = tables[key] { return table }
      let table = PolynomialTable(
        name: "harmonics(\(maxDegree), \(cartesianOrder ? "cartesian" : "spherical"), "
          + "\(key.normalization.rawValue))",
        harmonics: HarmonicCombinations(
          maxDegree: maxDegree,
          combinations: (0...maxDegree).flatMap { degree in
            let constant = normalization.constant(degree: degree)
            return IrrepsOrder.orders(degree: degree, cartesianOrder: cartesianOrder).map {
              [HarmonicCombinations.Term(degree * degree + degree + $0, constant)]
            }
          }))
      tables[key] = table
      return table
    }
  }
}
