/// An executor whose values lie in memory, and whose threads are those of a pool.
protocol CPUExecutor: Executor {
  /// The results, which may be views; they are never written to again.
  func run(_ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool) throws -> [Value]
}

extension CPUExecutor {
  func run(_ arguments: [Tensor], _ bindings: Bindings) throws -> [Tensor] {
    let pool = ThreadPool.shared
    return try run(arguments.map { try $0.value() }, bindings, pool).map { value in
      let owned = value.ownedContiguous(pool)
      return Tensor(storage: owned.storage, shape: owned.dimensions, dtype: owned.dtype)
    }
  }
}

extension Tensor {
  /// The value with its elements, contiguous.
  func value() throws -> Value { Value(contiguous: try storage(), shape.known!, dtype) }
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
