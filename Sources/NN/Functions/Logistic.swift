public import E3xEngine

extension Tensor {
  /// 1 / (1 + e^-x), with a small relative error also where it is small.
  package func logistic() throws(ShapeError) -> Tensor {
    let x = stoppingGradient()
    let small = try (-x.absolute()).exp()
    let larger = try (small + 1).reciprocal()
    let value = try Tensor.select(x.isLess(than: 0), small * larger, larger)
    return value.withDerivative(to: [self]) { (cotangent) throws(ShapeError) -> [Tensor?] in
      [try cotangent * logistic() * (-self).logistic()]
    }
  }

  /// log(1 + e^x), whose derivatives of every order are those of the logistic function, at 0 too.
  package func logisticIntegral() throws(ShapeError) -> Tensor {
    let x = stoppingGradient()
    let value = try Tensor.maximum(x, 0) + (-x.absolute()).exp().logOnePlus()
    return value.withDerivative(to: [self]) { (cotangent) throws(ShapeError) -> [Tensor?] in
      [try cotangent * logistic()]
    }
  }
}

/// The inverse of log(1 + e^x). Matches `e3x.ops.inverse_softplus`.
///
/// - Parameter x: Positive numbers of any shape.
/// - Returns: The shape of x; -infinity at 0.
/// - Throws: `ArgumentError` naming `x` unless it is floating-point.
public func inverseSoftplus(_ x: Tensor) throws -> Tensor {
  try checkFloatingPoint("inverse_softplus", "x", x)
  return try x + (-(-x).expMinusOne()).log()
}
