internal import E3xLocks

/// The time that the instructions of sweeps took, over all threads, for `e3x explain`. An item of
/// the plan may run as several sweeps (``SweepSplit``).
final class InstructionTimes: Sendable {
  struct Entry {
    let sweep: Sweep
    var seconds: [Double]
  }
  /// In the order in which they ran first.
  private let known = Guarded<[Entry]>([])

  /// Adds what one part measured, in nanoseconds.
  func add(_ sweep: Sweep, _ part: [UInt64]) {
    known.withLock { known in
      let index = known.firstIndex { $0.sweep === sweep } ?? known.endIndex
      if index == known.endIndex {
        known.append(Entry(sweep: sweep, seconds: part.map { _ in 0 }))
      }
      for place in part.indices { known[index].seconds[place] += Double(part[place]) * 1e-9 }
    }
  }

  /// Microseconds, right-aligned.
  static func column(_ seconds: Double) -> String {
    let number = String(Int((seconds * 1e6).rounded()))
    return String(repeating: " ", count: max(0, 6 - number.count)) + number + " µs  "
  }

  /// The mean of several calls.
  func entries(calls: Int) -> [Entry] {
    known.withLock { known in
      known.map { entry in
        Entry(sweep: entry.sweep, seconds: entry.seconds.map { $0 / Double(max(1, calls)) })
      }
    }
  }
}
