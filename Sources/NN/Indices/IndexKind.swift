internal import E3xEngine

/// The pairs that an operation works on: given as a dense or as a sparse list.
enum IndexKind {
  /// [..., N, M]: M sources of each of N destinations.
  case dense(Tensor)
  case sparse

  /// Decides which kind was given. Matches e3x's rule: exactly one.
  init(
    _ function: String, adjIdx: Tensor?, dstIdx: Tensor?, srcIdx: Tensor? = nil
  ) throws(ArgumentError) {
    for (index, name) in [(adjIdx, "adj_idx"), (dstIdx, "dst_idx"), (srcIdx, "src_idx")] {
      guard let index else { continue }
      guard index.dtype == .int32 else {
        throw ArgumentError(function, name, "expected int32 elements, received \(index.dtype)")
      }
      guard index.rank >= 1 else {
        throw ArgumentError(function, name, "expected at least one axis, received a scalar")
      }
    }
    let sparse = dstIdx != nil || srcIdx != nil
    switch (adjIdx, sparse) {
    case (nil, false):
      throw ArgumentError(
        function, "adj_idx",
        "either dense indices (adj_idx) or sparse indices (dst_idx and src_idx) must be given, "
          + "received neither")
    case (.some, true):
      throw ArgumentError(
        function, "adj_idx",
        "dense indices (adj_idx) and sparse indices (dst_idx, src_idx) exclude each other, "
          + "received both")
    case (let adjIdx?, false):
      guard adjIdx.rank >= 2 else {
        throw ArgumentError(
          function, "adj_idx", "expected at least two axes [..., N, M], received \(adjIdx.shape)")
      }
      self = .dense(adjIdx)
    case (nil, true):
      if let dstIdx, let srcIdx, dstIdx.shape != srcIdx.shape {
        throw ArgumentError(
          function, "src_idx",
          "expected the shape of dst_idx, \(dstIdx.shape), received \(srcIdx.shape)")
      }
      self = .sparse
    }
  }
}
