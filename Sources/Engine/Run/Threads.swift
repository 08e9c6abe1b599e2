/// The threads that computations share. Results are the same bits for any number of them.
public enum Threads {
  /// How many threads compute, the calling one included: at first what the environment variable
  /// `E3X_THREADS` says (1 to 1024; anything else is ignored, with a line on standard error),
  /// otherwise the number of processors.
  public static var count: Int { ThreadPool.shared.threadCount }

  /// Computes on so many threads from now on. What other threads compute meanwhile ends with as many
  /// as it began, or fewer.
  ///
  /// - Parameter count: 1 to 1024; 1 leaves everything to the calling thread.
  /// - Throws: ``ArgumentError`` for any other number.
  public static func use(_ count: Int) throws {
    guard (1...1024).contains(count) else {
      throw ArgumentError("Threads.use", "count", "is \(count), not 1 to 1024")
    }
    guard count != Self.count else { return }
    ThreadPool.share(ThreadPool(threads: count))
  }
}
