internal import E3xLocks
internal import E3xSystem

/// A block of memory, 64-byte aligned, written once by its maker and immutable from then on.
final class Storage: @unchecked Sendable {
  let pointer: UnsafeMutableRawPointer
  let byteCount: Int
  private let sizeClass: Int
  /// What an executor makes of the elements and keeps with them, such as the order of an index list.
  let derived = Guarded<(any AnyObject & Sendable)?>(nil)

  /// Uninitialised memory of at least `byteCount` bytes.
  init(byteCount: Int) {
    self.byteCount = byteCount
    (pointer, sizeClass) = StoragePool.shared.take(StoragePool.sizeClass(byteCount))
  }

  deinit { StoragePool.shared.give(pointer, sizeClass) }

  convenience init<Element: TensorElement>(_ values: [Element]) {
    self.init(byteCount: values.count * MemoryLayout<Element>.stride)
    values.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { pointer.copyMemory(from: base, byteCount: bytes.count) }
    }
  }

  /// One element of `dtype`.
  convenience init(scalar: Double, dtype: DType) {
    self.init(byteCount: 8)
    switch dtype {
    case .float32: pointer.storeBytes(of: Float(scalar), as: Float.self)
    case .float64: pointer.storeBytes(of: scalar, as: Double.self)
    case .int32: pointer.storeBytes(of: Int32(scalar), as: Int32.self)
    case .bool: pointer.storeBytes(of: scalar != 0, as: Bool.self)
    case .float16, .bfloat16: preconditionFailure("graphs have no numbers of \(dtype)")
    }
  }

  /// 0, 1, 2, … up to `count`, without it.
  convenience init(counting count: Int, dtype: DType) {
    switch dtype {
    case .float32: self.init((0..<count).map { Float($0) })
    case .float64: self.init((0..<count).map { Double($0) })
    case .int32: self.init((0..<count).map { Int32($0) })
    case .bool: self.init((0..<count).map { $0 != 0 })
    case .float16, .bfloat16: preconditionFailure("graphs have no numbers of \(dtype)")
    }
  }
}
