internal import E3xLocks

/// One-element storages of numbers, made once.
final class FillStorage: Sendable {
  static let shared = FillStorage()
  private struct Key: Hashable {
    let bits: UInt64
    let dtype: DType
  }
  private let storages = Guarded<[Key: Storage]>([:])

  func storage(_ value: Double, _ dtype: DType) -> Storage {
    storages.withLock { storages in
      let key = Key(bits: value.bitPattern, dtype: dtype)
      if let storage = storages[key] { return storage }
      let made = Storage(scalar: value, dtype: dtype)
      if storages.count < 4096 { storages[key] = made }
      return made
    }
  }
}
