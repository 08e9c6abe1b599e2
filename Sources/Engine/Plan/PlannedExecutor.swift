/// Runs a graph in sweeps over tiles of rows (``Stage``), and what does not go by rows operation
/// by operation. Gives what the ``ReferenceExecutor`` gives, up to rounding.
struct PlannedExecutor: Executor {
  enum Item {
    case operation(Int)
    case stage(Stage)
  }

  let graph: Graph
  let items: [Item]
  /// The values that no later item needs, after each item.
  private let releases: [[Int]]
  private let sizes = RunSizesCache()

  init(_ graph: Graph) { self.init(graph, minimumRows: 512) }

  /// - Parameter minimumRows: leading axes of known size are swept from this size on.
  init(_ graph: Graph, minimumRows: Int, grain: StageGrain = StageGrain()) {
    self.graph = graph
    let analysis = RowAnalysis(graph, minimumRows: minimumRows)
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
        grain: grain)
      items.append((key.level, positions.min()!, .stage(stage)))
    }
    items.sort { ($0.level, $0.first) < ($1.level, $1.first) }
    self.items = items.map(\.item)
    releases = PlannedExecutor.releases(self.items, graph)
  }

  private struct StageKey: Hashable {
    let level: Int
    let space: Dimension
  }

  private static func releases(_ items: [Item], _ graph: Graph) -> [[Int]] {
    var lastUse = [Int](repeating: -1, count: graph.operations.count)
    for (index, item) in items.enumerated() {
      switch item {
      case .operation(let position):
        for input in graph.operations[position].inputs { lastUse[input] = index }
      case .stage(let stage):
        for value in stage.reads { lastUse[value] = index }
        for instruction in stage.instructions
        where [.gather, .gatherRows, .runOperand, .runWeights].contains(instruction.code) {
          lastUse[instruction.sizes.1] = max(lastUse[instruction.sizes.1], index)
        }
      }
    }
    for output in graph.outputs { lastUse[output] = -1 }
    var releases = [[Int]](repeating: [], count: items.count)
    for (value, last) in lastUse.enumerated() where last >= 0 { releases[last].append(value) }
    return releases
  }

  func run(_ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool) throws -> [Value] {
    try run(arguments, bindings, pool) { _, run in try run(nil) }
  }

  /// Runs every item through `observe`, which must call what it is given once: with where the times
  /// of a sweep's instructions go, if they are wanted.
  func run(
    _ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool,
    observe: (Int, (InstructionTimes?) throws -> Void) throws -> Void
  ) throws -> [Value] {
    let sizes = sizes.sizes(bindings) { RunSizes(items, graph, bindings) }
    var values = [Value?](repeating: nil, count: graph.operations.count)
    var inputs: [Value] = []
    for (index, item) in items.enumerated() {
      try observe(index) { times in
        switch item {
        case .operation(let position):
          let operation = graph.operations[position]
          if case .input(let argument) = operation.primitive {
            values[position] = arguments[argument]
            break
          }
          if let view = view(operation, position, values, sizes) {
            values[position] = view
            break
          }
          inputs.removeAll(keepingCapacity: true)
          for input in operation.inputs { inputs.append(values[input]!) }
          values[position] = try Step(
            inputs: inputs, dimensions: sizes.dimensions[position], dtype: operation.dtype,
            bindings: bindings, pool: pool, label: operation.label
          ).run(operation.primitive)
        case .stage(let stage):
          let run = StageRun(stage, sizes.stages[index]!, values, pool)
          try run.run(graph, bindings, sizes.dimensions, into: &values, times)
        }
      }
      for value in releases[index] { values[value] = nil }
    }
    return graph.outputs.map { values[$0]! }
  }

  /// Reshaped and sliced values that need nothing computed: there are many, of weights.
  private func view(
    _ operation: Graph.Operation, _ position: Int, _ values: [Value?], _ sizes: RunSizes
  ) -> Value? {
    switch operation.primitive {
    case .reshape:
      guard let source = values[operation.inputs[0]], source.isContiguous else { return nil }
      return Value(
        storage: source.storage, offset: source.offset, dimensions: sizes.dimensions[position],
        strides: sizes.strides[position], dtype: source.dtype)
    case .slice(let axis, let start, _):
      guard let source = values[operation.inputs[0]] else { return nil }
      return Value(
        storage: source.storage, offset: source.offset + start * source.strides[axis],
        dimensions: sizes.dimensions[position], strides: source.strides, dtype: source.dtype)
    default: return nil
    }
  }
}
