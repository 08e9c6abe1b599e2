@_exported public import Synchronization

#if E3X_THREAD_SANITIZER
  /// A value that one thread at a time may use. This form of it, with a lock of the system, is for
  /// ThreadSanitizer, which does not see the locks of the standard library and takes everything
  /// behind them for a race.
  package final class Guarded<Value>: @unchecked Sendable {
    private let lock = Condition()
    private var value: Value

    package init(_ value: consuming sending Value) { self.value = value }

    package func withLock<Result, Failure: Error>(
      _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      lock.lock()
      defer { lock.unlock() }
      return try body(&value)
    }
  }
#else
  /// A value that one thread at a time may use.
  package typealias Guarded = Mutex
#endif
