/// A sweep in runs with the same bindings.
final class StageLayout: Sendable {
  struct Sink: Sendable {
    var dimensions: [Int]
    var elements: Int
    /// Elements of a segment.
    var width: Int
    /// The value that lists the segments of rows, if it is in memory before the sweep.
    var list: Int?
  }

  /// A way to run the sweep in two (``SweepSplit``).
  struct Split: Sendable {
    let list: Int
    let rest: StageLayout?
    let ordered: StageLayout
    let isOrderedFirst: Bool
  }

  let stage: Stage
  /// The number of rows.
  let rowCount: Int
  /// By slot: the value of the run whose memory the slot names, or -1.
  let sources: [Int]
  /// For gathers the number of source rows, for segments their number; by instruction.
  let limits: [Int]
  /// By slot: whether its rows in memory, or those whose addresses it holds, are likely outside of
  /// the second-level cache.
  let isFar: [Bool]
  let sinks: [Sink]
  let splits: [Split]

  init(
    _ stage: Stage, _ dimensions: [[Int]], _ bindings: Bindings, sources: [Int], lists: [Int?],
    splits: [Split]
  ) {
    self.stage = stage
    self.splits = splits
    rowCount = stage.space.resolved(bindings)
    self.sources = sources
    limits = stage.instructions.map { instruction in
      switch instruction.code {
      case .gather, .gatherRows, .sinkRows, .runOperand, .runWeights, .segmentAdd, .segmentRaise,
        .runSum:
        dimensions[instruction.sizes.1][0]
      default: 0
      }
    }
    let nearBytes = 512 * 1024
    var isFar = [Bool](repeating: false, count: stage.slots.count)
    for (index, slot) in stage.slots.enumerated() {
      if case .rows(_, let bytes) = slot.kind { isFar[index] = rowCount * bytes > nearBytes }
    }
    for (instruction, limit) in zip(stage.instructions, limits) {
      switch instruction.code {
      case .gatherRows, .sinkRows:
        isFar[Int(instruction.out.slot)] = limit * instruction.sizes.0 > nearBytes
      case .select where instruction.canAlias:
        isFar[Int(instruction.out.slot)] = isFar[Int(instruction.b.slot)]
      default: break
      }
    }
    self.isFar = isFar
    sinks = zip(stage.sinks, lists).map { sink, list in
      let dimensions = dimensions[sink.value]
      return Sink(
        dimensions: dimensions, elements: dimensions.reduce(1, *),
        width: dimensions.dropFirst().reduce(1, *), list: list)
    }
  }
}
