// Operations with a number on one side, and compound assignment. The number takes the tensor's
// element type; a literal is a Double, so that integer divisions do not slip in: x * (1 / 2).

/// A Swift number that operators take beside a tensor.
public protocol TensorScalar: Sendable {
  /// The number as a Double.
  var doubleValue: Double { get }
}
extension Float: TensorScalar {
  /// The number as a Double.
  public var doubleValue: Double { Double(self) }
}
extension Double: TensorScalar {
  /// Itself.
  public var doubleValue: Double { self }
}
extension Int: TensorScalar {
  /// The nearest Double.
  public var doubleValue: Double { Double(self) }
}
extension Int32: TensorScalar {
  /// The number as a Double.
  public var doubleValue: Double { Double(self) }
}

extension Tensor {
  /// A number beside this tensor in an operation, in its element type.
  /// - Throws: `ShapeError` for a number that integers or truth values do not have: it would be
  ///   another one.
  func scalar(_ value: Double, _ operation: String) throws(ShapeError) -> Tensor {
    guard dtype.isFloatingPoint || dtype.nearest(value) == value else {
      throw ShapeError(
        operation, [shape],
        "\(dtype) elements have no \(value); convert the tensor with cast(to:)")
    }
    return Tensor(value, dtype: dtype)
  }

  /// a + b
  public static func + (a: Tensor, b: Double) throws(ShapeError) -> Tensor {
    try a + a.scalar(b, "add")
  }
  /// a + b
  public static func + (a: Double, b: Tensor) throws(ShapeError) -> Tensor {
    try b.scalar(a, "add") + b
  }
  /// a + b
  @_disfavoredOverload
  public static func + (a: Tensor, b: some TensorScalar) throws(ShapeError) -> Tensor {
    try a + b.doubleValue
  }
  /// a + b
  @_disfavoredOverload
  public static func + (a: some TensorScalar, b: Tensor) throws(ShapeError) -> Tensor {
    try a.doubleValue + b
  }
  /// a = a + b
  public static func += (a: inout Tensor, b: Tensor) throws(ShapeError) { a = try a + b }
  /// a = a + b
  public static func += (a: inout Tensor, b: Double) throws(ShapeError) { a = try a + b }
  /// a = a + b
  @_disfavoredOverload
  public static func += (a: inout Tensor, b: some TensorScalar) throws(ShapeError) {
    a = try a + b.doubleValue
  }
  /// a - b
  public static func - (a: Tensor, b: Double) throws(ShapeError) -> Tensor {
    try a - a.scalar(b, "subtract")
  }
  /// a - b
  public static func - (a: Double, b: Tensor) throws(ShapeError) -> Tensor {
    try b.scalar(a, "subtract") - b
  }
  /// a - b
  @_disfavoredOverload
  public static func - (a: Tensor, b: some TensorScalar) throws(ShapeError) -> Tensor {
    try a - b.doubleValue
  }
  /// a - b
  @_disfavoredOverload
  public static func - (a: some TensorScalar, b: Tensor) throws(ShapeError) -> Tensor {
    try a.doubleValue - b
  }
  /// a = a - b
  public static func -= (a: inout Tensor, b: Tensor) throws(ShapeError) { a = try a - b }
  /// a = a - b
  public static func -= (a: inout Tensor, b: Double) throws(ShapeError) { a = try a - b }
  /// a = a - b
  @_disfavoredOverload
  public static func -= (a: inout Tensor, b: some TensorScalar) throws(ShapeError) {
    a = try a - b.doubleValue
  }
  /// a · b
  public static func * (a: Tensor, b: Double) throws(ShapeError) -> Tensor {
    try a * a.scalar(b, "multiply")
  }
  /// a · b
  public static func * (a: Double, b: Tensor) throws(ShapeError) -> Tensor {
    try b.scalar(a, "multiply") * b
  }
  /// a · b
  @_disfavoredOverload
  public static func * (a: Tensor, b: some TensorScalar) throws(ShapeError) -> Tensor {
    try a * b.doubleValue
  }
  /// a · b
  @_disfavoredOverload
  public static func * (a: some TensorScalar, b: Tensor) throws(ShapeError) -> Tensor {
    try a.doubleValue * b
  }
  /// a = a · b
  public static func *= (a: inout Tensor, b: Tensor) throws(ShapeError) { a = try a * b }
  /// a = a · b
  public static func *= (a: inout Tensor, b: Double) throws(ShapeError) { a = try a * b }
  /// a = a · b
  @_disfavoredOverload
  public static func *= (a: inout Tensor, b: some TensorScalar) throws(ShapeError) {
    a = try a * b.doubleValue
  }
  /// a / b
  public static func / (a: Tensor, b: Double) throws(ShapeError) -> Tensor {
    try a / a.scalar(b, "divide")
  }
  /// a / b
  public static func / (a: Double, b: Tensor) throws(ShapeError) -> Tensor {
    try b.scalar(a, "divide") / b
  }
  /// a / b
  @_disfavoredOverload
  public static func / (a: Tensor, b: some TensorScalar) throws(ShapeError) -> Tensor {
    try a / b.doubleValue
  }
  /// a / b
  @_disfavoredOverload
  public static func / (a: some TensorScalar, b: Tensor) throws(ShapeError) -> Tensor {
    try a.doubleValue / b
  }
  /// a = a / b
  public static func /= (a: inout Tensor, b: Tensor) throws(ShapeError) { a = try a / b }
  /// a = a / b
  public static func /= (a: inout Tensor, b: Double) throws(ShapeError) { a = try a / b }
  /// a = a / b
  @_disfavoredOverload
  public static func /= (a: inout Tensor, b: some TensorScalar) throws(ShapeError) {
    a = try a / b.doubleValue
  }
}
