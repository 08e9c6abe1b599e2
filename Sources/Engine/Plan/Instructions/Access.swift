/// What an instruction does with an operand.
package struct Access {
  package enum Kind: Equatable {
    case read
    case write
    /// Adds to what is there.
    case add
    /// Memory for the instruction alone, or what was prepared for it before the sweep.
    case scratch
  }
  package var kind: Kind
  /// The size of an element in bytes.
  var elementBytes: Int
  /// Of each row, one more than the last byte that is touched, counted from the operand's offset.
  /// Where there are no rows (shared operands, sinks, scratch): of all.
  var bytes: Int
  /// Whether the kernel takes no distance between rows: they follow each other.
  var isPacked = false
  /// Whether the slot holds the addresses of rows.
  var isIndirect = false
}
