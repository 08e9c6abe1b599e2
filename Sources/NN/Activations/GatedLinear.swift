package import E3xEngine

/// Multiplies features with a function of the scalar ones among them: the form of all activation
/// functions that are equivariant.
///
/// - Parameter x: [..., P, (L+1)², F]
/// - Parameter gate: from the even scalars, [..., 1, 1, F], to a factor of the same shape.
/// - Throws: `ArgumentError` naming `x` if they are no features.
package func gatedLinear(
  _ function: String, _ x: Tensor, _ gate: (Tensor) throws(ShapeError) -> Tensor
) throws -> Tensor {
  _ = try FeatureShape(x, function: function, argument: "x")
  try checkFloatingPoint(function, "x", x)
  return try gate(x.sliced(0..<1, axis: -3).sliced(0..<1, axis: -2)) * x
}
