internal import E3xLocks

/// Memory in which the couplings of a sweep keep what they prepare. It is kept between runs, so that
/// only what depends on the values of shared operands is worked out again; runs at the same time
/// have memory of their own.
final class PreparedMemory: Sendable {
  let byteCount: Int
  private let unused = Guarded<[Storage]>([])

  init(byteCount: Int) { self.byteCount = byteCount }

  /// - Returns: memory, and whether it was prepared before.
  func take() -> (storage: Storage, isPrepared: Bool)? {
    guard byteCount > 0 else { return nil }
    if let storage = unused.withLock({ $0.popLast() }) { return (storage, true) }
    return (Storage(byteCount: byteCount), false)
  }

  func give(_ storage: Storage) { unused.withLock { $0.append(storage) } }
}
