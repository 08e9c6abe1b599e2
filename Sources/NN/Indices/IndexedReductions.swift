public import E3xEngine

/// Sums over the pairs of each destination. Matches `e3x.ops.indexed_sum`.
///
/// - Parameter inputs: [..., N, M, *] for dense, [..., P, *] for sparse lists
/// - Parameter keepDims: gives the result the axes of `inputs` again: size 1 for dense lists, the
///   sums gathered by `dstIdx` for sparse ones.
/// - Parameter where: bool [..., N, M], which entries of a dense list count; required for it
/// - Parameter numSegments: the number of destinations of a sparse list; required for it
/// - Parameter indicesAreSorted: accepted for e3x's sake; sorted lists are recognised.
/// - Returns: [..., N, *] or [..., numSegments, *]
/// - Throws: `ArgumentError`; `EvaluationError` when the graph runs, naming `dst_idx` and the
///   position of an index that is negative or above `numSegments` (equal to it is padding). The
///   indices of a dense list are not read, only the mask is.
public func indexedSum(
  _ inputs: Tensor, keepDims: Bool = false, adjIdx: Tensor? = nil, where mask: Tensor? = nil,
  dstIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
) throws -> Tensor {
  try IndexedReduction(
    "indexed_sum", inputs, adjIdx: adjIdx, mask: mask, dstIdx: dstIdx, numSegments: numSegments
  ).sum(inputs, keepDims: keepDims)
}

/// The maximum over the pairs of each destination; parameters as of `indexedSum`. Without pairs
/// it is -∞ for sparse lists and the lowest finite number for dense ones. Ties share the
/// derivative. Matches `e3x.ops.indexed_max`.
/// - Throws: As ``indexedSum(_:keepDims:adjIdx:where:dstIdx:numSegments:indicesAreSorted:)``.
public func indexedMax(
  _ inputs: Tensor, keepDims: Bool = false, adjIdx: Tensor? = nil, where mask: Tensor? = nil,
  dstIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
) throws -> Tensor {
  try IndexedReduction(
    "indexed_max", inputs, adjIdx: adjIdx, mask: mask, dstIdx: dstIdx, numSegments: numSegments
  ).max(inputs, keepDims: keepDims)
}

/// The minimum over the pairs of each destination, as `indexedMax`. Matches
/// `e3x.ops.indexed_min`.
/// - Throws: As ``indexedSum(_:keepDims:adjIdx:where:dstIdx:numSegments:indicesAreSorted:)``.
public func indexedMin(
  _ inputs: Tensor, keepDims: Bool = false, adjIdx: Tensor? = nil, where mask: Tensor? = nil,
  dstIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
) throws -> Tensor {
  try IndexedReduction(
    "indexed_min", inputs, adjIdx: adjIdx, mask: mask, dstIdx: dstIdx, numSegments: numSegments
  ).min(inputs, keepDims: keepDims)
}

/// The softmax over the pairs of each destination; parameters as of `indexedSum`. Matches
/// `e3x.ops.indexed_softmax`; a destination without pairs, or with a mask of zeros only, gives
/// finite values and derivatives.
///
/// - Parameter inputs: [..., N, M] or [..., P], floating-point; more axes may follow.
/// - Parameter multiplicativeMask: of the shape of `inputs`; multiplies the exponentials before
///   they are normalised.
/// - Returns: The shape of `inputs`: weights that add up to 1 over the pairs of a destination.
/// - Throws: `ArgumentError` as `indexedSum`, also naming `multiplicative_mask`.
public func indexedSoftmax(
  _ inputs: Tensor, multiplicativeMask: Tensor? = nil, adjIdx: Tensor? = nil,
  where mask: Tensor? = nil, dstIdx: Tensor? = nil, numSegments: Dimension? = nil,
  indicesAreSorted: Bool = false
) throws -> Tensor {
  let function = "indexed_softmax"
  guard inputs.dtype.isFloatingPoint else {
    throw ArgumentError(
      function, "inputs", "expected floating-point elements, received \(inputs.dtype)")
  }
  if let multiplicativeMask, multiplicativeMask.shape != inputs.shape {
    throw ArgumentError(
      function, "multiplicative_mask",
      "expected the shape of inputs, \(inputs.shape), received \(multiplicativeMask.shape)")
  }
  return try IndexedReduction(
    function, inputs, adjIdx: adjIdx, mask: mask, dstIdx: dstIdx, numSegments: numSegments
  ).softmax(inputs, multiplicativeMask: multiplicativeMask)
}

/// Refuses numbers of segments that indices cannot tell apart, or whose results no memory holds.
/// - Parameter each: the shape of the result of a segment.
func checkSegments(
  _ function: String, _ numSegments: Dimension, batch: Shape, each: Shape, _ dtype: DType
) throws(ArgumentError) {
  guard let count = numSegments.known else { return }
  try checkCount(function, "num_segments", count, from: 0)
  guard let leading = batch.known, let trailing = each.known else { return }
  try checkMemory(
    function, "num_segments", received: count, leading + [count] + trailing,
    bytesEach: dtype.byteCount)
}

/// A reduction over the pairs of each destination, its arguments checked.
struct IndexedReduction {
  private enum List {
    /// The mask, and the axis of the pairs.
    case dense(mask: Tensor, axis: Int)
    /// Flattened indices, the leading axes, and the number of segments of each batch.
    case sparse(indices: FlatIndices, batch: Shape, segments: Dimension)
  }
  private let list: List

  init(
    _ function: String, _ inputs: Tensor, adjIdx: Tensor?, mask: Tensor?, dstIdx: Tensor?,
    numSegments: Dimension?
  ) throws {
    let kind = try IndexKind(function, adjIdx: adjIdx, dstIdx: dstIdx)
    guard inputs.dtype != .bool else {
      throw ArgumentError(function, "inputs", "expected numbers, received bool elements")
    }
    func check(_ index: Tensor, _ name: String) throws(ArgumentError) {
      guard inputs.rank >= index.rank,
        inputs.shape[..<index.rank].elementsEqual(index.shape)
      else {
        throw ArgumentError(
          function, "inputs",
          "expected to begin with the axes of \(name), \(index.shape), received \(inputs.shape)")
      }
    }
    switch kind {
    case .dense(let adjIdx):
      guard let mask else {
        throw ArgumentError(function, "where", "is required for dense indices, received none")
      }
      try check(adjIdx, "adj_idx")
      guard mask.dtype == .bool, mask.shape == adjIdx.shape else {
        throw ArgumentError(
          function, "where",
          "expected bool elements of the shape of adj_idx, \(adjIdx.shape), received "
            + "\(mask.dtype) \(mask.shape)")
      }
      list = .dense(mask: mask, axis: adjIdx.rank - 1)
    case .sparse:
      let dstIdx = dstIdx!
      guard let numSegments else {
        throw ArgumentError(
          function, "num_segments", "is required for sparse indices, received none")
      }
      try check(dstIdx, "dst_idx")
      try checkSegments(
        function, numSegments, batch: dstIdx.shape.dropLast(axes: 1),
        each: Shape(Array(inputs.shape[dstIdx.rank...])), inputs.dtype)
      list = .sparse(
        indices: try FlatIndices(
          dstIdx, batchAxes: dstIdx.rank - 1, size: numSegments,
          IndexLabel(function, "dst_idx", shape: dstIdx.shape, size: numSegments)),
        batch: dstIdx.shape.dropLast(axes: 1), segments: numSegments)
    }
  }

  /// Rows of pairs by one list.
  /// - Parameter count: the number of segments.
  init(_ indices: FlatIndices, count: Dimension) {
    list = .sparse(indices: indices, batch: [], segments: count)
  }

  func sum(_ inputs: Tensor, keepDims: Bool) throws -> Tensor {
    switch list {
    case .dense(let mask, let axis):
      return try Tensor.select(fitted(mask, to: inputs), inputs, 0)
        .sum([axis], keepDimensions: keepDims)
    case .sparse(let indices, let batch, let segments):
      let sums = try flattened(inputs, batch)
        .segmentSum(indices.sums, count: rows(batch, segments), indices.label)
      return try unflattened(sums, inputs, keepDims)
    }
  }

  func max(_ inputs: Tensor, keepDims: Bool) throws -> Tensor {
    switch list {
    case .dense(let mask, let axis):
      let lowest = inputs.dtype == .int32 ? Double(Int32.min) : -inputs.dtype.greatest
      let floor = Tensor(lowest, dtype: inputs.dtype)
      return try Tensor.maximum(
        Tensor.select(fitted(mask, to: inputs), inputs, floor)
          .max([axis], keepDimensions: keepDims), floor)
    case .sparse(let indices, let batch, let segments):
      let lowest = inputs.dtype == .int32 ? Double(Int32.min) : -.infinity
      let maxima = try flattened(inputs, batch)
        .segmentMax(indices.sums, count: rows(batch, segments), empty: lowest, indices.label)
      return try unflattened(maxima, inputs, keepDims)
    }
  }

  func min(_ inputs: Tensor, keepDims: Bool) throws -> Tensor {
    // -(x + 1) of integers would avoid the overflow of -Int32.min; nobody indexes with those.
    try -max(-inputs, keepDims: keepDims)
  }

  /// - Parameter multiplicativeMask: broadcasts to the inputs.
  /// - Parameter isEntry: broadcasts to the inputs; where it is false the result is 0.
  /// - Parameter attendsToNothing: adds 1 (the exponential of logit 0) to every denominator.
  func softmax(
    _ inputs: Tensor, multiplicativeMask: Tensor?, isEntry: Tensor? = nil,
    attendsToNothing: Bool = false
  ) throws -> Tensor {
    // Subtracted before the exponential and divided out again: no derivative.
    var entries = inputs.stoppingGradient()
    if let isEntry { entries = try .select(isEntry, entries, -inputs.dtype.greatest) }
    let highest = try max(entries, keepDims: true)
    var shift = try Tensor.select(
      highest.isGreater(than: -inputs.dtype.greatest), highest, 0)
    if attendsToNothing { shift = try Tensor.maximum(shift, 0) }
    var exponent = try inputs - shift
    // What padding reads belongs to no segment: its exponential might overflow.
    if let isEntry { exponent = try .select(isEntry, exponent, -.infinity) }
    var numerator = try exponent.exp()
    if let multiplicativeMask { numerator = try numerator * multiplicativeMask }
    var denominator = try sum(numerator, keepDims: true)
    if attendsToNothing { denominator = try denominator + (-shift).exp() }
    let some = try denominator.isGreater(than: 0)
    return try .select(some, numerator / Tensor.select(some, denominator, 1), 0)
  }

  // MARK: Shapes

  private func fitted(_ mask: Tensor, to inputs: Tensor) throws -> Tensor {
    try mask.reshaped(
      to: mask.shape + Shape([Dimension](repeating: 1, count: inputs.rank - mask.rank)))
  }

  private func rows(_ batch: Shape, _ segments: Dimension) -> Dimension {
    batch.elementCount * segments
  }

  private func flattened(_ inputs: Tensor, _ batch: Shape) throws -> Tensor {
    batch.rank == 0 ? inputs : try inputs.flattened(before: batch.rank + 1)
  }

  private func unflattened(
    _ result: Tensor, _ inputs: Tensor, _ keepDims: Bool
  ) throws -> Tensor {
    guard case .sparse(let indices, let batch, let segments) = list else {
      return result
    }
    if keepDims {
      return try indices.gather(result).reshaped(to: inputs.shape)
    }
    return try result.reshaped(
      to: batch + Shape([segments]) + Shape(Array(inputs.shape[(batch.rank + 1)...])))
  }
}
