internal import E3xLimits

// Operations that move elements or only look at them differently.

extension Tensor {
  func checkedAxis(_ operation: String, _ axis: Int) throws(ShapeError) -> Int {
    let wrapped = axis < 0 ? axis + rank : axis
    guard shape.indices.contains(wrapped) else {
      throw ShapeError(operation, [shape], "axis \(axis) is outside -\(rank) ..< \(rank)")
    }
    return wrapped
  }

  /// The tensor repeated along axes of size 1 and along new leading axes.
  public func broadcast(to target: Shape) throws(ShapeError) -> Tensor {
    if target == shape { return self }
    guard Shape.broadcast(shape, target) == target else {
      throw ShapeError(
        "broadcast", [shape, target],
        "from the last axis on, sizes must be equal to the target's or 1")
    }
    if case .fill(let value) = node.primitive { return .full(target, value, dtype: dtype) }
    return try Tensor(.broadcast, [self], shape: target, dtype: dtype)
  }

  /// The same elements, in row-major order, under another shape.
  public func reshaped(to target: Shape) throws(ShapeError) -> Tensor {
    if target == shape { return self }
    try target.check("reshape", dtype)
    guard target.elementCount == shape.elementCount else {
      throw ShapeError("reshape", [shape, target], "the numbers of elements differ")
    }
    if case .fill(let value) = node.primitive { return .full(target, value, dtype: dtype) }
    return try Tensor(.reshape, [self], shape: target, dtype: dtype)
  }

  /// The same elements with axes `range` replaced by `axes`, of which one may be nil: the rest.
  func reshaped(
    axes range: Range<Int>, to axes: [Dimension]
  ) throws(ShapeError) -> Tensor {
    try reshaped(to: Shape(Array(shape[..<range.lowerBound]) + axes + shape[range.upperBound...]))
  }

  /// All axes before `axis` made one: the rows.
  public func flattened(before axis: Int) throws(ShapeError) -> Tensor {
    let position = axis < 0 ? axis + rank : axis
    guard (0...rank).contains(position) else {
      throw ShapeError("flatten", [shape], "axis \(axis) is outside -\(rank) ... \(rank)")
    }
    return try reshaped(axes: 0..<position, to: [shape[..<position].reduce(1, *)])
  }

  /// A new axis of size 1 in front of `axis` (negative: counted from the end of the result):
  /// [a, b] at 0 gives [1, a, b], at -1 [a, b, 1].
  public func expanded(at axis: Int) throws(ShapeError) -> Tensor {
    let position = axis < 0 ? axis + rank + 1 : axis
    guard (0...rank).contains(position) else {
      throw ShapeError("expand", [shape], "axis \(axis) is outside -\(rank + 1) ... \(rank)")
    }
    return try reshaped(axes: position..<position, to: [1])
  }

  /// The tensor without `axis`, which must have size 1: [a, 1, b] at 1 gives [a, b].
  public func squeezed(axis: Int) throws(ShapeError) -> Tensor {
    let axis = try checkedAxis("squeeze", axis)
    guard shape[axis] == 1 else {
      throw ShapeError("squeeze", [shape], "axis \(axis) must have size 1")
    }
    return try reshaped(axes: axis..<(axis + 1), to: [])
  }

  /// The axes in another order: axis k of the result is axis `order[k]` (negative: counted from the
  /// end).
  public func permuted(_ order: [Int]) throws(ShapeError) -> Tensor {
    let order = order.map { $0 < 0 ? $0 + rank : $0 }
    guard order.sorted() == Array(0..<rank) else {
      throw ShapeError("permute", [shape], "\(order) must name each axis once")
    }
    if order == Array(0..<rank) { return self }
    return try Tensor(
      .permute(order), [self], shape: Shape(order.map { shape[$0] }), dtype: dtype)
  }

  /// The last two axes exchanged: [..., a, b] gives [..., b, a].
  public func transposed() throws(ShapeError) -> Tensor {
    guard rank >= 2 else { throw ShapeError("transpose", [shape], "needs at least two axes") }
    return try permuted(Array(0..<(rank - 2)) + [rank - 1, rank - 2])
  }

  /// A range of one axis of known size: [a, b] along axis 1 gives [a, range.count]. Subscripts take
  /// ranges of several axes, and count from the end.
  /// - Throws: `ShapeError` for a range that the axis does not hold, or a symbolic size.
  public func sliced(_ range: Range<Int>, axis: Int) throws(ShapeError) -> Tensor {
    let axis = try checkedAxis("slice", axis)
    guard let size = shape[axis].known else {
      throw ShapeError("slice", [shape], "axis \(axis) has a symbolic size")
    }
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw ShapeError("slice", [shape], "\(range) is outside axis \(axis)")
    }
    if range == 0..<size { return self }
    var target = shape
    target.dimensions[axis] = Dimension(range.count)
    if case .fill(let value) = node.primitive { return .full(target, value, dtype: dtype) }
    return try Tensor(
      .slice(axis: axis, start: range.lowerBound, count: range.count), [self], shape: target,
      dtype: dtype)
  }

  /// The entry `index` of one axis (negative: counted from the end), which is dropped: [a, b] along
  /// axis 1 gives [a].
  /// - Throws: `ShapeError` for an entry outside of the axis; if its size is symbolic,
  ///   `EvaluationError` when the graph runs.
  public func entry(_ index: Int, axis: Int) throws(ShapeError) -> Tensor {
    let axis = try checkedAxis("entry", axis)
    guard let size = shape[axis].known else {
      return try gathered(from: index, count: 1, axis: axis).squeezed(axis: axis)
    }
    let position = index < 0 ? index + size : index
    guard (0..<size).contains(position) else {
      throw ShapeError(
        "entry", [shape], "entry \(index) of axis \(axis) is outside -\(size) ..< \(size)")
    }
    return try sliced(position..<(position + 1), axis: axis).squeezed(axis: axis)
  }

  /// Zeros before and after the entries of one axis of known size: [a, b] along axis 1 gives
  /// [a, before + b + after].
  public func padded(before: Int = 0, after: Int = 0, axis: Int) throws(ShapeError) -> Tensor {
    let axis = try checkedAxis("pad", axis)
    guard before >= 0, after >= 0, let size = shape[axis].known else {
      throw ShapeError(
        "pad", [shape], "\(before) and \(after) must not be negative, axis \(axis) of known size")
    }
    if before == 0 && after == 0 { return self }
    var target = shape
    target.dimensions[axis] = Dimension(Size.sum(before, size, after) ?? .max)
    if case .fill(0) = node.primitive { return .zeros(target, dtype: dtype) }
    return try Tensor(
      .pad(axis: axis, before: before, after: after), [self], shape: target, dtype: dtype)
  }

  /// Tensors one after the other along `axis`; all other axes must agree.
  public static func concatenate(_ parts: [Tensor], axis: Int) throws(ShapeError) -> Tensor {
    guard let first = parts.first else {
      throw ShapeError("concatenate", [], "needs at least one tensor")
    }
    let axis = try first.checkedAxis("concatenate", axis)
    var size = 0
    for part in parts {
      guard part.rank == first.rank, part.dtype == first.dtype else {
        throw ShapeError(
          "concatenate", parts.map(\.shape), "all must have the same rank and element type")
      }
      for other in 0..<first.rank where other != axis && part.shape[other] != first.shape[other] {
        throw ShapeError(
          "concatenate", parts.map(\.shape), "axes other than \(axis) must have equal sizes")
      }
      if parts.count == 1 { return first }
      guard let known = part.shape[axis].known else {
        throw ShapeError("concatenate", parts.map(\.shape), "axis \(axis) has a symbolic size")
      }
      size = Size.sum(size, known) ?? .max
    }
    var shape = first.shape
    shape.dimensions[axis] = Dimension(size)
    return try Tensor(.concatenate(axis: axis), parts, shape: shape, dtype: first.dtype)
  }

  /// Tensors of one shape one after the other along a new axis: k of [a, b] at -1 give [a, b, k].
  public static func stack(_ parts: [Tensor], axis: Int = 0) throws(ShapeError) -> Tensor {
    var expanded: [Tensor] = []
    for part in parts { expanded.append(try part.expanded(at: axis)) }
    let rank = (parts.first?.rank ?? 0) + 1
    return try concatenate(expanded, axis: axis < 0 ? axis + rank : axis)
  }
}
