internal import E3xEngine
internal import E3xLocks

/// What programs hold of the library: numbers that are never used twice, in the form of pointers that
/// nobody follows. A handle that was freed, or is none, is found out.
final class Handles<Object: Sendable>: Sendable {
  private let objects = Guarded<[UInt: Object]>([:])
  /// What the objects are, for messages.
  private let kind: String

  init(_ kind: String) { self.kind = kind }

  /// A handle for an object.
  func insert(_ object: Object) -> OpaquePointer {
    let number = nextHandle.add(16, ordering: .relaxed).oldValue
    objects.withLock { $0[number] = object }
    return OpaquePointer(bitPattern: number)!
  }

  /// The object of a handle.
  /// - Throws: `ArgumentError` naming `argument` if there is none.
  func object(_ handle: OpaquePointer?, _ argument: String) throws(ArgumentError) -> Object {
    guard let handle else { throw refusal(argument, "received NULL") }
    guard let object = objects.withLock({ $0[UInt(bitPattern: handle)] }) else {
      throw refusal(argument, "received what is none, or was freed")
    }
    return object
  }

  /// Forgets a handle; NULL is none.
  /// - Throws: `ArgumentError` naming `argument` if there is no such handle.
  func remove(_ handle: OpaquePointer?, _ argument: String) throws(ArgumentError) {
    guard let handle else { return }
    guard objects.withLock({ $0.removeValue(forKey: UInt(bitPattern: handle)) }) != nil else {
      throw refusal(argument, "received what is none, or was freed")
    }
  }

  private func refusal(_ argument: String, _ reason: String) -> ArgumentError {
    ArgumentError("", argument, "expected a \(kind), \(reason)")
  }
}

/// The number of the next handle of any kind; none is the address of anything.
private let nextHandle = Atomic<UInt>(16)
