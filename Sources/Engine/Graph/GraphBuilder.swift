/// Puts operations one after the other, equal ones once.
struct GraphBuilder {
  private(set) var operations: [Graph.Operation] = []
  private var existing: [Key: Int] = [:]

  /// The position of an operation: that of an equal one, if there is one, or a new one.
  mutating func place(
    _ primitive: Primitive, _ inputs: [Int], _ shape: Shape, _ dtype: DType,
    _ label: IndexLabel? = nil
  ) -> Int {
    let key = Key(primitive: primitive, inputs: inputs, shape: shape, dtype: dtype)
    if let found = existing[key] {
      if operations[found].label == nil { operations[found].label = label }
      return found
    }
    operations.append(
      Graph.Operation(
        primitive: primitive, inputs: inputs, shape: shape, dtype: dtype, label: label))
    existing[key] = operations.count - 1
    return operations.count - 1
  }

  /// The value in another type.
  mutating func cast(_ value: Int, to dtype: DType) -> Int {
    let source = operations[value]
    return source.dtype == dtype ? value : place(.cast, [value], source.shape, dtype)
  }

  /// What makes two operations the same.
  private struct Key: Hashable {
    let primitive: Primitive
    let inputs: [Int]
    let shape: Shape
    let dtype: DType
  }
}
