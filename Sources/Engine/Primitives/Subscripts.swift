// Entries and ranges of axes, with NumPy's meaning.

/// What a subscript of a tensor takes of one axis: an integer, a range, or `.newAxis`.
public protocol TensorIndex: Sendable {
  /// What is taken.
  var axisIndex: AxisIndex { get }
}

/// What a subscript of a tensor takes of one axis.
public enum AxisIndex: TensorIndex, Hashable {
  /// One entry, and the axis is dropped; negative ones count from the end.
  case entry(Int)
  /// The entries from a position up to another, which is left out; negative ones count from the end,
  /// nil is the beginning or the end.
  case entries(from: Int?, to: Int?)
  /// An axis of size 1 that was not there.
  case inserted

  /// Itself.
  public var axisIndex: AxisIndex { self }
}

extension TensorIndex where Self == AxisIndex {
  /// The entries from a position up to another, which is left out; both may be negative and count
  /// from the end then: `x[.range(from: 1, to: -1)]`, where Swift has no range `1..<(-1)`.
  public static func range(from start: Int? = nil, to end: Int? = nil) -> AxisIndex {
    .entries(from: start, to: end)
  }
  /// An axis of size 1 that was not there.
  public static var newAxis: AxisIndex { .inserted }
}

extension Int: TensorIndex {
  /// One entry.
  public var axisIndex: AxisIndex { .entry(self) }
}
extension Range<Int>: TensorIndex {
  /// The entries from the lower bound up to the upper one, which is left out.
  public var axisIndex: AxisIndex { .entries(from: lowerBound, to: upperBound) }
}
extension ClosedRange<Int>: TensorIndex {
  /// The entries from the lower bound up to the upper one.
  public var axisIndex: AxisIndex { .entries(from: lowerBound, to: upperBound.following) }
}
extension PartialRangeFrom<Int>: TensorIndex {
  /// The entries from the lower bound on.
  public var axisIndex: AxisIndex { .entries(from: lowerBound, to: nil) }
}
extension PartialRangeUpTo<Int>: TensorIndex {
  /// The entries up to the upper bound, which is left out.
  public var axisIndex: AxisIndex { .entries(from: nil, to: upperBound) }
}
extension PartialRangeThrough<Int>: TensorIndex {
  /// The entries up to the upper bound.
  public var axisIndex: AxisIndex { .entries(from: nil, to: upperBound.following) }
}

extension Int {
  /// The end of a range through this entry: nil behind the last one, which is -1.
  fileprivate var following: Int? { self == -1 || self == .max ? nil : self + 1 }
}

extension Tensor {
  /// Entries and ranges of the leading axes, as NumPy takes them; what is left out is taken whole.
  ///
  ///     x[0]             // the first entry: [a, b] gives [b]
  ///     x[-1, 2]         // negative ones count from the end
  ///     x[1..<4]         // a range; the axis stays
  ///     x[-2...]         // the last two
  ///     x[..., 0]        // `...` stands for all axes between
  ///     x[.range(from: 1, to: -1), .newAxis]
  ///
  /// An entry outside of the axis is an error; ranges are cut to the axis, and may be empty.
  ///
  /// Along an axis whose size is symbolic, an entry is looked up when the function runs. A range of
  /// it must have a number of entries that does not depend on its size (`0..<3`, `-3...`,
  /// `-3..<(-1)`) or take all of them (`0...`). What lies outside of the axis then is an error of
  /// the run, for ranges too.
  /// - Throws: `ShapeError` for more indices than axes, for an entry outside of its axis, or for a
  ///   range of an axis of symbolic size that has no size of its own.
  /// - Note: Differentiable to any order.
  public subscript(indices: any TensorIndex...) -> Tensor {
    get throws(ShapeError) { try taking(indices.map(\.axisIndex), nil) }
  }

  /// `x[..., i]`: the indices are those of the last axes.
  /// - Throws: As the subscript without `...`.
  public subscript(rest: UnboundedRange, last: any TensorIndex...) -> Tensor {
    get throws(ShapeError) { try taking([], last.map(\.axisIndex)) }
  }

  /// `x[i, ..., j]`: all axes between are taken whole.
  /// - Throws: As the subscript without `...`.
  public subscript(
    first: any TensorIndex, rest: UnboundedRange, last: any TensorIndex...
  ) -> Tensor {
    get throws(ShapeError) { try taking([first.axisIndex], last.map(\.axisIndex)) }
  }

  /// `x[i, j, ..., k]`: all axes between are taken whole.
  /// - Throws: As the subscript without `...`.
  public subscript(
    first: any TensorIndex, second: any TensorIndex, rest: UnboundedRange,
    last: any TensorIndex...
  ) -> Tensor {
    get throws(ShapeError) {
      try taking([first.axisIndex, second.axisIndex], last.map(\.axisIndex))
    }
  }

  /// `x[i, j, k, ..., l]`: all axes between are taken whole.
  /// - Throws: As the subscript without `...`.
  public subscript(
    first: any TensorIndex, second: any TensorIndex, third: any TensorIndex, rest: UnboundedRange,
    last: any TensorIndex...
  ) -> Tensor {
    get throws(ShapeError) {
      try taking(
        [first.axisIndex, second.axisIndex, third.axisIndex], last.map(\.axisIndex))
    }
  }

  /// The entries and ranges of the first axes, and of the last ones where there is an ellipsis.
  package func taking(
    _ first: [AxisIndex], _ last: [AxisIndex]?
  ) throws(ShapeError) -> Tensor {
    let used = (first + (last ?? [])).count { $0 != .inserted }
    guard used <= rank else {
      throw ShapeError("subscript", [shape], "\(used) indices for \(rank) axes")
    }
    var result = self
    var axis = 0
    for index in first { result = try result.taking(index, at: &axis) }
    guard let last else { return result }
    axis = result.rank - last.count { $0 != .inserted }
    for index in last { result = try result.taking(index, at: &axis) }
    return result
  }

  /// - Parameter axis: that of the index; moved on to that of the next one.
  private func taking(_ index: AxisIndex, at axis: inout Int) throws(ShapeError) -> Tensor {
    switch index {
    case .entry(let entry): return try self.entry(entry, axis: axis)
    case .entries(let start, let end):
      defer { axis += 1 }
      return try taking(from: start ?? 0, to: end, axis: axis)
    case .inserted:
      defer { axis += 1 }
      return try expanded(at: axis)
    }
  }

  private func taking(from start: Int, to end: Int?, axis: Int) throws(ShapeError) -> Tensor {
    if start == 0, end == nil { return self }
    if let size = shape[axis].known {
      func cut(_ position: Int) -> Int {
        Swift.min(Swift.max(position < 0 ? position + size : position, 0), size)
      }
      let first = cut(start)
      return try sliced(first..<Swift.max(first, end.map(cut) ?? size), axis: axis)
    }
    // Counted from the same end, both have a distance that the size does not change.
    guard (start < 0) == (end.map { $0 < 0 } ?? true) else {
      throw ShapeError(
        "subscript", [shape],
        "the entries from \(start) to \(end.map(String.init) ?? "the end") of axis \(axis), "
          + "whose size is symbolic, have no number of their own")
    }
    let (count, overflow) = (end ?? 0).subtractingReportingOverflow(start)
    return try gathered(from: start, count: overflow ? .max : Swift.max(count, 0), axis: axis)
  }

  /// Entries of an axis of symbolic size, from a position on that is counted from its end if it is
  /// negative.
  func gathered(from start: Int, count: Int, axis: Int) throws(ShapeError) -> Tensor {
    guard let first = Int32(exactly: start), let count = Int32(exactly: count) else {
      throw ShapeError(
        "subscript", [shape], "\(start) is no position on axis \(axis), which int32 indices count")
    }
    var indices = try Tensor.iota([Dimension(Int(count))]) + Double(first)
    if start < 0 { indices = try indices + Tensor.size(shape[axis]) }
    let label = IndexLabel(
      "subscript", "axis \(axis)", shape: indices.shape, size: shape[axis])
    var order = Array(shape.indices)
    order.insert(order.remove(at: axis), at: 0)
    let back = order.indices.map { order.firstIndex(of: $0)! }
    return try permuted(order).gathered(indices, padding: .refused, label).permuted(back)
  }
}
