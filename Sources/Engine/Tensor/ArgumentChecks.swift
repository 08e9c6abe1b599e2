internal import E3xLimits

// What numbers must be that come from files, command lines and callers, and become sizes: each is
// checked once, where it enters, before anything is allocated, counted through or traced.

/// The most that anything may be of that is counted: what indices, which are int32, can tell apart.
package let countLimit = Int(Int32.max)

/// Refuses counts below 1 (or another least number) and above a limit.
package func checkCount(
  _ function: String, _ argument: String, _ count: Int, from least: Int = 1,
  to most: Int = countLimit
) throws(ArgumentError) {
  guard count >= least else {
    let expected = least == 0 ? "must not be negative" : "must be at least \(least)"
    throw ArgumentError(function, argument, "\(expected), received \(count)")
  }
  guard count <= most else {
    throw ArgumentError(function, argument, "must be at most \(most), received \(count)")
  }
}

/// Refuses what would make an array that memory does not hold.
///
/// - Parameters:
///   - received: what the argument is, for the message.
///   - extents: of the array that is about to be written.
///   - bytesEach: the size of an element.
package func checkMemory(
  _ function: String, _ argument: String, received: some Any, _ extents: [Int], bytesEach: Int = 8
) throws(ArgumentError) {
  guard
    let reason = MemoryLimit.refusal(extents, bytesEach: bytesEach, limit: MemoryLimit.machine)
  else { return }
  throw ArgumentError(function, argument, "\(received) makes an array that \(reason)")
}
