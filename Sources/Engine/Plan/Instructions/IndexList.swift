/// An index list, an entry for each row.
struct IndexList: BitwiseCopyable, Equatable {
  /// The entries, one after the other.
  var entries: Operand
  /// The position in the graph of the value whose number of rows bounds the indices.
  var bound: Int
  /// The position of the gather or of the sum over segments that errors name.
  var operation: Int

  /// What is wrong with an index.
  func found(
    _ index: Int32, at position: Int, limit: Int, allowsPadding: Bool
  ) -> FoundIndex {
    FoundIndex(
      bad: BadIndex(
        index: index, position: position, limit: limit, allowsPadding: allowsPadding),
      operation: operation)
  }
}
