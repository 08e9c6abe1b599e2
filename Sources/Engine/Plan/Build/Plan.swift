/// How a graph runs, for all sizes: in sweeps over tiles of rows (``Sweep``), and what does not go by
/// rows operation by operation.
struct Plan: Sendable {
  enum Item {
    case operation(Int)
    case sweep(Sweep)
    case chain(SweepChain)
  }

  let graph: Graph
  let items: [Item]

  init(_ graph: Graph, _ options: PlanOptions) {
    self.graph = graph
    let analysis = RowAnalysis(graph, minimumRows: options.minimumRows)
    var targets: [SweepKey: [Int]] = [:]
    var operations: [(level: Int, position: Int)] = []
    for (position, kind) in analysis.kinds.enumerated() {
      let level = analysis.levels[position]
      switch kind {
      case .sink, .row:
        guard analysis.isWrittenOut[position] else { continue }
        targets[SweepKey(level: level, space: analysis.spaces[position]!), default: []]
          .append(position)
      case .leaf, .plain: operations.append((level, position))
      }
    }
    // Values that sweeps of one level write out may be computed from each other.
    var items = operations.map {
      (level: $0.level, first: $0.position, item: Item.operation($0.position))
    }
    for (key, positions) in targets {
      let sweep = SweepBuilder.sweep(
        analysis, space: key.space, level: key.level, targets: positions.sorted(),
        options: options)
      items.append((key.level, positions.min()!, .sweep(sweep)))
    }
    items.sort { ($0.level, $0.first) < ($1.level, $1.first) }
    self.items = SweepChains(items.map(\.item), graph).items
  }

  /// All sweeps, in order, but for those that they may be split into.
  var sweeps: [Sweep] {
    items.flatMap { item -> [Sweep] in
      switch item {
      case .operation: []
      case .sweep(let sweep): [sweep]
      case .chain(let chain): chain.sweeps
      }
    }
  }

  private struct SweepKey: Hashable {
    let level: Int
    let space: Dimension
  }
}
