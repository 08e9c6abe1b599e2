// Operations between rows: gathering by an index list and its transpose, sums over segments.

extension Tensor {
  /// Rows chosen by an index list: result[p…] = self[indices[p…]], the transpose of
  /// ``segmentSum(_:count:)``.
  ///
  /// - Parameter indices: int32, any shape [P…]; 0 ..< N, or N itself for padding, which reads zeros.
  /// - Returns: [P…, …] for self [N, …].
  /// - Throws: `ShapeError` for a scalar, and for indices that are not int32.
  /// - Note: An index outside 0 … N is an error when the graph runs. Differentiable to any order.
  public func gathered(at indices: Tensor) throws(ShapeError) -> Tensor {
    try gathered(indices, padding: .zero)
  }

  /// Rows chosen by an index list: result[p…] = self[indices[p…]].
  ///
  /// - Parameter indices: int32, any shape [P…]; 0 ..< N, or N itself for padding.
  /// - Parameter padding: what a padding index reads: the last row (whose derivative it does not
  ///   get), as e3x, or zeros.
  /// - Parameter label: what errors call the list.
  /// - Returns: [P…, …] for self [N, …].
  /// - Note: An index outside 0 … N is an error when the graph runs.
  package func gathered(
    _ indices: Tensor, padding: GatherPadding = .lastRow, _ label: IndexLabel? = nil
  ) throws(ShapeError) -> Tensor {
    guard rank >= 1 else { throw ShapeError("gather", [shape], "needs at least one axis") }
    guard indices.dtype == .int32 else {
      throw ShapeError("gather", [shape, indices.shape], "the indices must be int32")
    }
    return try Tensor(
      .gather(padding: padding), [self, indices],
      shape: indices.shape + Shape(Array(shape[1...])), dtype: dtype, label: label)
  }

  /// Rows summed by an index list: result[n] = Σ self[p…] over all p with indices[p…] = n.
  ///
  /// - Parameter indices: int32, the shape of self's leading axes; 0 ..< count, or count itself for
  ///   padding, which is left out.
  /// - Returns: [count, …]
  /// - Throws: `ShapeError` for a count that is negative or that no memory holds, and for indices that
  ///   do not fit.
  /// - Note: An index outside 0 … count is an error when the graph runs.
  public func segmentSum(_ indices: Tensor, count: Dimension) throws(ShapeError) -> Tensor {
    try segmentSum(indices, count: count, padding: .zero, nil)
  }

  package func segmentSum(
    _ indices: Tensor, count: Dimension, padding: GatherPadding = .zero, _ label: IndexLabel?
  ) throws(ShapeError) -> Tensor {
    try Tensor(
      .segmentSum(padding: padding), [self, indices],
      shape: try segmentShape("segmentSum", indices, count), dtype: dtype, label: label)
  }

  /// Rows reduced to their maximum by an index list, as ``segmentSum(_:count:)``.
  /// - Parameter empty: the maximum of a segment without entries.
  /// - Returns: [count, …]
  public func segmentMax(
    _ indices: Tensor, count: Dimension, empty: Double = -.infinity
  ) throws(ShapeError) -> Tensor {
    try segmentMax(indices, count: count, empty: empty, nil)
  }

  package func segmentMax(
    _ indices: Tensor, count: Dimension, empty: Double, _ label: IndexLabel?
  ) throws(ShapeError) -> Tensor {
    try Tensor(
      .segmentMax(empty: dtype.nearest(empty)), [self, indices],
      shape: try segmentShape("segmentMax", indices, count), dtype: dtype, label: label)
  }

  private func segmentShape(
    _ operation: String, _ indices: Tensor, _ count: Dimension
  ) throws(ShapeError) -> Shape {
    guard indices.dtype == .int32 else {
      throw ShapeError(operation, [shape, indices.shape], "the indices must be int32")
    }
    guard rank >= indices.rank, Shape(Array(shape[..<indices.rank])) == indices.shape else {
      throw ShapeError(
        operation, [shape, indices.shape], "the leading axes must be those of the indices")
    }
    guard dtype != .bool else {
      throw ShapeError(operation, [shape], "not defined for bool elements")
    }
    return Shape([count] + shape[indices.rank...])
  }
}
