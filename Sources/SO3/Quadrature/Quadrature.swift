public import E3xEngine

/// Points on the unit sphere and weights whose weighted sum is the mean over the sphere: the
/// integral of f is 4π Σ wᵢ f(rᵢ).
public struct SphericalQuadrature: Sendable {
  /// The points rᵢ, [N, 3].
  public let points: Tensor
  /// The weights wᵢ, [N]; their sum is 1. A few rules have negative ones.
  public let weights: Tensor
  /// The degree up to which the rule is exact for polynomials.
  public let precision: Int
}

/// A Lebedev rule. Matches `e3x.so3.lebedev_quadrature`, points in the same order.
///
/// There are rules of precision 3, 5, ..., 31, 35, 41, ..., 131, with 6 to 5810 points.
///
/// - Parameters:
///   - precision: The smallest rule that integrates polynomials up to this degree is returned.
///   - num: The largest rule with at most this many points is returned (the smallest of all if
///     there is none, as in e3x). Exactly one of both must be given.
///   - dtype: The element type.
/// - Throws: `ArgumentError` naming `precision` or `num`; also if no rule is so precise (where e3x
///   warns and returns the most precise one).
public func lebedevQuadrature(
  precision: Int? = nil, num: Int? = nil, dtype: DType = .float64
) throws -> SphericalQuadrature {
  let rule = try selectRule("lebedev_quadrature", OctahedralRule.all, precision, num)
  return try rule.quadrature(
    rule.orbits.map { ($0.weight, $0.lebedevPoints) }, dtype, "lebedev_quadrature")
}

/// A Delley rule. Matches `e3x.so3.delley_quadrature`, points in the same order.
///
/// There are rules of precision 5, 7, 11, 17, ..., 101, with 14 to 3470 points; they are the
/// Lebedev rules of the same precision in another order.
///
/// - Parameters:
///   - precision: As of ``lebedevQuadrature(precision:num:dtype:)``.
///   - num: As of ``lebedevQuadrature(precision:num:dtype:)``.
///   - dtype: The element type.
/// - Throws: `ArgumentError` naming `precision` or `num`.
public func delleyQuadrature(
  precision: Int? = nil, num: Int? = nil, dtype: DType = .float64
) throws -> SphericalQuadrature {
  let rules = OctahedralRule.all.filter { $0.delley != nil }
  let rule = try selectRule("delley_quadrature", rules, precision, num)
  return try rule.quadrature(
    rule.delleyOrbits.map { ($0.weight, $0.delleyPoints) }, dtype, "delley_quadrature")
}

/// The rule that is asked for; `rules` are sorted by precision and so by number of points.
private func selectRule(
  _ function: String, _ rules: [OctahedralRule], _ precision: Int?, _ num: Int?
) throws -> OctahedralRule {
  switch (precision, num) {
  case (nil, nil):
    throw ArgumentError(function, "precision", "give either precision or num, received neither")
  case (let precision?, let num?):
    throw ArgumentError(
      function, "num", "give either precision or num, received both (\(precision) and \(num))")
  case (let precision?, nil):
    guard let rule = rules.first(where: { $0.precision >= precision }) else {
      throw ArgumentError(
        function, "precision",
        "the most precise rule has \(rules.last!.precision), received \(precision)")
    }
    return rule
  case (nil, let num?):
    return rules.last { $0.count <= num } ?? rules[0]
  }
}

extension OctahedralRule {
  /// The tensors of a rule whose orbits have these weights and points.
  fileprivate func quadrature(
    _ orbits: [(weight: Double, points: [SIMD3<Double>])], _ dtype: DType, _ function: String
  ) throws -> SphericalQuadrature {
    guard dtype.isFloatingPoint else {
      throw ArgumentError(function, "dtype", "must be floating-point, received \(dtype)")
    }
    let points = orbits.flatMap(\.points)
    let weights = orbits.flatMap { orbit in
      [Double](repeating: orbit.weight, count: orbit.points.count)
    }
    return SphericalQuadrature(
      points: try Tensor(points.flatMap { [$0.x, $0.y, $0.z] }, shape: [points.count, 3])
        .cast(to: dtype).materialized(),
      weights: try Tensor(weights, shape: [weights.count]).cast(to: dtype).materialized(),
      precision: precision)
  }
}
