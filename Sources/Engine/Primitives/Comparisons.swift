// Comparisons give bool tensors; they, and logic, have no derivatives.

extension Tensor {
  func compare(_ comparison: Comparison, _ other: Tensor) throws(ShapeError) -> Tensor {
    let shape = try Tensor.commonShape(comparison.rawValue, self, other)
    try check(comparison)
    return try Tensor(.compare(comparison), [self, other], shape: shape, dtype: .bool)
  }

  private func check(_ comparison: Comparison) throws(ShapeError) {
    guard comparison.accepts(dtype) else {
      throw ShapeError(comparison.rawValue, [shape], "not defined for \(dtype) elements")
    }
  }

  /// As with a tensor. Integers and truth values are compared with numbers that they do not have, too.
  private func compare(_ comparison: Comparison, _ other: Double) throws(ShapeError) -> Tensor {
    try check(comparison)
    if dtype.isFloatingPoint || dtype.nearest(other) == other {
      return try compare(comparison, Tensor(other, dtype: dtype))
    }
    return try cast(to: .float64).compare(comparison, Tensor(other, dtype: .float64))
  }

  /// self == other, elementwise.
  public func isEqual(to other: Tensor) throws(ShapeError) -> Tensor { try compare(.equal, other) }
  /// self != other, elementwise.
  public func isNotEqual(to other: Tensor) throws(ShapeError) -> Tensor {
    try compare(.notEqual, other)
  }
  /// self < other, elementwise.
  public func isLess(than other: Tensor) throws(ShapeError) -> Tensor { try compare(.less, other) }
  /// self <= other, elementwise.
  public func isAtMost(_ other: Tensor) throws(ShapeError) -> Tensor {
    try compare(.lessOrEqual, other)
  }
  /// self > other, elementwise.
  public func isGreater(than other: Tensor) throws(ShapeError) -> Tensor {
    try compare(.greater, other)
  }
  /// self >= other, elementwise.
  public func isAtLeast(_ other: Tensor) throws(ShapeError) -> Tensor {
    try compare(.greaterOrEqual, other)
  }
  /// self == number, elementwise.
  public func isEqual(to other: Double) throws(ShapeError) -> Tensor {
    try compare(.equal, other)
  }
  /// self != number, elementwise.
  public func isNotEqual(to other: Double) throws(ShapeError) -> Tensor {
    try compare(.notEqual, other)
  }
  /// self < number, elementwise.
  public func isLess(than other: Double) throws(ShapeError) -> Tensor {
    try compare(.less, other)
  }
  /// self <= number, elementwise.
  public func isAtMost(_ other: Double) throws(ShapeError) -> Tensor {
    try compare(.lessOrEqual, other)
  }
  /// self > number, elementwise.
  public func isGreater(than other: Double) throws(ShapeError) -> Tensor {
    try compare(.greater, other)
  }
  /// self >= number, elementwise.
  public func isAtLeast(_ other: Double) throws(ShapeError) -> Tensor {
    try compare(.greaterOrEqual, other)
  }

  private func logical(
    _ operation: LogicalOperation, _ other: Tensor
  ) throws(ShapeError) -> Tensor {
    guard dtype == .bool, other.dtype == .bool else {
      throw ShapeError(operation.rawValue, [shape, other.shape], "both must have bool elements")
    }
    let shape = try Tensor.commonShape(operation.rawValue, self, other)
    return try Tensor(.logical(operation), [self, other], shape: shape, dtype: .bool)
  }

  /// Both are true, elementwise; the shapes broadcast.
  public func and(_ other: Tensor) throws(ShapeError) -> Tensor { try logical(.and, other) }
  /// At least one is true, elementwise; the shapes broadcast.
  public func or(_ other: Tensor) throws(ShapeError) -> Tensor { try logical(.or, other) }
  /// Exactly one is true, elementwise; the shapes broadcast.
  public func xor(_ other: Tensor) throws(ShapeError) -> Tensor { try logical(.xor, other) }
  /// The opposite of each element.
  public func not() throws(ShapeError) -> Tensor {
    guard dtype == .bool else { throw ShapeError("not", [shape], "needs bool elements") }
    return try Tensor(.not, [self], shape: shape, dtype: .bool)
  }

  /// The elements of `a` where `condition` is true, and of `b` elsewhere.
  ///
  /// No derivative reaches the operand that was not chosen. An infinite derivative there must be
  /// avoided by choosing a harmless argument first, as everywhere: 0 · ∞ is not a number.
  public static func select(
    _ condition: Tensor, _ a: Tensor, _ b: Tensor
  ) throws(ShapeError) -> Tensor {
    guard condition.dtype == .bool else {
      throw ShapeError("select", [condition.shape], "the condition must have bool elements")
    }
    let values = try commonShape("select", a, b)
    guard let shape = Shape.broadcast(condition.shape, values) else {
      throw ShapeError(
        "select", [condition.shape, a.shape, b.shape],
        "the shapes do not broadcast: from the last axis on, sizes must be equal or 1")
    }
    return try Tensor(.select, [condition, a, b], shape: shape, dtype: a.dtype)
  }

  /// The elements of `a` where `condition` is true, and `b` elsewhere.
  public static func select(
    _ condition: Tensor, _ a: Tensor, _ b: Double
  ) throws(ShapeError) -> Tensor {
    try select(condition, a, a.scalar(b, "select"))
  }

  /// `a` where `condition` is true, and the elements of `b` elsewhere.
  public static func select(
    _ condition: Tensor, _ a: Double, _ b: Tensor
  ) throws(ShapeError) -> Tensor {
    try select(condition, b.scalar(a, "select"), b)
  }
}
