/// Runs a call for about `seconds`, in batches of at least a few milliseconds, after one that
/// does not count.
/// - Returns: The least and the median seconds of a call.
func time(seconds: Double = 0.3, _ call: () throws -> Void) rethrows -> (
  least: Double, median: Double
) {
  let clock = ContinuousClock()
  func measured(_ calls: Int) throws -> Double {
    let parts = try clock.measure { for _ in 0..<calls { try call() } }.components
    return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
  }
  _ = try measured(1)
  let calls = max(1, Int(0.005 / max(1e-9, try measured(1))))
  var times: [Double] = []
  var spent = 0.0
  while times.count < 3 || spent < seconds {
    let taken = try measured(calls)
    spent += taken
    times.append(taken / Double(calls))
  }
  times.sort()
  return (times[0], times[times.count / 2])
}
