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
  /// Bytes of tile memory a row, and of scratch a part.
  let tileBytes: Int
  let scratchBytes: Int
  let memory: StageMemory

  /// Rows of a tile: as many as keep its memory in the second-level cache, in multiples of 16.
  var tileRows: Int {
    let budget = 384 * 1024
    return max(16, min(2048, budget / max(1, tileBytes) & ~15))
  }
}

extension Instruction: @unchecked Sendable {}
extension Slot: @unchecked Sendable {}
extension Stage.Sink.Kind: Sendable {}
