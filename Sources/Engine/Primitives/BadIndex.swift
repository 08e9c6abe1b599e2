/// An index that an operation refuses.
package struct BadIndex {
  var index: Int32
  /// The position in the list, its axes flattened.
  var position: Int
  /// The number of rows that the operation has.
  var limit: Int
  /// Whether an index equal to the limit is padding.
  var allowsPadding: Bool

  package init(index: Int32, position: Int, limit: Int, allowsPadding: Bool) {
    self.index = index
    self.position = position
    self.limit = limit
    self.allowsPadding = allowsPadding
  }

  /// The error, in terms of the call that the list came with.
  /// - Parameter operation: the primitive's name, for lists without a label.
  /// - Parameter dimensions: the shape of the list that ran.
  package func error(
    _ operation: String, _ label: IndexLabel?, dimensions: [Int], _ bindings: Bindings
  ) -> EvaluationError {
    let size = label?.size.resolved(bindings) ?? limit
    let shape = label?.shape.resolved(bindings) ?? dimensions
    let value = Int(index) > limit ? Int(index) - limit + size : Int(index)
    return EvaluationError(
      label?.function ?? operation, argument: label?.argument,
      "index \(value) at position \(indexPlace(position, in: shape)) is outside 0 ..< \(size)"
        + (allowsPadding ? " (\(size) would be padding)" : ""))
  }
}

/// A position in a flattened array as "7", or "[1, 7]" with several axes.
package func indexPlace(_ position: Int, in dimensions: [Int]) -> String {
  var rest = position
  var place: [Int] = []
  for size in dimensions.reversed() {
    place.insert(rest % size, at: 0)
    rest /= size
  }
  return place.count == 1 ? String(place[0]) : "\(place)"
}
