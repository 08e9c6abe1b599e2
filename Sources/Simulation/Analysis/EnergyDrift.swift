public import E3xEngine

/// How fast an energy that ought to stay the same changes: the slope of a line through its values.
public struct EnergyDrift: Sendable, Equatable {
  /// By least squares, in the unit of the energies over that of the times.
  public let slope: Double
  /// The standard error of the slope, from the slopes of lines through blocks of the values: right for an
  /// energy that walks at random, too large for one that only fluctuates.
  public let error: Double
  /// The root of the mean square of what the line leaves.
  public let fluctuation: Double

  /// - Parameters:
  ///   - times: ascending.
  ///   - energies: as many.
  ///   - blocks: how many blocks of equal numbers the error is of, at least 2.
  /// - Throws: `ArgumentError` naming `blocks`, `energies` that are not as many as times or too few for
  ///   the blocks, or `times` that do not ascend.
  public init(times: [Double], energies: [Double], blocks: Int = 8) throws(ArgumentError) {
    let function = "EnergyDrift"
    guard blocks >= 2 else {
      throw ArgumentError(function, "blocks", "must be at least 2, received \(blocks)")
    }
    guard energies.count == times.count, times.count / 2 >= blocks else {
      throw ArgumentError(
        function, "energies",
        "expected as many as there are times (\(times.count)), and two for each of \(blocks) blocks, "
          + "received \(energies.count)")
    }
    guard zip(times, times.dropFirst()).allSatisfy({ $0 < $1 && ($1 - $0).isFinite }) else {
      throw ArgumentError(function, "times", "expected finite numbers that ascend")
    }
    let whole = Self.line(times[...], energies[...])
    let size = times.count / blocks
    let slopes = (0..<blocks).map { block in
      let range = (block * size)..<((block + 1) * size)
      return Self.line(times[range], energies[range]).slope
    }
    let mean = slopes.reduce(0, +) / Double(blocks)
    let square = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    (slope, fluctuation) = whole
    error = (square / Double(blocks - 1) / Double(blocks)).squareRoot()
  }

  private static func line(
    _ x: ArraySlice<Double>, _ y: ArraySlice<Double>
  ) -> (slope: Double, rest: Double) {
    let count = Double(x.count)
    let (meanX, meanY) = (x.reduce(0, +) / count, y.reduce(0, +) / count)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      xy += (a - meanX) * (b - meanY)
      yy += (b - meanY) * (b - meanY)
    }
    let slope = xy / xx
    return (slope, (max(0, yy - slope * xy) / count).squareRoot())
  }
}
