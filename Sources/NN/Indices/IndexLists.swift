public import E3xEngine
internal import E3xLimits

/// Indices from the limit `from` on as such from the limit `to` on, without overflow.
func shifted(_ indices: Tensor, from: Tensor, to: Tensor) throws -> Tensor {
  let room = try Tensor(DType.int32.greatest, dtype: .int32) - to
  return try to + Tensor.minimum(indices - from, room)
}

/// A dense list of all pairs of `num` elements: int32 [num, num - 1], or [num, num] with
/// `maskSelf` false. Matches `e3x.ops.dense_pairwise_indices`.
/// - Throws: `ArgumentError` naming `num` unless it is in 1 ... 11585.
public func densePairwiseIndices(_ num: Int, maskSelf: Bool = true) throws -> Tensor {
  try checkPairs("dense_pairwise_indices", num)
  let rows = (0..<num).flatMap { i in
    (0..<num).filter { !maskSelf || $0 != i }.map { Int32($0) }
  }
  return try Tensor(rows, shape: [num, maskSelf ? num - 1 : num])
}

/// A sparse list of all pairs of `num` elements: int32 [num (num - 1)] each, or [num²] with
/// `maskSelf` false. Matches `e3x.ops.sparse_pairwise_indices`.
/// - Throws: `ArgumentError` naming `num` unless it is in 1 ... 11585.
public func sparsePairwiseIndices(
  _ num: Int, maskSelf: Bool = true
) throws -> (dstIdx: Tensor, srcIdx: Tensor) {
  try checkPairs("sparse_pairwise_indices", num)
  let pairs = (0..<num).flatMap { i in
    (0..<num).filter { !maskSelf || $0 != i }.map { (Int32(i), Int32($0)) }
  }
  return (Tensor(pairs.map(\.0)), Tensor(pairs.map(\.1)))
}

/// The most indices that a list made here has: those of all pairs of 11,585 elements, 0.5 GB.
private let longestList = 1 << 27

/// Refuses numbers of elements that have too many pairs.
private func checkPairs(_ function: String, _ num: Int) throws(ArgumentError) {
  try checkCount(function, "num", num)
  try checkLength(function, "num", received: num, [num, num])
}

/// Refuses lists of these extents if they are too long.
private func checkLength(
  _ function: String, _ argument: String, received: some Any, _ extents: [Int]
) throws(ArgumentError) {
  if let length = Size.product(extents), length <= longestList { return }
  let bytes = extents.reduce(4.0) { $0 * Double($1) }
  throw ArgumentError(
    function, argument,
    "\(received) makes a list of \(Size.text(bytes: bytes)), more than the "
      + "\(Size.text(bytes: 4 * Double(longestList))) that are allowed")
}

/// Converts a dense index list to a sparse one. Matches `e3x.ops.dense_to_sparse_indices`.
///
/// - Parameter adjIdx: int32 [..., N, M]
/// - Parameter padIdx: indices from it on are padding and left out; nil: none is.
/// - Returns: int32 [..., P] each; lists of different lengths are filled up with `padIdx`.
/// - Throws: `ArgumentError` naming `adj_idx` and the position of an index that is negative, or
///   `pad_idx`.
public func denseToSparseIndices(
  _ adjIdx: Tensor, padIdx: Int? = nil
) throws -> (dstIdx: Tensor, srcIdx: Tensor) {
  let function = "dense_to_sparse_indices"
  guard adjIdx.dtype == .int32, adjIdx.rank >= 2, let shape = adjIdx.shape.known else {
    throw ArgumentError(
      function, "adj_idx", "expected int32 [..., N, M] of known size, received \(adjIdx.shape)")
  }
  let values: [Int32] = try adjIdx.scalars()
  try checkIndices(function, "adj_idx", values, shape, padIdx: padIdx)
  let batchShape = Array(shape.dropLast(2))
  let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
  if values.isEmpty {
    let empty = try Tensor([Int32](), shape: batchShape + [0])
    return (empty, empty)
  }
  let pad = padIdx.map { Int32($0) } ?? values.max()! + 1
  let lists = (0..<batchShape.reduce(1, *)).map { batch in
    (0..<rows * columns).compactMap { entry -> (Int32, Int32)? in
      let source = values[batch * rows * columns + entry]
      return source < pad ? (Int32(entry / columns), source) : nil
    }
  }
  let length = lists.map(\.count).max()!
  func list(_ part: ((Int32, Int32)) -> Int32) throws -> Tensor {
    try Tensor(
      lists.flatMap { $0.map(part) + [Int32](repeating: pad, count: length - $0.count) },
      shape: batchShape + [length])
  }
  return (try list { $0.0 }, try list { $0.1 })
}

/// Converts a sparse index list to a dense one. Matches `e3x.ops.sparse_to_dense_indices`, but
/// leaves no entry out.
///
/// - Parameter dstIdx, srcIdx: int32 [..., P] each
/// - Parameter padIdx: the number of destinations; pairs of a destination from it on are padding.
///   nil: one more than the largest destination.
/// - Returns: int32 [..., N, M], filled up with `padIdx`.
/// - Throws: `ArgumentError` naming `dst_idx` or `src_idx` and the position of an index that is
///   negative, or `pad_idx`; and for a list of more than 2^27 indices (0.5 GB).
public func sparseToDenseIndices(
  dstIdx: Tensor, srcIdx: Tensor, padIdx: Int? = nil
) throws -> Tensor {
  let function = "sparse_to_dense_indices"
  guard dstIdx.shape == srcIdx.shape else {
    throw ArgumentError(
      function, "src_idx",
      "expected the shape of dst_idx, \(dstIdx.shape), received \(srcIdx.shape)")
  }
  for (index, name) in [(dstIdx, "dst_idx"), (srcIdx, "src_idx")] {
    guard index.dtype == .int32, index.rank >= 1, index.shape.known != nil else {
      throw ArgumentError(
        function, name, "expected int32 [..., P] of known size, received \(index.shape)")
    }
  }
  let shape = dstIdx.shape.known!
  let (destinations, sources): ([Int32], [Int32]) = (try dstIdx.scalars(), try srcIdx.scalars())
  let batchShape = Array(shape.dropLast())
  try checkIndices(function, "dst_idx", destinations, shape, padIdx: padIdx)
  try checkIndices(function, "src_idx", sources, shape, padIdx: padIdx)
  if destinations.isEmpty { return try Tensor([Int32](), shape: batchShape + [0, 0]) }
  let count = padIdx ?? Int(destinations.max()!) + 1
  let length = shape[shape.count - 1]
  func refuse(width: Int) throws(ArgumentError) {
    try checkLength(
      function, padIdx == nil ? "dst_idx" : "pad_idx", received: "a destination below \(count)",
      batchShape + [count, width])
  }
  try refuse(width: 1)
  let rows = batchShape.reduce(1, *) * count
  func row(_ pair: Int) -> Int { pair / length * count + Int(destinations[pair]) }
  var filled = [Int32](repeating: 0, count: rows)
  for pair in destinations.indices where destinations[pair] < count { filled[row(pair)] += 1 }
  let width = Int(filled.max() ?? 0)
  try refuse(width: width)
  var list = [Int32](repeating: Int32(count), count: rows * width)
  for row in filled.indices { filled[row] = 0 }
  for pair in destinations.indices where destinations[pair] < count {
    list[row(pair) * width + Int(filled[row(pair)])] = sources[pair]
    filled[row(pair)] += 1
  }
  return try Tensor(list, shape: batchShape + [count, width])
}

/// Refuses indices that are negative.
func checkNotNegative(
  _ function: String, _ argument: String, _ values: [Int32], _ shape: [Int]
) throws(ArgumentError) {
  guard let bad = values.firstIndex(where: { $0 < 0 }) else { return }
  throw ArgumentError(
    function, argument,
    "index \(values[bad]) at position \(indexPlace(bad, in: shape)) is negative")
}

/// Refuses indices that are negative, and padding indices that no list can hold. Indices from
/// `padIdx` on are padding, as in e3x.
private func checkIndices(
  _ function: String, _ argument: String, _ values: [Int32], _ shape: [Int], padIdx: Int?
) throws(ArgumentError) {
  if let padIdx, padIdx < 0 || padIdx > Int(Int32.max) {
    throw ArgumentError(
      function, "pad_idx", "must be in 0 ... \(Int32.max), received \(padIdx)")
  }
  // Without a padding index the next number is padding.
  let highest = padIdx == nil ? Int32.max - 1 : .max
  guard let bad = values.firstIndex(where: { $0 < 0 || $0 > highest }) else { return }
  let place = indexPlace(bad, in: shape)
  throw ArgumentError(
    function, argument,
    "index \(values[bad]) at position \(place) "
      + (values[bad] < 0 ? "is negative" : "leaves no number for padding"))
}
