internal import E3xEngine

/// The pairs of dense and sparse lists, of all batches, as rows of one list: what layers work on,
/// so that every kind of list takes the same way.
struct PairRows {
  /// The number of rows R: of pairs of all batches.
  let count: Dimension
  /// The leading axes of the result: batches and destinations.
  let destinationAxes: Shape
  private let sources: Sources
  /// Of the rows' destinations: for reading their features, and for sums.
  private let destinations: FlatIndices
  private let segments: FlatIndices

  private enum Sources {
    /// Padding reads the last row of its batch.
    case lastRow(FlatIndices)
    /// Padding reads zeros.
    case zero(FlatIndices)
    /// Pairs that the mask [R] leaves out read zeros.
    case masked(FlatIndices, Tensor)
  }

  /// Pairs of a dense list [..., N, M]: the destinations are sorted, and none is padding. What is
  /// left out reads zeros.
  /// - Parameter size: the number of sources of a batch.
  /// - Parameter mask: bool, of the list's shape; nil: what is no padding counts.
  init(_ function: String, dense adjIdx: Tensor, size: Dimension, mask: Tensor?) throws {
    let list = adjIdx.shape
    count = list.elementCount
    destinationAxes = list.dropLast(axes: 1)
    let label = IndexLabel(function, "adj_idx", shape: list, size: size)
    let batchAxes = list.rank - 2
    let lists = try adjIdx.reshaped(
      to: list.dropLast(axes: 2) + Shape([list[list.rank - 2] * list[list.rank - 1]]))
    let indices = try FlatIndices(lists, batchAxes: batchAxes, size: size, label)
    sources =
      if let mask { .masked(indices, try mask.reshaped(to: [count])) } else { .zero(indices) }
    let rows = destinationAxes.elementCount
    let numbers = try Tensor.iota([rows, 1])
      .broadcast(to: [rows, list[list.rank - 1]]).reshaped(to: [count])
    destinations = FlatIndices(whole: numbers, label)
    segments = destinations
  }

  /// Pairs of sparse lists [..., P].
  /// - Parameter dstIdx: as the call has it; indices of features.
  /// - Parameter segmentIdx: as sums take it, with `segments` as padding.
  /// - Parameter destinationSize, sourceSize: the numbers of features of a batch.
  /// - Parameter limit: what errors say that an index of `segmentIdx` must be below.
  init(
    _ function: String, dstIdx: Tensor, segmentIdx: Tensor, srcIdx: Tensor,
    destinationSize: Dimension, sourceSize: Dimension, segments: Dimension, limit: Dimension
  ) throws {
    let list = srcIdx.shape
    count = list.elementCount
    let batchAxes = list.rank - 1
    destinationAxes = list.dropLast(axes: 1) + Shape([segments])
    func flat(_ indices: Tensor, _ name: String, _ size: Dimension, _ limit: Dimension) throws
      -> FlatIndices
    {
      try FlatIndices(
        indices, batchAxes: batchAxes, size: size,
        IndexLabel(function, name, shape: list, size: limit))
    }
    sources = .lastRow(try flat(srcIdx, "src_idx", sourceSize, sourceSize))
    destinations = try flat(dstIdx, "dst_idx", destinationSize, destinationSize)
    self.segments = try flat(segmentIdx, "dst_idx", segments, limit)
  }

  /// The sources of the pairs: [R, *] for features [sources of all batches, *].
  func source(_ features: Tensor) throws -> Tensor {
    switch sources {
    case .lastRow(let indices): return try indices.gather(features)
    case .zero(let indices):
      return try features.gathered(indices.sums, padding: .zero, indices.label)
    case .masked(let indices, let mask):
      let gathered = try indices.gather(features)
      let axes = [Dimension](repeating: 1, count: gathered.rank - 1)
      return try .select(mask.reshaped(to: Shape([count] + axes)), gathered, 0)
    }
  }

  /// The destinations of the pairs: [R, *] for features [destinations of all batches, *].
  func destination(_ features: Tensor) throws -> Tensor { try destinations.gather(features) }

  /// What is added up or compared over the pairs of a destination.
  var reduction: IndexedReduction {
    IndexedReduction(segments, count: destinationAxes.elementCount)
  }
}
