/// Finds, item by item, what a run has to do and which memory it needs.
struct RunLayoutBuilder {
  private let graph: Graph
  private let bindings: Bindings
  private let itemCount: Int
  /// The dimensions of each operation's result.
  private let dimensions: [[Int]]
  /// Operations whose values leave the run.
  private let isOutput: [Bool]

  private(set) var entries: [RunLayout.Entry?]
  private(set) var steps: [(item: Int, step: RunLayout.Step)] = []
  private(set) var instructions: [Instruction] = []
  /// The sizes of the storages of results, in bytes.
  private(set) var outputs: [Int] = []
  private(set) var valueBytes = 0
  /// The memory of a thread's tiles.
  private(set) var threadBytes = 0

  /// The value whose memory each value lies in, and from and to which item that is needed.
  private var roots: [Int]
  private var first: [Int]
  private var last: [Int]
  /// Contiguous copies that stages read, by the value.
  private var copies: [Int: Int] = [:]

  init(_ graph: Graph, _ bindings: Bindings, itemCount: Int) {
    self.graph = graph
    self.bindings = bindings
    self.itemCount = itemCount
    let count = graph.operations.count
    dimensions = graph.operations.map { $0.shape.resolved(bindings) }
    var isOutput = [Bool](repeating: false, count: count)
    for output in graph.outputs { isOutput[output] = true }
    self.isOutput = isOutput
    entries = [RunLayout.Entry?](repeating: nil, count: count)
    roots = Array(0..<count)
    first = [Int](repeating: 0, count: count)
    last = [Int](repeating: -1, count: count)
  }

  // MARK: Single operations

  mutating func add(operation position: Int, item: Int) {
    let operation = graph.operations[position]
    switch operation.primitive {
    case .input(let argument):
      entries[position] = RunLayout.Entry(
        value: template(position), block: .argument(argument))
      return
    case .check:
      let input = operation.inputs[0]
      use(input, item)
      entries[position] = entries[input]
      roots[position] = roots[input]
      steps.append((item, .operation(position)))
      return
    default: break
    }
    let inputs = operation.inputs.map { entries[$0]!.value }
    let step = OperationRun(
      inputs: inputs, dimensions: dimensions[position], dtype: operation.dtype,
      bindings: bindings, pool: .shared, label: operation.label)
    if operation.inputs.allSatisfy({ entries[$0]!.block == .fixed }),
      let value = try? step.run(operation.primitive)
    {
      // It depends on sizes alone.
      entries[position] = RunLayout.Entry(value: value, block: .fixed)
      return
    }
    if let view = view(operation.primitive, step) {
      let input = operation.inputs[0]
      entries[position] = RunLayout.Entry(value: view, block: entries[input]!.block)
      roots[position] = roots[input]
      return
    }
    for input in operation.inputs { use(input, item) }
    make(position, item)
    let plain = PlainInstructions(
      operation, result: (position, entries[position]!.value),
      operands: Array(zip(operation.inputs, inputs)))
    if let made = plain.instructions {
      let range = instructions.count..<(instructions.count + made.count)
      instructions += made
      steps.append((item, .calls(range)))
    } else {
      steps.append((item, .operation(position)))
    }
  }

  /// What looks at its operand needs nothing computed.
  private func view(_ primitive: Primitive, _ step: OperationRun) -> Value? {
    switch primitive {
    case .reshape: step.inputs[0].reshaped(step.dimensions)
    case .broadcast: step.broadcastView(step.inputs[0])
    case .permute(let order): step.permuted(order)
    case .slice(let axis, let start, _): step.sliced(axis, start)
    default: nil
    }
  }

  /// A value of its own memory, whose storage is known in runs only.
  private func template(_ position: Int) -> Value {
    Value(
      contiguous: RunLayoutBuilder.nowhere, dimensions[position],
      graph.operations[position].dtype)
  }

  private static let nowhere = Storage(byteCount: 0)

  private mutating func make(_ position: Int, _ item: Int) {
    entries[position] = RunLayout.Entry(value: template(position), block: .arena)
    first[position] = item
    last[position] = item
  }

  private mutating func use(_ position: Int, _ item: Int) {
    last[roots[position]] = max(last[roots[position]], item)
  }

  // MARK: Sweeps

  mutating func add(_ stage: Stage, item: Int) {
    makeAll(stage, item)
    var made: [(from: Int, to: Int)] = []
    let layout = layout(stage, item, &made)
    steps.append((item, .stage(layout, copies: made)))
  }

  mutating func add(_ chain: SweepChain, item: Int) {
    var made: [(from: Int, to: Int)] = []
    var layouts: [StageLayout] = []
    for stage in chain.stages {
      makeAll(stage, item)
      layouts.append(layout(stage, item, &made))
    }
    // Scratch of each, and the memory of the largest tile.
    let scratch = chain.stages.reduce(0) { $0 + $1.scratchBytes }
    let tiles = chain.stages.reduce(0) { max($0, $1.tileBytes * $1.tileRows) }
    threadBytes = max(threadBytes, (scratch + tiles + 63) & ~63)
    steps.append((item, .chain(layouts, list: chain.list, copies: made)))
  }

  private mutating func makeAll(_ stage: Stage, _ item: Int) {
    for slot in stage.slots {
      switch slot.kind {
      case .result(let value, _), .scattered(let value): make(value, item)
      default: break
      }
    }
    for sink in stage.sinks { make(sink.value, item) }
  }

  /// - Parameter made: the copies that are made before the sweep.
  private mutating func layout(
    _ stage: Stage, _ item: Int, _ made: inout [(from: Int, to: Int)]
  ) -> StageLayout {
    var sources = [Int](repeating: -1, count: stage.slots.count)
    // Index lists that are there before the sweep.
    let lists = stage.sinks.map { sink -> Int? in
      guard case .segments(let indices?, _) = sink.kind, entries[indices] != nil else { return nil }
      use(indices, item)
      return indices
    }
    for (slot, source) in zip(stage.slots.indices, stage.slots) {
      switch source.kind {
      case .rows(let value, _), .shared(let value), .orderedList(let value):
        sources[slot] = value
        use(value, item)
        guard !entries[value]!.value.isContiguous else { continue }
        if let copy = copies[value] {
          sources[slot] = copy
        } else {
          sources[slot] = addCopy(of: value, item)
          if entries[sources[slot]]!.block != .fixed { made.append((value, sources[slot])) }
        }
        use(sources[slot], item)
      case .result(let value, _), .scattered(let value):
        sources[slot] = value
      default: break
      }
    }
    threadBytes = max(
      threadBytes, (stage.tileBytes * stage.tileRows + stage.scratchBytes + 63) & ~63)
    var splits: [StageLayout.Split] = []
    for list in stage.splits.lists {
      // In small systems a split pays only by outer products that sums share.
      let isLarge = isLarge(stage, lists, list)
      guard isLarge || stage.instructions.contains(where: { $0.isGroupedWeights }) else {
        continue
      }
      let split = stage.splits[list]
      let rowBytes =
        isLarge
        ? split.ordered.sinks.reduce(0) {
          $0 + dimensions[$1.value].dropFirst().reduce($1.dtype.byteCount, *)
        } : 0
      guard split.pays(stage, rowBytes: rowBytes) else { continue }
      let rest = split.rest.map { layout($0, item, &made) }
      splits.append(
        .init(
          list: list, rest: rest, ordered: layout(split.ordered, item, &made),
          isOrderedFirst: split.isOrderedFirst))
    }
    return StageLayout(
      stage, dimensions, bindings, sources: sources, lists: lists, splits: splits)
  }

  /// Whether sums over the segments of a list are too large for accumulators.
  private func isLarge(_ stage: Stage, _ lists: [Int?], _ list: Int) -> Bool {
    stage.sinks.indices.contains {
      lists[$0] == list
        && dimensions[stage.sinks[$0].value].reduce(stage.sinks[$0].dtype.byteCount, *)
          > stage.options.largestAccumulator
    }
  }

  private mutating func addCopy(of value: Int, _ item: Int) -> Int {
    let copy = entries.count
    let source = entries[value]!
    copies[value] = copy
    if source.block == .fixed {
      entries.append(RunLayout.Entry(value: source.value.contiguous(.shared), block: .fixed))
    } else {
      entries.append(
        RunLayout.Entry(
          value: Value(
            contiguous: RunLayoutBuilder.nowhere, source.value.dimensions, source.value.dtype),
          block: .arena))
    }
    roots.append(copy)
    first.append(item)
    last.append(item)
    return copy
  }

  // MARK: Memory

  /// Gives every value its place.
  mutating func place() {
    // What results look at has a storage of its own.
    var numbers: [Int: Int] = [:]
    var results: [MemoryPlan.Result] = []
    for output in graph.outputs where entries[output]!.block == .arena {
      let root = roots[output]
      guard numbers[root] == nil else { continue }
      numbers[root] = results.count
      results.append(.init(step: first[root], byteCount: byteCount(root)))
    }
    outputs = results.map(\.byteCount)
    let placed = entries.indices.filter {
      roots[$0] == $0 && entries[$0]?.block == .arena && numbers[$0] == nil
    }
    let plan = MemoryPlan(
      placed.map { .init(steps: first[$0]...max(first[$0], last[$0]), byteCount: byteCount($0)) },
      results: results)
    valueBytes = plan.byteCount
    var places = numbers.mapValues { MemoryPlan.Place(result: $0, offset: 0) }
    for (index, place) in zip(placed, plan.places) { places[index] = place }
    for index in entries.indices where entries[index]?.block == .arena {
      let place = places[roots[index]]!
      if let result = place.result { entries[index]!.block = .output(result) }
      entries[index]!.value.offset += place.offset / entries[index]!.value.dtype.byteCount
    }
  }

  private func byteCount(_ index: Int) -> Int {
    entries[index]!.value.count * entries[index]!.value.dtype.byteCount
  }
}
