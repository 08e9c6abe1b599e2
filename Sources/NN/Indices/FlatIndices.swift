internal import E3xEngine

/// Index lists of several batches as one: those of batch b point to rows b · size … of the
/// flattened rows. What is out of range stays so, as an ``IndexLabel`` has it, and points into no other
/// batch.
struct FlatIndices: Sendable {
  /// Padding (an index equal to the size) points behind all rows: for sums, which leave it out.
  let sums: Tensor
  /// Padding points to the last row of its own batch; nil if there is one batch, whose last row is
  /// the last of all.
  private let rows: Tensor?
  /// What errors call the list.
  let label: IndexLabel

  /// - Parameter indices: [..., P] or [..., N, M], of which `batchAxes` axes are batches.
  /// - Parameter size: the number of rows of each batch.
  init(
    _ indices: Tensor, batchAxes: Int, size: Dimension, _ label: IndexLabel
  ) throws {
    self.label = label
    let batch = indices.shape[..<batchAxes].reduce(1, *)
    if batchAxes == 0 {
      (sums, rows) = (indices, nil)
      return
    }
    let flat = try indices.flattened(before: batchAxes)
    if batch == 1 {
      (sums, rows) = (try flat.squeezed(axis: 0), nil)
      return
    }
    let axes = Shape([batch] + [Dimension](repeating: 1, count: flat.rank - 1))
    if let rows = (batch * size).known, rows > countLimit {
      throw ArgumentError(
        label.function, label.argument,
        "\(batch) batches of \(size) rows are more than int32 indices can tell apart")
    }
    let count = Tensor.size(size)
    let offset = try Tensor.iota(axes) * count
    let isNegative = try flat.isLess(than: 0)
    let isInside = try flat.isLess(than: count)
    let behind = try shifted(flat, from: count, to: Tensor.size(batch * size))
    let list = Shape([flat.shape[0] * flat.shape[1]] + flat.shape[2...])
    let all = try Tensor.select(isNegative, flat, .select(isInside, flat + offset, behind))
    sums = try all.reshaped(to: list)
    rows = try Tensor.select(flat.isEqual(to: count), offset + count - 1, all).reshaped(to: list)
  }

  /// A list that points to all rows of all batches, without padding.
  init(whole list: Tensor, _ label: IndexLabel) {
    (sums, rows, self.label) = (list, nil, label)
  }

  /// The rows of the flattened batches that the lists point to. Padding reads the last row of its
  /// batch; no derivative flows back from it, and the derivative of that reads the last row again.
  func gather(_ flattened: Tensor) throws(ShapeError) -> Tensor {
    guard let rows else { return try flattened.gathered(sums, label) }
    let count = flattened.shape[0]
    return try flattened.gathered(rows, label).withDerivative(to: [flattened]) {
      cotangent throws(ShapeError) in
      [try transpose(cotangent, count)]
    }
  }

  private func transpose(_ gathered: Tensor, _ count: Dimension) throws(ShapeError) -> Tensor {
    try gathered.segmentSum(sums, count: count, label).withDerivative(to: [gathered]) {
      cotangent throws(ShapeError) in
      [try gather(cotangent)]
    }
  }
}
