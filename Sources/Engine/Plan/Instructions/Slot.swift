/// A piece of memory that instructions name by its number.
package struct Slot {
  package enum Kind {
    /// Written and read within a tile.
    case tile(rowBytes: Int)
    /// Rows of a value that was written out before: [rows, width].
    case rows(value: Int, rowBytes: Int)
    /// Rows of a value that this sweep writes out.
    case result(value: Int, rowBytes: Int)
    /// All rows of a value that this sweep writes out, in an order of its own.
    case scattered(value: Int)
    /// A value without rows, contiguous.
    case shared(value: Int)
    /// In a sweep in the order of a list (``SweepSplit``): the numbers of the rows, and another
    /// index list in that order.
    case order
    case orderedList(value: Int)
    /// A constant number, which the sweep's memory keeps.
    case number(UnsafeMutableRawPointer)
    /// Bytes of each part.
    case scratch(bytes: Int)
    /// Bytes of all parts: what couplings prepare once for a run.
    case prepared(bytes: Int)
    /// The accumulator of a sink: each part's own, or the part of the result that it owns.
    case sink(index: Int)

    /// Whether these are rows in memory, the next tile's behind this one's.
    var isInMemory: Bool {
      switch self {
      case .rows, .order, .orderedList: true
      default: false
      }
    }
  }
  package var kind: Kind
  /// Bytes from the beginning of a part's memory, a row (tiles) or all (scratch), or of what is
  /// prepared.
  package var offset = 0
}

extension Slot: @unchecked Sendable {}
