// Rows that index lists choose, and segments that they are added to.

extension Instruction {
  /// Rows copied into the tile.
  struct Gather: BitwiseCopyable {
    /// All rows of the value, in memory.
    var source: Operand
    var indices: IndexList
    var padding: GatherPadding
    var result: Operand
    /// The bytes of a row, and how many of them are copied.
    var rowBytes: Int
    var copiedBytes: Int
  }

  /// Rows written where they belong, in sweeps in another order (``SweepSplit``).
  struct Scatter: BitwiseCopyable {
    var rows: Operand
    /// The numbers of the rows.
    var numbers: Operand
    /// All rows of the value, in memory.
    var result: Operand
    var rowBytes: Int
  }

  /// The addresses of the rows that indices choose.
  struct GatherAddresses: BitwiseCopyable {
    var source: Operand
    var indices: IndexList
    var padding: GatherPadding
    var addresses: Operand
    /// The addresses that the next tile will need (``RowsAhead``).
    var ahead: Operand
    /// A row of zeros, for padding.
    var zero: Operand
    var rowBytes: Int
  }

  /// The addresses of the segments that rows are added to.
  struct SinkAddresses: BitwiseCopyable {
    var sink: Operand
    var indices: IndexList
    var addresses: Operand
    var ahead: Operand
    /// A row that padding is added to.
    var discarded: Operand
    var rowBytes: Int
  }

  /// Rows added to segments, or their maxima.
  struct ReduceSegments: BitwiseCopyable {
    var isMaximum: Bool
    var rows: Operand
    var indices: IndexList
    var sink: Operand
    /// The elements of a row.
    var width: Int
  }
}
