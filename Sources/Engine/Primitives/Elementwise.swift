// Elementwise operations. Operands broadcast by NumPy's rules and have one element type.

extension Tensor {
  func unary(_ operation: UnaryOperation) throws(ShapeError) -> Tensor {
    guard operation.accepts(dtype) else {
      throw ShapeError(operation.rawValue, [shape], "not defined for \(dtype) elements")
    }
    if case .fill(let value) = node.primitive, let folded = operation.folded(value) {
      return .full(shape, folded, dtype: dtype)
    }
    return try Tensor(.unary(operation), [self], shape: shape, dtype: dtype)
  }

  static func binary(
    _ operation: BinaryOperation, _ a: Tensor, _ b: Tensor
  ) throws(ShapeError) -> Tensor {
    let shape = try commonShape(operation.rawValue, a, b)
    guard operation.accepts(a.dtype) else {
      throw ShapeError(
        operation.rawValue, [a.shape, b.shape], "not defined for \(a.dtype) elements")
    }
    if let simpler = try simplified(operation, a, b, shape) { return simpler }
    return try Tensor(.binary(operation), [a, b], shape: shape, dtype: a.dtype)
  }

  /// What is left where one operand is a known number: x + 0, x · 1, x / 1, …
  private static func simplified(
    _ operation: BinaryOperation, _ a: Tensor, _ b: Tensor, _ shape: Shape
  ) throws(ShapeError) -> Tensor? {
    let left: Double? = if case .fill(let value) = a.node.primitive { value } else { nil }
    let right: Double? = if case .fill(let value) = b.node.primitive { value } else { nil }
    switch (operation, left, right) {
    case (.add, 0?, _): return try b.broadcast(to: shape)
    case (.add, _, 0?), (.subtract, _, 0?): return try a.broadcast(to: shape)
    case (.multiply, 1?, _): return try b.broadcast(to: shape)
    case (.multiply, _, 1?), (.divide, _, 1?): return try a.broadcast(to: shape)
    case (.multiply, .some(-1), _): return try b.broadcast(to: shape).unary(.negate)
    case (.multiply, _, .some(-1)): return try a.broadcast(to: shape).unary(.negate)
    case (.add, let x?, let y?) where a.dtype.isFloatingPoint:
      return .full(shape, x + y, dtype: a.dtype)
    case (.subtract, let x?, let y?) where a.dtype.isFloatingPoint:
      return .full(shape, x - y, dtype: a.dtype)
    case (.multiply, let x?, let y?) where a.dtype.isFloatingPoint:
      return .full(shape, x * y, dtype: a.dtype)
    default: return nil
    }
  }

  static func commonShape(
    _ operation: String, _ a: Tensor, _ b: Tensor
  ) throws(ShapeError) -> Shape {
    guard a.dtype == b.dtype else {
      throw ShapeError(
        operation, [a.shape, b.shape],
        "element types \(a.dtype) and \(b.dtype) differ; convert one with cast(to:)")
    }
    guard let shape = Shape.broadcast(a.shape, b.shape) else {
      throw ShapeError(
        operation, [a.shape, b.shape],
        "the shapes do not broadcast: from the last axis on, sizes must be equal or 1")
    }
    return shape
  }

  /// -x
  public static prefix func - (x: Tensor) throws(ShapeError) -> Tensor { try x.unary(.negate) }
  /// The absolute value; its derivative at 0 is 0.
  public func absolute() throws(ShapeError) -> Tensor { try unary(.absolute) }
  /// -1, 0 or 1; its derivative is 0.
  public func sign() throws(ShapeError) -> Tensor { try unary(.sign) }
  /// The largest integer that is not larger; its derivative is 0.
  public func floor() throws(ShapeError) -> Tensor { try unary(.floor) }
  /// 1/x
  public func reciprocal() throws(ShapeError) -> Tensor { try unary(.reciprocal) }
  /// The square root.
  public func squareRoot() throws(ShapeError) -> Tensor { try unary(.squareRoot) }
  /// e^x
  public func exp() throws(ShapeError) -> Tensor { try unary(.exp) }
  /// e^x - 1, accurate for small x.
  public func expMinusOne() throws(ShapeError) -> Tensor { try unary(.expMinusOne) }
  /// The natural logarithm.
  public func log() throws(ShapeError) -> Tensor { try unary(.log) }
  /// log(1 + x), accurate for small x.
  public func logOnePlus() throws(ShapeError) -> Tensor { try unary(.logOnePlus) }
  /// The sine of an angle in radians.
  public func sin() throws(ShapeError) -> Tensor { try unary(.sin) }
  /// The cosine of an angle in radians.
  public func cos() throws(ShapeError) -> Tensor { try unary(.cos) }
  /// The hyperbolic tangent.
  public func tanh() throws(ShapeError) -> Tensor { try unary(.tanh) }
  /// The error function.
  public func erf() throws(ShapeError) -> Tensor { try unary(.erf) }
  /// 1 / (1 + e^-x), without overflow.
  public func sigmoid() throws(ShapeError) -> Tensor { try ((self * 0.5).tanh() + 1) * 0.5 }
  /// x²
  public func square() throws(ShapeError) -> Tensor { try self * self }

  /// log(1 + e^x), without overflow. Its derivative is the sigmoid, everywhere.
  public func softplus() throws(ShapeError) -> Tensor {
    let value = try Tensor.maximum(self, 0) + (-absolute()).exp().logOnePlus()
    return value.withDerivative(to: [self]) { cotangent throws(ShapeError) in
      [try cotangent * self.sigmoid()]
    }
  }

  /// x^n for an integer n, by repeated multiplication: finite derivatives of any order at x = 0
  /// for n >= 0.
  public func power(_ exponent: Int) throws(ShapeError) -> Tensor {
    if exponent == 0 { return .full(shape, 1, dtype: dtype) }
    let power = try power(positive: exponent.magnitude)
    return exponent < 0 ? try power.reciprocal() : power
  }

  private func power(positive exponent: UInt) throws(ShapeError) -> Tensor {
    var result: Tensor?
    var square = self
    var rest = exponent
    while true {
      if rest & 1 == 1 {
        if let product = result { result = try product * square } else { result = square }
      }
      rest >>= 1
      if rest == 0 { return result ?? self }
      square = try square * square
    }
  }

  /// x^y for x >= 0 elementwise.
  public func power(_ exponent: Tensor) throws(ShapeError) -> Tensor {
    try .binary(.power, self, exponent)
  }

  /// a + b
  public static func + (a: Tensor, b: Tensor) throws(ShapeError) -> Tensor {
    try binary(.add, a, b)
  }
  /// a - b
  public static func - (a: Tensor, b: Tensor) throws(ShapeError) -> Tensor {
    try binary(.subtract, a, b)
  }
  /// a · b
  public static func * (a: Tensor, b: Tensor) throws(ShapeError) -> Tensor {
    try binary(.multiply, a, b)
  }
  /// a / b; integers are rounded towards zero.
  public static func / (a: Tensor, b: Tensor) throws(ShapeError) -> Tensor {
    try binary(.divide, a, b)
  }

  /// The smaller of both; ties share the derivative.
  public static func minimum(_ a: Tensor, _ b: Tensor) throws(ShapeError) -> Tensor {
    try binary(.minimum, a, b)
  }
  /// The larger of both; ties share the derivative.
  public static func maximum(_ a: Tensor, _ b: Tensor) throws(ShapeError) -> Tensor {
    try binary(.maximum, a, b)
  }
  /// The smaller of both; ties share the derivative.
  public static func minimum(_ a: Tensor, _ b: Double) throws(ShapeError) -> Tensor {
    try minimum(a, a.scalar(b, "minimum"))
  }
  /// The larger of both; ties share the derivative.
  public static func maximum(_ a: Tensor, _ b: Double) throws(ShapeError) -> Tensor {
    try maximum(a, a.scalar(b, "maximum"))
  }
  /// The angle of the point (x, y) in radians, -π … π.
  public static func atan2(y: Tensor, x: Tensor) throws(ShapeError) -> Tensor {
    try binary(.atan2, y, x)
  }

  /// The elements converted to another type; floating-point numbers become integers by dropping
  /// the fraction, and true where they are not zero.
  public func cast(to dtype: DType) throws(ShapeError) -> Tensor {
    if dtype == self.dtype { return self }
    if case .fill(let value) = node.primitive, dtype.isFloatingPoint {
      return .full(shape, value, dtype: dtype)
    }
    return try Tensor(.cast, [self], shape: shape, dtype: dtype)
  }
}

extension UnaryOperation {
  /// The result for a known number, where it is exact in every element type.
  fileprivate func folded(_ value: Double) -> Double? {
    switch self {
    case .negate: -value
    case .absolute: Swift.abs(value)
    default: nil
    }
  }
}
