internal import E3xLimits

/// Computes all of these tensors in one run; their elements are kept with them.
/// - Throws: `EvaluationError` for values that an operation refuses, such as a bad index; `ShapeError`
///   for sizes that no tensor can have or that memory does not hold, and for what depends on the
///   arguments of a function that is being traced.
public func evaluate(_ tensors: [Tensor]) throws {
  let open = tensors.filter { $0.node.result == nil }
  guard !open.isEmpty else { return }
  for tensor in open where tensor.shape.known == nil {
    throw ShapeError(
      "evaluate", [tensor.shape], "a tensor with symbolic rows has no elements outside a call")
  }
  let graph = Graph(outputs: open)
  guard graph.isClosed else {
    throw ShapeError(
      "evaluate", open.map(\.shape),
      "depends on arguments of a function that is being traced: they have no elements")
  }
  try graph.checkSizes()
  for tensor in open {
    try tensor.shape.check(
      "evaluate", tensor.shape.resolved(Bindings()), tensor.dtype, limit: MemoryLimit.machine)
  }
  let results = try ExecutorChoice.current.executor(once: graph).run([], Bindings())
  for (tensor, result) in zip(open, results) { tensor.node.result = result.node.result }
}

extension Tensor {
  /// Whether the elements depend on arguments of a function that is being traced, and so are not
  /// known.
  package var isTraced: Bool {
    node.result == nil && (shape.known == nil || !Graph(outputs: [self]).isClosed)
  }

  /// The elements, one after the other.
  func storage() throws -> Storage {
    try evaluate([self])
    return node.result!
  }

  /// The elements in row-major order, converted to `Element` where the type differs.
  /// - Throws: `ShapeError` if rows are symbolic; `EvaluationError` as ``evaluate(_:)``.
  public func scalars<Element: TensorElement>(
    as type: Element.Type = Element.self
  ) throws -> [Element] {
    let storage = try cast(to: Element.dtype).storage()
    defer { withExtendedLifetime(storage) {} }
    let elements = storage.pointer.assumingMemoryBound(to: Element.self)
    return Array(UnsafeBufferPointer(start: elements, count: shape.known!.reduce(1, *)))
  }

  /// The only element of a tensor with one element.
  /// - Throws: `ShapeError` unless there is one element; `EvaluationError` as ``evaluate(_:)``.
  public func item() throws -> Double {
    guard shape.elementCount == 1 else {
      throw ShapeError("item", [shape], "the tensor must have one element")
    }
    return try scalars(as: Double.self)[0]
  }

  /// The tensor with its elements computed, and the operations that led to it forgotten.
  /// - Throws: `ShapeError` if rows are symbolic; `EvaluationError` as ``evaluate(_:)``.
  public func materialized() throws -> Tensor {
    Tensor(storage: try storage(), shape: shape.known!, dtype: dtype)
  }
}
