extension Node {
  /// Computes what depends on constants alone, once, so that a compiled function finds it done:
  /// kernels of fixed parameters, put together for their use.
  ///
  /// Results that are much larger than what they are made of (a number broadcast to an array) are
  /// left to every call.
  /// - Throws: `EvaluationError` for values that an operation refuses.
  static func foldConstants(of roots: [Node]) throws {
    let nodes = reachable(from: roots) { $0.result == nil }
    var constant: Set<UInt64> = []
    var folded: [UInt64: Node] = [:]
    for node in nodes {
      let inputs = node.inputs
      switch node.primitive {
      case .input, .size: continue
      case .fill, .iota:
        if node.shape.known != nil { constant.insert(node.id) }
        continue
      default: break
      }
      func isConstant(_ input: Node) -> Bool { input.result != nil || constant.contains(input.id) }
      guard let size = node.shape.elementCount.known, !inputs.isEmpty,
        inputs.allSatisfy(isConstant)
      else { continue }
      // A fill may have any shape.
      let operands = inputs.reduce(0.0) { $0 + Double($1.shape.elementCount.known ?? 0) }
      guard Double(size) <= 4 * operands else { continue }
      constant.insert(node.id)
      folded[node.id] = node
    }
    // Only what something else reads needs to be kept.
    var read: Set<UInt64> = Set(roots.map(\.id))
    for node in nodes where folded[node.id] == nil { read.formUnion(node.inputs.map(\.id)) }
    let results = folded.values.filter { read.contains($0.id) }.sorted { $0.id < $1.id }
    try evaluate(results.map { Tensor($0) })
  }
}
