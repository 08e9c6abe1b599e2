// Reductions over axes, and matrix products.

extension Tensor {
  func reduce(
    _ reduction: Reduction, _ axes: [Int]?, keepDimensions: Bool
  ) throws(ShapeError) -> Tensor {
    var chosen: [Int] = []
    for axis in axes ?? Array(shape.indices) {
      chosen.append(try checkedAxis(reduction.rawValue, axis))
    }
    guard Set(chosen).count == chosen.count else {
      throw ShapeError(reduction.rawValue, [shape], "axes \(chosen) name one axis twice")
    }
    guard dtype != .bool else {
      throw ShapeError(reduction.rawValue, [shape], "not defined for bool elements")
    }
    chosen.sort()
    var kept = shape
    for axis in chosen { kept.dimensions[axis] = 1 }
    var result = self
    if reduction == .sum, let number = try sumOfFill(axes: chosen, kept: kept) {
      result = number
    } else if chosen.contains(where: { shape[$0] != 1 }) {
      result = try Tensor(.reduce(reduction, axes: chosen), [self], shape: kept, dtype: dtype)
    }
    if keepDimensions { return result }
    let rest = shape.indices.filter { !chosen.contains($0) }.map { shape[$0] }
    return try result.reshaped(to: Shape(rest))
  }

  /// The sum of one number over axes of known sizes is a number again.
  private func sumOfFill(axes: [Int], kept: Shape) throws(ShapeError) -> Tensor? {
    guard case .fill(let value) = node.primitive, dtype.isFloatingPoint else { return nil }
    guard let count = Shape(axes.map { shape[$0] }).elementCount.known else { return nil }
    return .full(kept, count == 0 ? 0 : value * Double(count), dtype: dtype)
  }

  /// The sum over axes (all of them by default), which are dropped, or kept with size 1. Without
  /// entries it is 0.
  public func sum(_ axes: [Int]? = nil, keepDimensions: Bool = false) throws(ShapeError) -> Tensor {
    try reduce(.sum, axes, keepDimensions: keepDimensions)
  }

  /// The mean over axes (all of them by default), which are dropped, or kept with size 1.
  public func mean(_ axes: [Int]? = nil, keepDimensions: Bool = false) throws(ShapeError) -> Tensor
  {
    let total = try sum(axes, keepDimensions: keepDimensions)
    var count: Dimension = 1
    for axis in axes ?? Array(shape.indices) {
      count = count * shape[try checkedAxis("mean", axis)]
    }
    return try total / Tensor.size(count, dtype: dtype)
  }

  /// The maximum over axes (all of them by default); ties share the derivative.
  public func max(_ axes: [Int]? = nil, keepDimensions: Bool = false) throws(ShapeError) -> Tensor {
    try reduce(.max, axes, keepDimensions: keepDimensions)
  }

  /// The minimum over axes (all of them by default); ties share the derivative.
  public func min(_ axes: [Int]? = nil, keepDimensions: Bool = false) throws(ShapeError) -> Tensor {
    try reduce(.min, axes, keepDimensions: keepDimensions)
  }

  /// Sums what broadcasting repeated: the adjoint of `broadcast(to:)`.
  func sum(to target: Shape) throws(ShapeError) -> Tensor {
    if target == shape { return self }
    let extra = rank - target.rank
    var axes = Array(0..<extra)
    for axis in 0..<target.rank where target[axis] == 1 && shape[axis + extra] != 1 {
      axes.append(axis + extra)
    }
    return try sum(axes, keepDimensions: true).reshaped(to: target)
  }

  /// The matrix product of the last two axes; leading axes broadcast.
  ///
  /// [..., m, k] and [..., k, n] give [..., m, n].
  public func matmul(_ other: Tensor) throws(ShapeError) -> Tensor {
    guard rank >= 2, other.rank >= 2, dtype == other.dtype, dtype.isFloatingPoint else {
      throw ShapeError(
        "matmul", [shape, other.shape],
        "both must have at least two axes and one floating-point element type")
    }
    guard shape[rank - 1] == other.shape[other.rank - 2] else {
      throw ShapeError(
        "matmul", [shape, other.shape],
        "the last axis of the first must have the size of the last but one of the second")
    }
    guard let batch = Shape.broadcast(shape.dropLast(axes: 2), other.shape.dropLast(axes: 2)) else {
      throw ShapeError("matmul", [shape, other.shape], "the leading axes do not broadcast")
    }
    let a = try broadcast(to: batch + Shape([shape[rank - 2], shape[rank - 1]]))
    let b = try other.broadcast(
      to: batch + Shape([other.shape[other.rank - 2], other.shape[other.rank - 1]]))
    return try Tensor(
      .matmul, [a, b], shape: batch + Shape([a.shape[a.rank - 2], b.shape[b.rank - 1]]),
      dtype: dtype)
  }
}
