/// Sweeps over the same rows that are run as one: block by block, each sweep in turn.
///
/// Rows that are sorted by an index list are cut into blocks that end with its segments. What a
/// sweep needs of the segments' sums, the maxima and sums of a softmax, is there as soon as the
/// sweeps before it have done the block: nothing waits for other rows, what sweeps write for each
/// row is still in cache when the next one reads it, and while one computes, the rows that another
/// needs of memory for the next block are fetched. The logits of attention, their softmax and the
/// weighted sum are such a chain.
struct SweepChain: Sendable {
  let sweeps: [Sweep]
  /// The index list of all sums.
  let list: Int
}

/// Joins the sweeps of a plan to chains.
struct SweepChains {
  private let graph: Graph
  private(set) var items: [Plan.Item] = []

  /// The present chain, what it makes, and what comes after it since it needs some of that.
  private var chain: [Sweep] = []
  private var list: Int?
  private var made: Set<Int> = []
  private var later: [Plan.Item] = []
  private var madeLater: Set<Int> = []

  /// - Parameter items: in an order in which they can run.
  init(_ items: [Plan.Item], _ graph: Graph) {
    self.graph = graph
    for item in items { add(item) }
    finish()
  }

  private mutating func add(_ item: Plan.Item) {
    if case .sweep(let sweep) = item, take(sweep) { return }
    guard !chain.isEmpty else {
      items.append(item)
      return
    }
    let (needs, makes) = (needs(item), makes(item))
    if needs.isDisjoint(with: made) && needs.isDisjoint(with: madeLater) {
      items.append(item)
    } else {
      later.append(item)
      madeLater.formUnion(makes)
    }
  }

  /// Makes a sweep part of the chain, or begins one with it.
  private mutating func take(_ sweep: Sweep) -> Bool {
    guard let list = onlyList(sweep) else { return false }
    let item = Plan.Item.sweep(sweep)
    if let last = chain.last {
      guard last.space == sweep.space, self.list == list,
        needs(item).isDisjoint(with: madeLater), readsOwnSegments(sweep, list)
      else {
        // It may begin the next one.
        finish()
        return take(sweep)
      }
    }
    self.list = list
    chain.append(sweep)
    made.formUnion(makes(item))
    return true
  }

  private mutating func finish() {
    if let list, chain.count > 1 {
      items.append(.chain(SweepChain(sweeps: chain, list: list)))
    } else {
      items += chain.map { .sweep($0) }
    }
    items += later
    (chain, list, made, later, madeLater) = ([], nil, [], [], [])
  }

  /// The list of all of a sweep's sums, if they have one in common.
  private func onlyList(_ sweep: Sweep) -> Int? {
    var found: Int?
    for sink in sweep.sinks {
      guard case .segments(let indices?, _) = sink.kind, found == nil || found == indices else {
        return nil
      }
      found = indices
    }
    return found
  }

  /// Whether all that the sweep reads of the sums of the chain are those of its rows' segments.
  private func readsOwnSegments(_ sweep: Sweep, _ list: Int) -> Bool {
    let slots = sweep.slots.indices.filter {
      if case .shared(let value) = sweep.slots[$0].kind { made.contains(value) } else { false }
    }
    return sweep.instructions.allSatisfy { instruction in
      slots.allSatisfy { slot in
        guard instruction.names(slot) else { return true }
        let indices: IndexList
        switch instruction.operation {
        case .gather(let gather): indices = gather.indices
        case .gatherAddresses(let gather): indices = gather.indices
        default: return false
        }
        guard case .rows(list, _) = sweep.slots[indices.entries.slot].kind else { return false }
        return indices.entries.byteOffset == 0 && indices.entries.rowStride == 1
      }
    }
  }

  private func needs(_ item: Plan.Item) -> Set<Int> {
    switch item {
    case .operation(let position): return Set(graph.operations[position].inputs)
    case .sweep(let sweep):
      var needs: Set<Int> = []
      for slot in sweep.slots {
        switch slot.kind {
        case .rows(let value, _), .shared(let value): needs.insert(value)
        default: break
        }
      }
      return needs
    case .chain(let chain):
      return chain.sweeps.reduce(into: []) { $0.formUnion(needs(.sweep($1))) }
    }
  }

  private func makes(_ item: Plan.Item) -> Set<Int> {
    switch item {
    case .operation(let position): return [position]
    case .sweep(let sweep): return Set(sweep.sinks.map(\.value) + sweep.results)
    case .chain(let chain):
      return chain.sweeps.reduce(into: []) { $0.formUnion(makes(.sweep($1))) }
    }
  }
}
