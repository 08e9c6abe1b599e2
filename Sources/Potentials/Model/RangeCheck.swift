internal import E3xEngine

/// Checks of numbers of a configuration.
struct RangeCheck {
  /// What is configured, for errors.
  let function: String

  func refusal(_ argument: String, _ reason: String) -> ArgumentError {
    ArgumentError(function, argument, reason)
  }

  func callAsFunction<Number: Comparable>(
    _ argument: String, _ value: Number, _ range: ClosedRange<Number>, unit: String = ""
  ) throws(ArgumentError) {
    // False for what is not a number.
    guard range.contains(value) else {
      throw refusal(
        argument,
        "must be between \(range.lowerBound) and \(range.upperBound)\(unit), received \(value)")
    }
  }
}
