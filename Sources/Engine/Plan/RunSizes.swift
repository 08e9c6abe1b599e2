internal import E3xLocks

/// What runs with the same bindings have in common: the sizes of all values, and of the memory of
/// every stage.
final class RunSizes: Sendable {
  /// The dimensions of each operation's result.
  let dimensions: [[Int]]
  /// The strides of results that lie one element after the other.
  let strides: [[Int]]
  /// By item; nil for single operations.
  let stages: [StageSizes?]

  init(_ items: [PlannedExecutor.Item], _ graph: Graph, _ bindings: Bindings) {
    let dimensions = graph.operations.map { $0.shape.resolved(bindings) }
    self.dimensions = dimensions
    strides = dimensions.map(Value.contiguousStrides)
    stages = items.map { item in
      guard case .stage(let stage) = item else { return nil }
      return StageSizes(stage, dimensions, bindings)
    }
  }
}

/// The sizes of a stage in runs with the same bindings.
struct StageSizes: Sendable {
  struct Sink: Sendable {
    var dimensions: [Int]
    var elements: Int
    /// Elements of a segment.
    var width: Int
  }

  let rowCount: Int
  /// For gathers the number of source rows, for segments their number; by instruction.
  let limits: [Int]
  /// By slot: whether the rows whose addresses it holds are likely outside of the second-level
  /// cache.
  let isFar: [Bool]
  let sinks: [Sink]

  init(_ stage: Stage, _ dimensions: [[Int]], _ bindings: Bindings) {
    rowCount = stage.space.resolved(bindings)
    limits = stage.instructions.map { instruction in
      switch instruction.code {
      case .gather, .gatherRows, .sinkRows, .runOperand, .runWeights, .segmentAdd, .segmentRaise,
        .runSum:
        dimensions[instruction.sizes.1][0]
      default: 0
      }
    }
    var isFar = [Bool](repeating: false, count: stage.slots.count)
    for (instruction, limit) in zip(stage.instructions, limits)
    where instruction.code == .gatherRows || instruction.code == .sinkRows {
      isFar[Int(instruction.out.slot)] = limit * instruction.sizes.0 > 512 * 1024
    }
    self.isFar = isFar
    sinks = stage.sinks.map { sink in
      let dimensions = dimensions[sink.value]
      return Sink(
        dimensions: dimensions, elements: dimensions.reduce(1, *),
        width: dimensions.dropFirst().reduce(1, *))
    }
  }
}

/// Keeps the sizes of the latest runs: molecules of a few sizes come again and again.
final class RunSizesCache: Sendable {
  private static let limit = 32
  private let known = Guarded<[Bindings: RunSizes]>([:])

  /// The sizes for these bindings, made by `make` if they are new.
  func sizes(_ bindings: Bindings, _ make: () -> RunSizes) -> RunSizes {
    if let found = known.withLock({ $0[bindings] }) { return found }
    let made = make()
    known.withLock { known in
      if known.count >= Self.limit { known.removeAll(keepingCapacity: true) }
      known[bindings] = made
    }
    return made
  }
}
