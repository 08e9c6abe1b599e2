/// Where the rows that an instruction reads or writes lie: in a slot of the sweep.
package struct Operand: BitwiseCopyable, Equatable, Sendable {
  /// The slot's number.
  package var slot: Int
  /// The first element of a row, counted from where the slot's row begins, in bytes.
  package var byteOffset = 0
  /// The distance between rows in elements; 0 if all rows share the operand.
  package var rowStride = 0
}

/// Rows that a kernel takes wherever they lie: in a slot, or at addresses that a slot holds.
struct Rows: BitwiseCopyable, Equatable {
  /// The rows. If they lie elsewhere, its slot holds their addresses, and its offset and distance
  /// are those of the rows.
  var operand: Operand
  /// If the slot holds addresses: the slot of the addresses that the next tile will need
  /// (``RowsAhead``).
  var ahead: Int?

  /// Whether the slot holds the addresses of rows, not the rows.
  var isIndirect: Bool { ahead != nil }

  init(_ operand: Operand) { self.operand = operand }
}

/// Rows that a kernel writes, or adds to.
struct Target: BitwiseCopyable, Equatable {
  var rows: Rows
  /// Whether the kernel adds to what the rows hold already.
  var isAdded = false
  /// If these are rows of a sum elsewhere: the slot of the sink.
  var sink: Int?

  init(_ operand: Operand) { rows = Rows(operand) }
}
