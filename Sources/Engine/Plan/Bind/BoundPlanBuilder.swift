/// Finds, item by item, what a run has to do and which memory it needs.
struct BoundPlanBuilder {
  private let graph: Graph
  private let bindings: Bindings
  private let itemCount: Int
  /// The dimensions of each operation's result.
  private let dimensions: [[Int]]
  /// Operations whose values leave the run.
  private let isOutput: [Bool]

  private(set) var entries: [BoundPlan.Entry?]
  private(set) var steps: [(item: Int, step: BoundPlan.Step)] = []
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
  /// Contiguous copies that sweeps read, by the value.
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
    entries = [BoundPlan.Entry?](repeating: nil, count: count)
    roots = Array(0..<count)
    first = [Int](repeating: 0, count: count)
    last = [Int](repeating: -1, count: count)
  }

  // MARK: Single operations

  mutating func add(operation position: Int, item: Int) {
    let operation = graph.operations[position]
    switch operation.primitive {
    case .input(let argument):
      entries[position] = BoundPlan.Entry(
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
    let run = OperationRun(
      inputs: inputs, dimensions: dimensions[position], dtype: operation.dtype,
      bindings: bindings, pool: .shared, label: operation.label)
    if operation.inputs.allSatisfy({ entries[$0]!.block == .fixed }),
      let value = try? run.run(operation.primitive)
    {
      // It depends on sizes alone.
      entries[position] = BoundPlan.Entry(value: value, block: .fixed)
      return
    }
    if let view = view(operation.primitive, run) {
      let input = operation.inputs[0]
      entries[position] = BoundPlan.Entry(value: view, block: entries[input]!.block)
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
  private func view(_ primitive: Primitive, _ run: OperationRun) -> Value? {
    switch primitive {
    case .reshape: run.inputs[0].reshaped(run.dimensions)
    case .broadcast: run.broadcastView(run.inputs[0])
    case .permute(let order): run.permuted(order)
    case .slice(let axis, let start, _): run.sliced(axis, start)
    default: nil
    }
  }

  /// A value of its own memory, whose storage is known in runs only.
  private func template(_ position: Int) -> Value {
    Value(
      contiguous: BoundPlanBuilder.nowhere, dimensions[position],
      graph.operations[position].dtype)
  }

  private static let nowhere = Storage(byteCount: 0)

  private mutating func make(_ position: Int, _ item: Int) {
    entries[position] = BoundPlan.Entry(value: template(position), block: .arena)
    first[position] = item
    last[position] = item
  }

  private mutating func use(_ position: Int, _ item: Int) {
    last[roots[position]] = max(last[roots[position]], item)
  }

  // MARK: Sweeps

  mutating func add(_ sweep: Sweep, item: Int) {
    makeAll(sweep, item)
    var made: [(from: Int, to: Int)] = []
    let bound = bind(sweep, item, &made)
    steps.append((item, .sweep(bound, copies: made)))
  }

  mutating func add(_ chain: SweepChain, item: Int) {
    var made: [(from: Int, to: Int)] = []
    var sweeps: [BoundSweep] = []
    for sweep in chain.sweeps {
      makeAll(sweep, item)
      sweeps.append(bind(sweep, item, &made))
    }
    // Scratch of each, and the memory of the largest tile.
    let scratch = chain.sweeps.reduce(0) { $0 + $1.scratchBytes }
    let tiles = chain.sweeps.reduce(0) { max($0, $1.tileBytes * $1.tileRows) }
    threadBytes = max(threadBytes, (scratch + tiles + 63) & ~63)
    steps.append((item, .chain(sweeps, list: chain.list, copies: made)))
  }

  private mutating func makeAll(_ sweep: Sweep, _ item: Int) {
    for slot in sweep.slots {
      switch slot.kind {
      case .result(let value, _), .scattered(let value): make(value, item)
      default: break
      }
    }
    for sink in sweep.sinks { make(sink.value, item) }
  }

  /// - Parameter made: the copies that are made before the sweep.
  private mutating func bind(
    _ sweep: Sweep, _ item: Int, _ made: inout [(from: Int, to: Int)]
  ) -> BoundSweep {
    var sources = [Int](repeating: -1, count: sweep.slots.count)
    // Index lists that are there before the sweep.
    let lists = sweep.sinks.map { sink -> Int? in
      guard case .segments(let indices?, _) = sink.kind, entries[indices] != nil else { return nil }
      use(indices, item)
      return indices
    }
    for (slot, source) in zip(sweep.slots.indices, sweep.slots) {
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
      threadBytes, (sweep.tileBytes * sweep.tileRows + sweep.scratchBytes + 63) & ~63)
    var splits: [BoundSweep.Split] = []
    for list in sweep.splits.lists {
      // In small systems a split pays only by outer products that sums share.
      let isLarge = isLarge(sweep, lists, list)
      guard isLarge || sweep.instructions.contains(where: { $0.isGroupedWeights }) else {
        continue
      }
      let split = sweep.splits[list]
      let rowBytes =
        isLarge
        ? split.ordered.sinks.reduce(0) {
          $0 + dimensions[$1.value].dropFirst().reduce($1.dtype.byteCount, *)
        } : 0
      guard split.pays(sweep, rowBytes: rowBytes) else { continue }
      let rest = split.rest.map { bind($0, item, &made) }
      splits.append(
        .init(
          list: list, rest: rest, ordered: bind(split.ordered, item, &made),
          isOrderedFirst: split.isOrderedFirst))
    }
    return BoundSweep(
      sweep, dimensions, bindings, sources: sources, lists: lists, splits: splits)
  }

  /// Whether sums over the segments of a list are too large for accumulators.
  private func isLarge(_ sweep: Sweep, _ lists: [Int?], _ list: Int) -> Bool {
    sweep.sinks.indices.contains {
      lists[$0] == list
        && dimensions[sweep.sinks[$0].value].reduce(sweep.sinks[$0].dtype.byteCount, *)
          > sweep.options.largestAccumulator
    }
  }

  private mutating func addCopy(of value: Int, _ item: Int) -> Int {
    let copy = entries.count
    let source = entries[value]!
    copies[value] = copy
    if source.block == .fixed {
      entries.append(BoundPlan.Entry(value: source.value.contiguous(.shared), block: .fixed))
    } else {
      entries.append(
        BoundPlan.Entry(
          value: Value(
            contiguous: BoundPlanBuilder.nowhere, source.value.dimensions, source.value.dtype),
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
