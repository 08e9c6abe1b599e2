internal import E3xLocks

/// The time that the instructions of sweeps took, over all threads, for `e3x explain`. An item of
/// the plan may run as several sweeps (``SweepSplit``).
final class InstructionTimes: Sendable {
  struct Sweep {
    let stage: Stage
    var seconds: [Double]
  }
  /// In the order in which they ran first.
  private let known = Guarded<[Sweep]>([])

  /// Adds what one part measured, in nanoseconds.
  func add(_ stage: Stage, _ part: [UInt64]) {
    known.withLock { known in
      let index = known.firstIndex { $0.stage === stage } ?? known.endIndex
      if index == known.endIndex {
        known.append(Sweep(stage: stage, seconds: part.map { _ in 0 }))
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
  func sweeps(calls: Int) -> [Sweep] {
    known.withLock { known in
      known.map { sweep in
        Sweep(stage: sweep.stage, seconds: sweep.seconds.map { $0 / Double(max(1, calls)) })
      }
    }
  }
}
