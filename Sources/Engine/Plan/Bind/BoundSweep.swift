/// A sweep in runs with the same bindings.
final class BoundSweep: Sendable {
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
    let rest: BoundSweep?
    let ordered: BoundSweep
    let isOrderedFirst: Bool
  }

  let sweep: Sweep
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
    _ sweep: Sweep, _ dimensions: [[Int]], _ bindings: Bindings, sources: [Int], lists: [Int?],
    splits: [Split]
  ) {
    self.sweep = sweep
    self.splits = splits
    rowCount = sweep.space.resolved(bindings)
    self.sources = sources
    limits = sweep.instructions.map { instruction in
      instruction.indexList.map { dimensions[$0.bound][0] } ?? 0
    }
    let nearBytes = 512 * 1024
    var isFar = [Bool](repeating: false, count: sweep.slots.count)
    for (index, slot) in sweep.slots.enumerated() {
      if case .rows(_, let bytes) = slot.kind { isFar[index] = rowCount * bytes > nearBytes }
    }
    for (instruction, limit) in zip(sweep.instructions, limits) {
      switch instruction.operation {
      case .gatherAddresses(let gather):
        isFar[gather.addresses.slot] = limit * gather.rowBytes > nearBytes
      case .sinkAddresses(let sink):
        isFar[sink.addresses.slot] = limit * sink.rowBytes > nearBytes
      case .elementwise(let elementwise):
        guard case .select(mayAlias: true) = elementwise.kernel else { break }
        isFar[elementwise.result.slot] = isFar[elementwise.b!.slot]
      default: break
      }
    }
    self.isFar = isFar
    sinks = zip(sweep.sinks, lists).map { sink, list in
      let dimensions = dimensions[sink.value]
      return Sink(
        dimensions: dimensions, elements: dimensions.reduce(1, *),
        width: dimensions.dropFirst().reduce(1, *), list: list)
    }
  }
}
