internal import Dispatch
internal import E3xCKernels
internal import E3xLocks
internal import E3xSystem
internal import Synchronization

/// The threads that executors share. Small jobs run where they are called; large ones are split
/// into parts that depend only on the job, so that results do not depend on the number of threads.
package final class ThreadPool: @unchecked Sendable {
  /// As many threads as ``Threads`` was told, as `E3X_THREADS` says, or as there are processors.
  package static var shared: ThreadPool { override ?? present.withLock { $0 } }
  /// Other threads for what is called in a scope.
  @TaskLocal static var override: ThreadPool?
  private static let present = Guarded(ThreadPool(threads: defaultThreadCount))

  /// Replaces the shared pool. Runs that are under way end with the old one.
  static func share(_ pool: ThreadPool) {
    let old = present.withLock { present in
      defer { present = pool }
      return present
    }
    old.retire()
  }

  private static var defaultThreadCount: Int {
    environmentValue("E3X_THREADS", expected: "a number from 1 to 1024") { text in
      Int(text).flatMap { (1...1024).contains($0) ? $0 : nil }
    } ?? ProcessInfo.processInfo.activeProcessorCount
  }

  /// The number of threads, the calling one included.
  package let threadCount: Int

  // One job at a time. `ticket` holds the job's number, its parts, and the next one to be taken:
  // who takes a part of a job keeps the job from ending, so that `body` is the job's own. Nobody
  // waits for a thread that took no part. Workers look for the next job for a while, since jobs
  // follow each other within microseconds while a graph runs, and then sleep on the condition.
  private let busy = Atomic<Bool>(false)
  private let ticket = Atomic<UInt64>(0)
  private let done = Atomic<Int>(0)
  private let sleeping = Atomic<Int>(0)
  private let isRetired = Atomic<Bool>(false)
  private var body: ((Int, Int) -> Void)?
  private let condition = Condition()
  /// How long a worker looks for work before it sleeps. To be woken takes tens of microseconds, on
  /// virtual machines more, and what lies between the sweeps of small systems is less than this.
  private static let patience = 1_000_000

  /// The job's number, the number of parts, and the next part.
  private struct Ticket {
    var bits: UInt64
    var job: UInt64 { bits >> 32 }
    var parts: UInt64 { bits >> 16 & 0xffff }
    var next: UInt64 { bits & 0xffff }

    init(bits: UInt64) { self.bits = bits }
    init(job: UInt64, parts: Int) { bits = job << 32 | UInt64(parts) << 16 }
  }

  package init(threads: Int) {
    threadCount = max(1, threads)
    for index in 1..<max(threadCount, 1) {
      // Threads wait for work until the pool retires, and the pool lives as long.
      startThread(stackBytes: 4 << 20) { self.work(index) }
    }
  }

  /// Runs `body` for every part 0 ..< parts, in any order, on all threads; returns when all are
  /// done.
  package func run(parts: Int, _ body: (Int) -> Void) {
    run(parts: parts) { part, _ in body(part) }
  }

  /// As `run(parts:_:)`, with the number of the thread too: parts that run at the same time have
  /// different ones below ``threadCount``.
  package func run(parts: Int, _ body: (_ part: Int, _ thread: Int) -> Void) {
    guard parts > 1, parts < 0xffff, threadCount > 1, !busy.exchange(true, ordering: .acquiring)
    else {
      for part in 0..<parts { body(part, 0) }
      return
    }
    withoutActuallyEscaping(body) { body in
      self.body = body
      done.store(0, ordering: .relaxed)
      let job = Ticket(bits: ticket.load(ordering: .relaxed)).job + 1
      ticket.store(
        Ticket(job: job & 0xffff_ffff, parts: parts).bits, ordering: .sequentiallyConsistent)
      if sleeping.load(ordering: .sequentiallyConsistent) > 0 {
        condition.lock()
        condition.broadcast()
        condition.unlock()
      }
      takeParts(0)
      var spins = 0
      while done.load(ordering: .acquiring) < parts {
        spins += 1
        if spins % 1024 == 0 { sched_yield() } else { e3x_pause() }
      }
      self.body = nil
    }
    busy.store(false, ordering: .releasing)
  }

  /// Lets the threads of the pool end. Whoever has work for it still gets all of that done, alone.
  private func retire() {
    isRetired.store(true, ordering: .sequentiallyConsistent)
    condition.lock()
    condition.broadcast()
    condition.unlock()
  }

  /// Takes parts of the present job while there are any.
  private func takeParts(_ thread: Int) {
    var found = Ticket(bits: ticket.load(ordering: .acquiring))
    while found.next < found.parts {
      let (taken, original) = ticket.compareExchange(
        expected: found.bits, desired: found.bits + 1, ordering: .acquiringAndReleasing)
      if taken {
        body!(Int(found.next), thread)
        done.add(1, ordering: .releasing)
        found.bits += 1
      } else {
        found.bits = original
      }
    }
  }

  private func hasWork() -> Bool {
    let found = Ticket(bits: ticket.load(ordering: .sequentiallyConsistent))
    return found.next < found.parts
  }

  private func work(_ thread: Int) {
    while !isRetired.load(ordering: .relaxed) {
      if !waitsForWork() {
        condition.lock()
        sleeping.add(1, ordering: .sequentiallyConsistent)
        while !hasWork(), !isRetired.load(ordering: .relaxed) { condition.wait() }
        sleeping.subtract(1, ordering: .sequentiallyConsistent)
        condition.unlock()
      }
      takeParts(thread)
    }
  }

  /// Looks for work; gives up after ``patience`` nanoseconds.
  private func waitsForWork() -> Bool {
    var spins = 0
    var start: UInt64 = 0
    while !hasWork() {
      spins += 1
      if spins % 512 == 0 {
        let now = DispatchTime.now().uptimeNanoseconds
        if start == 0 { start = now }
        if now - start > Self.patience { return false }
        sched_yield()
      } else {
        e3x_pause()
      }
    }
    return true
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
