/// Runs a graph in sweeps over tiles of rows (``Stage``), and what does not go by rows operation
/// by operation.
struct PlannedExecutor: CPUExecutor {
  enum Item {
    case operation(Int)
    case stage(Stage)
    case chain(SweepChain)
  }

  let graph: Graph
  let items: [Item]
  private let layouts = RunLayoutCache()

  init(_ graph: Graph) { self.init(graph, PlanOptions()) }

  init(_ graph: Graph, _ options: PlanOptions) {
    let graph = graph.loweringSixteenBitTypes()
    self.graph = graph
    let analysis = RowAnalysis(graph, minimumRows: options.minimumRows)
    var targets: [StageKey: [Int]] = [:]
    var operations: [(level: Int, position: Int)] = []
    for (position, kind) in analysis.kinds.enumerated() {
      let level = analysis.levels[position]
      switch kind {
      case .sink, .row:
        guard analysis.isMaterialized[position] else { continue }
        targets[StageKey(level: level, space: analysis.spaces[position]!), default: []]
          .append(position)
      case .leaf, .plain: operations.append((level, position))
      }
    }
    // Values that stages of one level write out may be computed from each other.
    var items = operations.map {
      (level: $0.level, first: $0.position, item: Item.operation($0.position))
    }
    for (key, positions) in targets {
      let stage = StageBuilder.stage(
        analysis, space: key.space, level: key.level, targets: positions.sorted(),
        options: options)
      items.append((key.level, positions.min()!, .stage(stage)))
    }
    items.sort { ($0.level, $0.first) < ($1.level, $1.first) }
    self.items = SweepChains(items.map(\.item), graph).items
  }

  /// All sweeps, in order, but for those that they may be split into.
  var sweeps: [Stage] {
    items.flatMap { item -> [Stage] in
      switch item {
      case .operation: []
      case .stage(let stage): [stage]
      case .chain(let chain): chain.stages
      }
    }
  }

  private struct StageKey: Hashable {
    let level: Int
    let space: Dimension
  }

  func run(_ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool) throws -> [Value] {
    try run(arguments, bindings, pool, observe: nil)
  }

  /// Runs every step through `observe`, which must call what it is given once: with the item that
  /// the step belongs to, and with where the times of a sweep's instructions go, if they are wanted.
  func run(
    _ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool,
    observe: ((Int, (InstructionTimes?) throws -> Void) throws -> Void)?
  ) throws -> [Value] {
    let layout = try layouts.layout(bindings) { () throws(ShapeError) in
      try graph.checkSizes(bindings)
      return RunLayout(items, graph, bindings)
    }
    try layout.checkMemory(threads: pool.threadCount)
    let memory = RunMemory(layout, arguments.map { $0.contiguous(pool) }, pool)
    for index in layout.steps.indices {
      if let observe {
        try observe(layout.steps[index].item) { try run(index, memory, bindings, $0) }
      } else {
        try run(index, memory, bindings, nil)
      }
    }
    return graph.outputs.map { memory.value($0) }
  }

  private func run(
    _ index: Int, _ memory: RunMemory, _ bindings: Bindings, _ times: InstructionTimes?
  ) throws {
    let layout = memory.layout
    switch layout.steps[index].step {
    case .calls(let range):
      let plain = TileRunner(plain: layout.calls(range), memory.addresses)
      _ = plain.run(rows: 1, first: 0, following: 0)
    case .operation(let position):
      let operation = graph.operations[position]
      let destination = memory.value(position)
      _ = try OperationRun(
        inputs: operation.inputs.map { memory.value($0) }, dimensions: destination.dimensions,
        dtype: operation.dtype, bindings: bindings, pool: memory.pool, label: operation.label,
        destination: destination
      ).run(operation.primitive)
    case .stage(let layout, let copies):
      for copy in copies { memory.value(copy.to).assign(memory.value(copy.from), memory.pool) }
      try check(StageRun.run(layout, memory, times), rows: layout.rowCount, bindings)
    case .chain(let layouts, let list, let copies):
      for copy in copies { memory.value(copy.to).assign(memory.value(copy.from), memory.pool) }
      try check(
        ChainRun.run(layouts, list, memory, times), rows: layouts[0].rowCount, bindings)
    }
  }

  private func check(_ found: FoundIndex?, rows: Int, _ bindings: Bindings) throws {
    guard let found else { return }
    let operation = graph.operations[found.operation]
    throw found.bad.error(
      operation.primitive.name, operation.label, dimensions: [rows], bindings)
  }
}
