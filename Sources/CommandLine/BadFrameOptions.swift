internal import ArgumentParser
internal import E3xPotentials

/// What is done with frames that cannot be used.
struct BadFrameOptions: ParsableArguments {
  @Flag(
    help: """
      Pass over frames that cannot be used (numbers that are not finite, unknown elements, atoms at \
      one place, no atoms), and say how many; otherwise the first is an error.
      """)
  var skipBadFrames = false

  /// Says what was passed over, and what is probably wrong.
  static func report(_ bad: BadFrames, _ close: PredictionStream.Close?) {
    if let summary = bad.summary { StandardError.print("skipped \(summary)") }
    if let (count, first) = close {
      let others = count > 1 ? "; so are atoms of \(count - 1) other frames" : ""
      StandardError.print("warning: \(first), closer than atoms come\(others)")
    }
  }
}
