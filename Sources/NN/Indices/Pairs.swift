public import E3xEngine

/// The pairs that message passing and attention work on: a sparse or a dense index list, made and
/// checked once, and passed to every layer.
///
///     let pairs = try Pairs(dstIdx: dst, srcIdx: src, numSegments: 40)
///     let r = try pairs.displacements(of: positions)
///     let y = try attention(scope, x, basis: basis(r, …), pairs: pairs)
///
/// Indices that are known are computed here; what the engine learns about a list (its segments,
/// sorted) is kept with its elements and serves every layer and every call. Destinations in
/// ascending order cost least.
public struct Pairs: Sendable {
  /// Sources of each destination: int32 [..., N, M], of a dense list.
  public let adjIdx: Tensor?
  /// Which entries of a dense list count: bool [..., N, M]; nil: those that are no padding.
  public let mask: Tensor?
  /// Destinations and sources: int32 [..., P] each, of a sparse list.
  public let dstIdx, srcIdx: Tensor?
  /// The number of destinations of a sparse list; that of the features if nil.
  public let numSegments: Dimension?

  /// A sparse list.
  ///
  /// - Parameters:
  ///   - dstIdx: Destinations, int32 [..., P].
  ///   - srcIdx: Sources, int32 [..., P]. Indices equal to the number of features are padding.
  ///   - numSegments: The number of destinations; that of the features if nil.
  /// - Throws: `ArgumentError` naming `dst_idx`, `src_idx` or `num_segments`: lists that are not
  ///   int32 or not of one shape, negative indices where the values are known.
  public init(dstIdx: Tensor, srcIdx: Tensor, numSegments: Dimension? = nil) throws {
    if let numSegments {
      try checkSegments("Pairs", numSegments, batch: [], each: [], .float32)
    }
    let given = Pairs(
      dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: nil, where: nil)
    self = try given.settled()
  }

  /// A dense list.
  ///
  /// - Parameters:
  ///   - adjIdx: Sources of each destination, int32 [..., N, M]. Indices equal to the number of
  ///     features are padding.
  ///   - mask: Which entries count, bool [..., N, M]; nil: those that are no padding.
  /// - Throws: `ArgumentError` naming `adj_idx` or `where`: a list that is not int32, negative
  ///   indices where the values are known, a mask of another shape.
  public init(adjIdx: Tensor, where mask: Tensor? = nil) throws {
    let given = Pairs(dstIdx: nil, srcIdx: nil, numSegments: nil, adjIdx: adjIdx, where: mask)
    self = try given.settled()
  }

  /// The index arguments of a layer as they came: ``PairArguments`` checks them.
  package init(
    dstIdx: Tensor?, srcIdx: Tensor?, numSegments: Dimension?, adjIdx: Tensor?, where mask: Tensor?
  ) {
    self.adjIdx = adjIdx
    self.mask = mask
    self.dstIdx = dstIdx
    self.srcIdx = srcIdx
    self.numSegments = numSegments
  }

  /// The pairs with the elements of their lists computed, as far as these are known.
  private func settled() throws -> Pairs {
    if case .dense(let adjIdx) = try kind("Pairs") { try checkMask("Pairs", adjIdx) }
    func known(_ list: Tensor?, _ name: String) throws -> Tensor? {
      guard let list, !list.isTraced else { return list }
      let elements = try list.materialized()
      try checkNotNegative("Pairs", name, elements.scalars(), elements.shape.known!)
      return elements
    }
    return Pairs(
      dstIdx: try known(dstIdx, "dst_idx"), srcIdx: try known(srcIdx, "src_idx"),
      numSegments: numSegments, adjIdx: try known(adjIdx, "adj_idx"),
      where: try mask.map { $0.isTraced ? $0 : try $0.materialized() })
  }

  /// Which kind of list was given, with what is required of it.
  /// - Parameter function: the function or layer that errors are to name.
  func kind(_ function: String) throws(ArgumentError) -> Kind {
    switch try IndexKind(function, adjIdx: adjIdx, dstIdx: dstIdx, srcIdx: srcIdx) {
    case .dense(let adjIdx): return .dense(adjIdx)
    case .sparse:
      guard let srcIdx else {
        throw ArgumentError(function, "src_idx", "is required with dst_idx, received none")
      }
      guard let dstIdx else {
        throw ArgumentError(function, "dst_idx", "is required with src_idx, received none")
      }
      return .sparse(dstIdx: dstIdx, srcIdx: srcIdx)
    }
  }

  enum Kind {
    case dense(Tensor)
    case sparse(dstIdx: Tensor, srcIdx: Tensor)
  }

  /// Refuses a mask that does not belong to the dense list.
  func checkMask(_ function: String, _ adjIdx: Tensor) throws(ArgumentError) {
    guard let mask, mask.shape != adjIdx.shape || mask.dtype != .bool else { return }
    throw ArgumentError(
      function, "where",
      "expected bool elements of the shape of adj_idx, \(adjIdx.shape), received "
        + "\(mask.dtype) \(mask.shape)")
  }
}

extension Pairs {
  /// What the sources of the pairs have, as ``gatherSrc(_:adjIdx:srcIdx:)``.
  ///
  /// - Parameter inputs: [..., N, *]
  /// - Returns: [..., P, *] for a sparse, [..., N, M, *] for a dense list.
  /// - Throws: `ArgumentError` naming `inputs` or the list if they do not fit.
  public func sources(of inputs: Tensor) throws -> Tensor {
    try gatherSrc("Pairs.sources", inputs, adjIdx: adjIdx, srcIdx: srcIdx)
  }

  /// What the destinations of the pairs have, as ``gatherDst(_:adjIdx:dstIdx:)``.
  ///
  /// - Parameter inputs: [..., N, *]
  /// - Returns: [..., P, *] for a sparse, [..., N, 1, *] (to be broadcast) for a dense list.
  /// - Throws: `ArgumentError` naming `inputs` or the list if they do not fit.
  public func destinations(of inputs: Tensor) throws -> Tensor {
    try gatherDst("Pairs.destinations", inputs, adjIdx: adjIdx, dstIdx: dstIdx)
  }

  /// The vectors from destinations to sources.
  ///
  /// - Parameter positions: [..., N, 3]
  /// - Returns: [..., P, 3] for a sparse, [..., N, M, 3] for a dense list.
  /// - Throws: As ``sources(of:)``.
  public func displacements(of positions: Tensor) throws -> Tensor {
    try sources(of: positions) - destinations(of: positions)
  }
}
