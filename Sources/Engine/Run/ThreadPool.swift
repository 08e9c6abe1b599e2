internal import Foundation
internal import Synchronization

/// The threads that executors share. Small jobs run where they are called; large ones are split
/// into parts that depend only on the job, so that results do not depend on the number of threads.
package final class ThreadPool: @unchecked Sendable {
  /// As many threads as `E3X_THREADS` says, or as there are processors.
  package static let shared = ThreadPool(threads: defaultThreadCount)

  private static var defaultThreadCount: Int {
    if let text = ProcessInfo.processInfo.environment["E3X_THREADS"], let count = Int(text),
      (1...1024).contains(count)
    {
      return count
    }
    return ProcessInfo.processInfo.activeProcessorCount
  }

  /// The number of threads, the calling one included.
  package let threadCount: Int

  // One job at a time. Workers wait for `generation` to change, spinning first: jobs follow each
  // other within microseconds while a graph runs. A worker that gives up spinning sleeps on the
  // condition.
  private let busy = Atomic<Bool>(false)
  private let generation = Atomic<Int>(0)
  private let nextPart = Atomic<Int>(0)
  private let running = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private var partCount = 0
  private var body: ((Int) -> Void)?
  private let condition = NSCondition()
  private static let spins = 20_000

  package init(threads: Int) {
    threadCount = max(1, threads)
    for index in 1..<max(threadCount, 1) {
      // Threads wait for work as long as the process lives, and so does the pool.
      let thread = Thread { self.work() }
      thread.name = "e3x-\(index)"
      thread.stackSize = 4 << 20
      thread.start()
    }
  }

  /// Runs `body` for every part 0 ..< parts, in any order, on all threads; returns when all are
  /// done.
  package func run(parts: Int, _ body: (Int) -> Void) {
    guard parts > 1, threadCount > 1, !busy.exchange(true, ordering: .acquiring) else {
      for part in 0..<parts { body(part) }
      return
    }
    withoutActuallyEscaping(body) { body in
      self.body = body
      partCount = parts
      nextPart.store(0, ordering: .relaxed)
      running.store(threadCount - 1, ordering: .relaxed)
      generation.add(1, ordering: .sequentiallyConsistent)
      if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
        condition.lock()
        condition.broadcast()
        condition.unlock()
      }
      takeParts(body)
      var spins = 0
      while running.load(ordering: .acquiring) > 0 {
        spins += 1
        if spins % 4096 == 0 { sched_yield() }
      }
      self.body = nil
    }
    busy.store(false, ordering: .releasing)
  }

  private func takeParts(_ body: (Int) -> Void) {
    while true {
      let part = nextPart.wrappingAdd(1, ordering: .relaxed).oldValue
      guard part < partCount else { return }
      body(part)
    }
  }

  private func work() {
    var seen = 0
    while true {
      var spins = 0
      while generation.load(ordering: .acquiring) == seen {
        spins += 1
        if spins > Self.spins {
          condition.lock()
          sleeping.add(1, ordering: .sequentiallyConsistent)
          while generation.load(ordering: .sequentiallyConsistent) == seen { condition.wait() }
          sleeping.subtract(1, ordering: .sequentiallyConsistent)
          condition.unlock()
        }
      }
      seen += 1
      if let body { takeParts(body) }
      running.subtract(1, ordering: .releasing)
    }
  }
}

extension ThreadPool {
  /// Splits 0 ..< count into ranges of at least `grain`, at most `maxParts`, and runs them all.
  package func run(
    count: Int, grain: Int, maxParts: Int = 64, _ body: (Range<Int>) -> Void
  ) {
    let parts = min(maxParts, max(1, count / max(1, grain)))
    if parts <= 1 || threadCount == 1 {
      if count > 0 { body(0..<count) }
      return
    }
    run(parts: parts) { part in
      body((count * part / parts)..<(count * (part + 1) / parts))
    }
  }
}
