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
  let values = try ExecutorChoice.current.executor(once: graph).run([], Bindings(), .shared)
  for (tensor, value) in zip(open, values) {
    tensor.node.result = value.ownedContiguous(.shared).storage
  }
}

extension Tensor {
  /// Whether the elements depend on arguments of a function that is being traced, and so are not
  /// known.
  package var isTraced: Bool {
    node.result == nil && (shape.known == nil || !Graph(outputs: [self]).isClosed)
  }

  /// The value with its elements, contiguous.
  func value() throws -> Value {
    try evaluate([self])
    return Value(contiguous: node.result!, shape.known!, dtype)
  }

  /// The elements in row-major order, converted to `Element` where the type differs.
  /// - Throws: `ShapeError` if rows are symbolic; `EvaluationError` as ``evaluate(_:)``.
  public func scalars<Element: TensorElement>(
    as type: Element.Type = Element.self
  ) throws -> [Element] {
    let value = try cast(to: Element.dtype).value()
    let elements = value.pointer.assumingMemoryBound(to: Element.self)
    return Array(UnsafeBufferPointer(start: elements, count: value.count))
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
    let value = try value()
    return Tensor(storage: value.storage, shape: value.dimensions, dtype: dtype)
  }
}

extension Value {
  /// Contiguous from the first byte of a storage that holds nothing else.
  func ownedContiguous(_ pool: ThreadPool) -> Value {
    if isContiguous && offset == 0 && storage.byteCount == count * dtype.byteCount { return self }
    let copy = Value(uninitialized: dimensions, dtype)
    copy.assign(self, pool)
    return copy
  }
}
