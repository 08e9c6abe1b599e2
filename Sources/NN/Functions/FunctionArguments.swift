package import E3xEngine

/// Refuses arguments that are not positive, finite numbers.
func checkPositive(
  _ function: String, _ argument: String, _ value: Double
) throws(ArgumentError) {
  guard value > 0, value.isFinite else {
    throw ArgumentError(function, argument, "must be positive and finite, received \(value)")
  }
}

/// Refuses everything but floating-point tensors.
func checkFloatingPoint(
  _ function: String, _ argument: String, _ x: Tensor
) throws(ArgumentError) {
  guard x.dtype.isFloatingPoint else {
    throw ArgumentError(function, argument, "expected floating-point numbers, received \(x.dtype)")
  }
}

/// A parameter of a function: a number that was checked, or a tensor with one element.
package enum FunctionParameter: Sendable {
  case number(Double)
  case tensor(Tensor)

  /// The parameter as a factor for tensors of an element type. One that is a tensor is refused,
  /// when the graph runs if not before, unless it is finite and not negative.
  func factor(_ function: String, _ argument: String, _ dtype: DType) throws -> Tensor {
    switch self {
    case .number(let value):
      return Tensor(value, dtype: dtype)
    case .tensor(let tensor):
      guard tensor.shape.elementCount == 1, tensor.dtype.isFloatingPoint else {
        throw ArgumentError(
          function, argument,
          "expected one floating-point number, received \(tensor.dtype) of shape \(tensor.shape)")
      }
      return try tensor.checked(.finiteNotNegative, function, argument)
        .reshaped(to: []).cast(to: dtype)
    }
  }
}

/// Columns 0 ..< count of constants, as a vector of an element type.
func constants(_ values: [Double], _ dtype: DType) throws(ShapeError) -> Tensor {
  try Tensor(values, shape: [values.count]).cast(to: dtype)
}
