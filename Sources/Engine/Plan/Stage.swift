internal import E3xCKernels

/// A sweep over the rows of a space: instructions that carry a tile of rows from what is in memory
/// to what leaves the sweep, everything in between in cache.
struct Stage: Sendable {
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
  let slots: [Slot]
  let sinks: [Sink]
  /// Row values that the stage writes out.
  let results: [Int]
  /// Values that the stage reads.
  let reads: [Int]
  /// Bytes of tile memory a row, of rows elsewhere that a row of the tile needs, and of scratch a
  /// part.
  let tileBytes: Int
  let inPlaceBytes: Int
  let scratchBytes: Int
  let prepared: PreparedMemory
  let memory: StageMemory
  let grain: StageGrain
  /// Whether couplings take rows by runs of one index.
  let hasRuns: Bool
  /// About how long a row takes.
  let nanosecondsPerRow: Double

  /// The sinks whose rows couplings add to where they lie.
  var sinksInPlace: Set<Int> {
    Set(
      instructions.compactMap { instruction in
        guard instruction.code == .sinkRows,
          case .sink(let sink) = slots[Int(instruction.a.slot)].kind
        else { return nil }
        return sink
      })
  }

  /// Rows of a tile: as many as keep its memory in the second-level cache, in multiples of 16. Of
  /// rows elsewhere a part counts: most are read once. Couplings by runs want whole segments.
  var tileRows: Int {
    let budget = 384 * 1024
    let least = hasRuns && 32 * tileBytes <= 2 * budget ? 32 : 16
    return max(least, min(2048, budget / max(1, tileBytes + inPlaceBytes / 4) & ~15))
  }
}

extension Instruction: @unchecked Sendable {}
extension Slot: @unchecked Sendable {}
extension Stage.Sink.Kind: Sendable {}
