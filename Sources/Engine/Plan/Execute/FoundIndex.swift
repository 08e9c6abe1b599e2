/// A bad index, and the operation that met it.
struct FoundIndex {
  var bad: BadIndex
  /// The position in the graph of the gather, or of the sum over segments.
  var operation: Int
}
