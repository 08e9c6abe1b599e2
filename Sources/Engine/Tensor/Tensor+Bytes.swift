extension Tensor {
  /// A tensor of elements as they lie in memory, one after the other.
  /// - Parameter bytes: as many elements of type `dtype` as `shape` has
  package init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType) {
    precondition(bytes.count == shape.reduce(dtype.byteCount, *))
    let storage = Storage(byteCount: bytes.count)
    if let base = bytes.baseAddress {
      storage.pointer.copyMemory(from: base, byteCount: bytes.count)
    }
    self.init(storage: storage, shape: shape, dtype: dtype)
  }

  /// Calls `body` with the elements as they lie in memory, one after the other.
  /// - Throws: as `scalars(as:)`.
  package func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try Constant(try storage()).withBytes(body)
  }
}
