internal import E3xEngine

/// The pairs of message passing and attention, checked with the features that they belong to, with
/// e3x's defaults filled in.
struct PairArguments {
  /// The pairs as rows.
  let rows: PairRows
  /// [R]: true where a pair is no padding.
  let isPair: Tensor
  /// [R]: true where a sum over the pairs of each destination counts the pair: of a sparse list
  /// also where only the source is padding, which reads the last row, as in e3x.
  let isSummed: Tensor
  /// The axes of the pairs in the arguments.
  let pairs: Shape

  /// - Parameter given: the pairs, checked here as far as they were not before.
  /// - Parameter destinations, sources: features [..., N, P, (L+1)², F], checked already.
  /// - Parameter readsDestinations: whether the features of destinations are read, as queries are:
  ///   then a dense list must have N rows, and an index N of a sparse list is padding. Otherwise
  ///   the destinations are the segments, which may be more than N.
  init(
    _ function: String, _ given: Pairs, destinations: Tensor, destinationName: String,
    sources: Tensor, sourceName: String, readsDestinations: Bool
  ) throws {
    for (features, name) in [(destinations, destinationName), (sources, sourceName)]
    where features.rank < 4 {
      throw ArgumentError(
        function, name,
        "expected an axis of atoms before parity, degree and features, received \(features.shape)")
    }
    let kind = try given.kind(function)
    let batch = destinations.shape.dropLast(axes: 4)
    let count = destinations.shape[destinations.rank - 4]
    let sourceCount = sources.shape[sources.rank - 4]
    switch kind {
    case .dense(let adjIdx):
      guard adjIdx.shape.dropLast(axes: 2) == batch else {
        throw ArgumentError(
          function, "adj_idx",
          "expected the leading axes of \(destinationName), \(batch), received \(adjIdx.shape)")
      }
      guard !readsDestinations || adjIdx.shape[adjIdx.rank - 2] == count else {
        throw ArgumentError(
          function, "adj_idx",
          "expected a row for each of \(destinationName), \(batch + Shape([count])), received "
            + "shape \(adjIdx.shape)")
      }
      try given.checkMask(function, adjIdx)
      let inside = try adjIdx.isLess(than: Tensor.size(sourceCount))
      pairs = adjIdx.shape
      rows = try PairRows(function, dense: adjIdx, size: sourceCount, mask: given.mask)
      isPair = try (given.mask ?? inside).flattened(before: pairs.rank)
      isSummed = isPair
    case .sparse(let dstIdx, let srcIdx):
      guard srcIdx.shape.dropLast(axes: 1) == batch else {
        throw ArgumentError(
          function, "src_idx",
          "expected the leading axes of \(sourceName), \(batch), received shape \(srcIdx.shape)")
      }
      if let numSegments = given.numSegments {
        try checkSegments(
          function, numSegments, batch: batch,
          each: Shape(Array(sources.shape[(sources.rank - 3)...])), sources.dtype)
      }
      let segments = given.numSegments ?? count
      let last = Tensor.size(segments)
      var limit = count
      var segmentIdx = dstIdx
      if segments != count {
        // Padding points behind the destinations, wherever the segments end; what lies between the
        // segments and the atoms is left out.
        var rows = Tensor.size(count)
        if !readsDestinations {
          rows = try Tensor.maximum(rows, last)
          if count.known.map({ $0 < segments.known ?? .max }) ?? true { limit = segments }
        }
        segmentIdx = try .select(
          dstIdx.isLess(than: rows), Tensor.minimum(dstIdx, last),
          shifted(dstIdx, from: rows, to: last))
      }
      pairs = srcIdx.shape
      rows = try PairRows(
        function, dstIdx: dstIdx, segmentIdx: segmentIdx, srcIdx: srcIdx, destinationSize: count,
        sourceSize: sourceCount, segments: segments, limit: limit)
      let isSummed = try segmentIdx.isLess(than: last)
      let isPair = try isSummed.and(srcIdx.isLess(than: Tensor.size(sourceCount)))
      self.isSummed = try isSummed.flattened(before: pairs.rank)
      self.isPair = try isPair.flattened(before: pairs.rank)
    }
  }

  /// `numbers` [R or 1, *, *, *], 0 where `chosen` is false: padding may carry any numbers,
  /// infinite ones too.
  func masked(_ numbers: Tensor, where chosen: Tensor) throws -> Tensor {
    try .select(chosen.reshaped(to: [rows.count, 1, 1, 1]), numbers, 0)
  }

  /// The basis of the pairs as rows, checked and masked.
  func basis(_ function: String, _ basis: PairBasis, where chosen: Tensor) throws -> PairBasis {
    let shape = try FeatureShape(basis.array, function: function, argument: "basis")
    guard shape.batch == pairs else {
      throw ArgumentError(
        function, "basis",
        "leading axes must be those of the pairs, \(pairs), received \(basis.array.shape)")
    }
    return try basis.rows(pairs.rank, where: chosen)
  }

  /// The features of all batches as rows.
  func flat(_ features: Tensor) throws -> Tensor {
    try features.flattened(before: features.rank - 3)
  }

  /// What rows of destinations [N of all batches, *] are in the result.
  func unflattened(_ result: Tensor) throws -> Tensor {
    try result.reshaped(to: rows.destinationAxes + Shape(Array(result.shape.dropFirst())))
  }
}
