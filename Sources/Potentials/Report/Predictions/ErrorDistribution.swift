internal import E3xSystem

/// How large the errors of one kind of value are: their number, means, and how they are distributed,
/// in memory of fixed size.
struct ErrorDistribution: Sendable {
  /// Up to so many errors are kept as they are.
  private static let mostKept = 256
  /// More are counted in bins, of this many to a power of ten: quantiles are then good to 6 %.
  private static let binsPerDecade = 20
  /// Powers of ten, in thousandths of the values' unit, between which bins lie.
  private static let decades = -6...9

  private(set) var count = 0
  /// Values that are no numbers that can be drawn.
  private(set) var omitted = 0
  private var sum = 0.0
  private var squares = 0.0
  private(set) var greatest = 0.0
  /// Some of the errors, or all of few, in thousandths.
  private var kept: [Double] = []
  private var bins: [Int32: Int] = [:]

  /// Adds an error, in the values' unit.
  mutating func add(_ error: Double) {
    let size = 1000 * abs(error)
    guard PlotAxis.canDraw(size) else {
      omitted += 1
      return
    }
    count += 1
    sum += size
    squares += size * size
    greatest = max(greatest, size)
    if kept.count < Self.mostKept { kept.append(size) }
    bins[Self.bin(size), default: 0] += 1
  }

  /// Adds all errors of another distribution.
  mutating func add(_ other: ErrorDistribution) {
    count += other.count
    omitted += other.omitted
    sum += other.sum
    squares += other.squares
    greatest = max(greatest, other.greatest)
    kept += other.kept.prefix(Self.mostKept - kept.count)
    bins.merge(other.bins, uniquingKeysWith: +)
  }

  /// In thousandths; nil of none.
  var meanAbsolute: Double? { count == 0 ? nil : sum / Double(count) }

  /// In thousandths; nil of none, and where squares are beyond numbers.
  var rootMeanSquare: Double? {
    guard count > 0, squares.isFinite else { return nil }
    return (squares / Double(count)).squareRoot()
  }

  /// The size, in thousandths, below which a fraction of the errors lies; nil of none.
  func quantile(_ fraction: Double) -> Double? {
    guard count > 0 else { return nil }
    if count == kept.count {
      let sorted = kept.sorted()
      let place = fraction * Double(count - 1)
      let below = min(Int(place), count - 1)
      let above = min(below + 1, count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    let wanted = fraction * Double(count)
    var below = 0
    for bin in bins.keys.sorted() {
      let here = bins[bin] ?? 0
      if Double(below + here) >= wanted {
        let part = (wanted - Double(below)) / Double(here)
        return min(Self.size(Double(bin) + part), greatest)
      }
      below += here
    }
    return greatest
  }

  private static func bin(_ size: Double) -> Int32 {
    let least = binsPerDecade * decades.lowerBound
    let most = binsPerDecade * decades.upperBound
    guard size > 0 else { return Int32(least) }
    let place = (log10(size) * Double(binsPerDecade)).rounded(.down)
    return Int32(max(Double(least), min(Double(most), place)))
  }

  private static func size(_ place: Double) -> Double { pow(10, place / Double(binsPerDecade)) }
}
