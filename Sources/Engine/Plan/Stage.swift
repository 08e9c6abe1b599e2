internal import E3xCKernels

/// A sweep over the rows of a space: instructions that carry a tile of rows from what is in memory
/// to what leaves the sweep, everything in between in cache.
final class Stage: @unchecked Sendable {
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
  let instructions: [Instruction]
  /// The instructions where they stay.
  let code: UnsafePointer<Instruction>
  let slots: [Slot]
  let sinks: [Sink]
  /// By sink: whether couplings add to its rows where they lie.
  let isInPlace: [Bool]
  /// Row values that the stage writes out.
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
  /// rows elsewhere a part counts: most are read once. Couplings by runs want whole segments.
  let tileRows: Int
  let prepared: PreparedMemory
  let memory: StageMemory
  let grain: StageGrain
  /// The index list that rows are taken in the order of, if it is not their own.
  let order: Int?
  let splits: SweepSplits
  /// About how long a row takes.
  let nanosecondsPerRow: Double

  /// A stage of these instructions, with the memory that they name laid out.
  init(
    space: Dimension, level: Int, instructions: [Instruction], layout: TileLayout, sinks: [Sink],
    results: [Int], inPlaceBytes: Int, memory: StageMemory, grain: StageGrain, order: Int? = nil,
    splits: SweepSplits = .none
  ) {
    self.space = space
    self.level = level
    self.instructions = instructions
    code = memory.copy(instructions)
    self.slots = layout.slots
    self.sinks = sinks
    self.results = results
    self.inPlaceBytes = inPlaceBytes
    self.memory = memory
    self.grain = grain
    self.order = order
    self.splits = splits
    var isInPlace = [Bool](repeating: false, count: sinks.count)
    for instruction in instructions where instruction.code == .sinkRows {
      if case .sink(let sink) = layout.slots[Int(instruction.a.slot)].kind {
        isInPlace[sink] = true
      }
    }
    self.isInPlace = isInPlace
    func prepared(byPart: Bool) -> [Int] {
      instructions.indices.filter {
        instructions[$0].coupling?.pointee.isPreparedByPart == byPart
      }
    }
    preparedByPart = prepared(byPart: true)
    preparedByRun = prepared(byPart: false)
    (tileBytes, scratchBytes) = (layout.tileBytes, layout.scratchBytes)
    self.prepared = PreparedMemory(byteCount: layout.preparedBytes)
    let budget = 384 * 1024
    let hasRuns = instructions.contains { $0.run != nil }
    let least = hasRuns && 32 * tileBytes <= 2 * budget ? 32 : 16
    tileRows = max(least, min(2048, budget / max(1, tileBytes + inPlaceBytes / 4) & ~15))
    nanosecondsPerRow = instructions.reduce(0) { sum, instruction in
      guard instruction.code == .gather,
        case .order = layout.slots[Int(instruction.b.slot)].kind
      else { return sum + instruction.nanosecondsPerRow }
      // Out of all rows, in any order.
      return sum + Double(instruction.sizes.0) / 8 + 2
    }
  }
}

extension Instruction: @unchecked Sendable {}
extension Slot: @unchecked Sendable {}
extension Stage.Sink.Kind: Sendable {}
