internal import E3xLocks

/// The time that the instructions of a sweep took, over all threads, for `e3x explain`.
final class InstructionTimes: Sendable {
  private let nanoseconds: Guarded<[Double]>

  init(count: Int) { nanoseconds = Guarded([Double](repeating: 0, count: count)) }

  /// Adds what one part measured.
  func add(_ part: [UInt64]) {
    nanoseconds.withLock { all in
      for index in part.indices { all[index] += Double(part[index]) }
    }
  }

  /// Microseconds, right-aligned.
  static func column(_ seconds: Double) -> String {
    let number = String(Int((seconds * 1e6).rounded()))
    return String(repeating: " ", count: max(0, 6 - number.count)) + number + " µs  "
  }

  var seconds: [Double] { nanoseconds.withLock { all in all.map { $0 * 1e-9 } } }
}
