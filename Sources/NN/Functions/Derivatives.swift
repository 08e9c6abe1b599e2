public import E3xEngine

/// A function of each element, and its derivatives up to an order. Matches
/// `e3x.ops.evaluate_derivatives`.
///
/// - Parameter function: From [...] to [...] or [..., num], each element from its own.
/// - Parameter x: Where they are evaluated.
/// - Parameter maxOrder: The highest order of derivatives.
/// - Returns: maxOrder + 1 tensors: values, first derivatives, second ones, ….
/// - Throws: `ArgumentError` naming `max_order` unless it is in 0 ... 8: the graph of each order is
///   several times as large as that of the one before. Whatever `function` throws.
public func evaluateDerivatives(
  _ function: (Tensor) throws -> Tensor, _ x: Tensor, maxOrder: Int
) throws -> [Tensor] {
  try checkCount(
    "evaluate_derivatives", "max_order", maxOrder, from: 0, to: largestDerivativeOrder)
  var derivatives = [try function(x)]
  for _ in 0..<maxOrder {
    derivatives.append(
      try pushforward(derivatives.last!, tangent: .ones(x.shape, dtype: x.dtype), from: x))
  }
  return derivatives
}

/// The highest order whose graph is still made within seconds for all functions of this library.
private let largestDerivativeOrder = 8

/// The derivative of `output` along a direction of `variable`: the transpose of the pullback, which
/// is linear in its cotangent.
private func pushforward(
  _ output: Tensor, tangent: Tensor, from variable: Tensor
) throws(ShapeError) -> Tensor {
  // Any tensor that is not known to be constant will do: it only marks the place.
  let cotangent = try output.stoppingGradient() * 1.5
  let back = try pullback([output], cotangents: [cotangent], to: [variable])[0]
  return try pullback([back], cotangents: [tangent], to: [cotangent])[0]
}
