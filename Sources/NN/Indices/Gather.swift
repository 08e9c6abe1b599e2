public import E3xEngine

/// Gathers the sources of pairs. Matches `e3x.ops.gather_src`.
///
/// - Parameter inputs: [..., N, *]
/// - Parameter adjIdx: a dense list [..., M, K], or nil
/// - Parameter srcIdx: a sparse list [..., P], or nil
/// - Returns: [..., M, K, *] or [..., P, *]. An index equal to N is padding: it reads the last
///   row of its batch, and no derivative flows back from it.
/// - Throws: `ArgumentError`; `EvaluationError` when the graph runs, naming the list and the
///   position of an index that is negative or above N.
public func gatherSrc(_ inputs: Tensor, adjIdx: Tensor? = nil, srcIdx: Tensor? = nil) throws
  -> Tensor
{
  try gatherSrc("gather_src", inputs, adjIdx: adjIdx, srcIdx: srcIdx)
}

/// As ``gatherSrc(_:adjIdx:srcIdx:)``, for a function or layer that errors are to name.
func gatherSrc(_ function: String, _ inputs: Tensor, adjIdx: Tensor?, srcIdx: Tensor?) throws
  -> Tensor
{
  switch try IndexKind(function, adjIdx: adjIdx, dstIdx: nil, srcIdx: srcIdx) {
  case .dense(let adjIdx):
    return try gather(function, inputs, adjIdx, name: "adj_idx", pairAxes: 2)
  case .sparse: return try gather(function, inputs, srcIdx!, name: "src_idx", pairAxes: 1)
  }
}

/// Gathers the destinations of pairs. Matches `e3x.ops.gather_dst`.
///
/// - Parameter inputs: [..., N, *]
/// - Parameter adjIdx: a dense list [..., N, M], or nil
/// - Parameter dstIdx: a sparse list [..., P], or nil
/// - Returns: [..., N, 1, *] (to be broadcast) or [..., P, *].
/// - Throws: As of `gatherSrc`. The indices of a dense list are not read, only counted.
public func gatherDst(_ inputs: Tensor, adjIdx: Tensor? = nil, dstIdx: Tensor? = nil) throws
  -> Tensor
{
  try gatherDst("gather_dst", inputs, adjIdx: adjIdx, dstIdx: dstIdx)
}

/// As ``gatherDst(_:adjIdx:dstIdx:)``, for a function or layer that errors are to name.
func gatherDst(_ function: String, _ inputs: Tensor, adjIdx: Tensor?, dstIdx: Tensor?) throws
  -> Tensor
{
  switch try IndexKind(function, adjIdx: adjIdx, dstIdx: dstIdx) {
  case .dense(let adjIdx):
    guard inputs.rank >= adjIdx.rank - 1 else {
      throw ArgumentError(
        function, "inputs",
        "expected at least \(adjIdx.rank - 1) axes for adj_idx of shape \(adjIdx.shape), "
          + "received shape \(inputs.shape)")
    }
    return try inputs.expanded(at: adjIdx.rank - 1)
  case .sparse: return try gather(function, inputs, dstIdx!, name: "dst_idx", pairAxes: 1)
  }
}

private func gather(
  _ function: String, _ inputs: Tensor, _ indices: Tensor, name: String, pairAxes: Int
) throws -> Tensor {
  let batchAxes = indices.rank - pairAxes
  guard inputs.rank > batchAxes else {
    throw ArgumentError(
      function, "inputs",
      "expected at least \(batchAxes + 1) axes for \(name) of shape \(indices.shape), received "
        + "shape \(inputs.shape)")
  }
  guard inputs.shape[..<batchAxes].elementsEqual(indices.shape[..<batchAxes]) else {
    throw ArgumentError(
      function, name,
      "expected the leading axes of inputs (shape \(inputs.shape)), received \(indices.shape)")
  }
  let size = inputs.shape[batchAxes]
  let label = IndexLabel(function, name, shape: indices.shape, size: size)
  if batchAxes == 0 { return try inputs.gathered(indices, label) }
  let rows = try inputs.flattened(before: batchAxes + 1)
  return try FlatIndices(indices, batchAxes: batchAxes, size: size, label).gather(rows)
    .reshaped(to: indices.shape + Shape(Array(inputs.shape[(batchAxes + 1)...])))
}
