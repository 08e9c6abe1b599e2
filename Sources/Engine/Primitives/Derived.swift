internal import E3xLocks

/// What executors make of a table once and keep with it, such as its terms in the order and layout
/// of their kernels. The table knows nothing of it, and it is part of nothing that is compared.
package final class Derived: Sendable {
  private struct Key: Hashable {
    let type: ObjectIdentifier
    let variant: Int
  }
  private let kept = Guarded<[Key: any Sendable]>([:])

  package init() {}

  /// The value of this type: the one that is kept, or else the one that `make` makes.
  ///
  /// - Parameter variant: tells values of one type apart.
  /// - Parameter make: may be called by several threads at once; the first value is kept.
  package func value<Value: Sendable>(
    _ type: Value.Type = Value.self, _ variant: Int = 0, _ make: () -> Value
  ) -> Value {
    let key = Key(type: ObjectIdentifier(type), variant: variant)
    if let value = kept.withLock({ $0[key] }) { return value as! Value }
    let made = make()
    return kept.withLock { kept in
      if let value = kept[key] { return value as! Value }
      kept[key] = made
      return made
    }
  }
}
