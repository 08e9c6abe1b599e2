/// A sweep over the rows of a space: instructions that carry a tile of rows from what is in memory
/// to what leaves the sweep, everything in between in cache.
package final class Sweep: @unchecked Sendable {
  /// Where rows meet.
  struct Sink: Sendable {
    enum Kind {
      /// Rows added to segments; `indices` is the value that lists them, if it is in memory.
      case segments(indices: Int?, isMaximum: Bool)
      /// Rows added up; the way of combining parts.
      case rows(Reduction)
    }
    let value: Int
    let kind: Kind
    let dtype: DType
  }

  let space: Dimension
  let level: Int
  /// The code, its slots in their places.
  package let code: SweepCode
  /// How often each pass found what it looks for, in their order.
  package let passCounts: [PassCount]
  /// The instructions as they are executed.
  let calls: UnsafePointer<KernelCall>
  let instructions: [Instruction]
  let slots: [Slot]
  let sinks: [Sink]
  /// By sink: whether couplings add to its rows where they lie.
  let isInPlace: [Bool]
  /// Row values that the sweep writes out.
  let results: [Int]
  /// Instructions whose couplings each part prepares, and those that are prepared once for a run.
  let preparedByPart: [Int]
  let preparedByRun: [Int]
  /// Bytes of tile memory a row, of rows elsewhere that a row of the tile needs, and of scratch a
  /// part.
  let tileBytes: Int
  let inPlaceBytes: Int
  let scratchBytes: Int
  /// Rows of a tile: as many as keep its memory in the second-level cache, in multiples of 16. Of
  /// rows elsewhere a part counts: most are read once. Grouped couplings want whole segments.
  let tileRows: Int
  let prepared: PreparedMemory
  let options: PlanOptions
  /// The index list that rows are taken in the order of, if it is not their own.
  let order: Int?
  let splits: SweepSplits
  /// About how long a row takes.
  let nanosecondsPerRow: Double

  /// A sweep of these instructions, with the memory that they name laid out.
  init(
    space: Dimension, level: Int, code: SweepCode, passCounts: [PassCount], options: PlanOptions,
    order: Int? = nil,
    splits: SweepSplits = .none
  ) {
    let places = SlotPlaces(code)
    var code = code
    code.slots = places.slots
    if options.verifies { code.verify(after: "placing its slots", isPlaced: true) }
    self.space = space
    self.level = level
    self.code = code
    self.passCounts = passCounts
    instructions = code.instructions
    calls = code.memory.copy(code.instructions.map { KernelCall($0, in: code.memory) })
    slots = places.slots
    sinks = code.sinks
    results = code.results
    inPlaceBytes = code.inPlaceBytes
    self.options = options
    self.order = order
    self.splits = splits
    var isInPlace = [Bool](repeating: false, count: sinks.count)
    for instruction in instructions {
      if case .sinkAddresses(let addresses) = instruction.operation,
        case .sink(let sink) = places.slots[addresses.sink.slot].kind
      {
        isInPlace[sink] = true
      }
    }
    self.isInPlace = isInPlace
    preparedByPart = instructions.indices.filter { code.instructions[$0].preparation == .byPart }
    preparedByRun = instructions.indices.filter { code.instructions[$0].preparation == .byRun }
    (tileBytes, scratchBytes) = (places.tileBytes, places.scratchBytes)
    self.prepared = PreparedMemory(byteCount: places.preparedBytes)
    let budget = 384 * 1024
    let hasGroups = instructions.contains { $0.grouped != nil }
    let least = hasGroups && 32 * tileBytes <= 2 * budget ? 32 : 16
    tileRows = max(least, min(2048, budget / max(1, tileBytes + inPlaceBytes / 4) & ~15))
    nanosecondsPerRow = instructions.reduce(0) { sum, instruction in
      guard case .gather(let gather) = instruction.operation,
        case .order = places.slots[gather.indices.entries.slot].kind
      else { return sum + instruction.nanosecondsPerRow }
      // Out of all rows, in any order.
      return sum + Double(gather.copiedBytes) / 8 + 2
    }
  }
}

extension Sweep.Sink.Kind: Sendable {}
