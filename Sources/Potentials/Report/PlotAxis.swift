internal import E3xSystem

/// One axis of a plot: a range of values, how they map to 0…1, and where the ticks are.
struct PlotAxis {
  /// A labelled position.
  struct Tick: Equatable {
    var value: Double
    var label: String
  }

  let range: ClosedRange<Double>
  let isLogarithmic: Bool
  let ticks: [Tick]
  /// Positions of lines without labels.
  let minorTicks: [Double]

  /// Numbers beyond ±1e300 are not drawn: differences and squares of ranges would overflow.
  static func canDraw(_ value: Double) -> Bool { abs(value) <= 1e300 }

  /// The place of a value, 0 at the start of the axis and 1 at its end.
  func position(_ value: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    if isLogarithmic { return (log(value) - log(low)) / (log(high) - log(low)) }
    return (value - low) / (high - low)
  }

  /// Pixels that a label takes at most, at the size of letters in plots.
  static func width(_ label: String) -> Double { 7.5 * Double(label.count) }

  /// The pixels that the longest label takes.
  var labelWidth: Double { ticks.map { Self.width($0.label) }.max() ?? 0 }

  /// An axis with ticks at 1, 2, 2.5 or 5 times a power of ten.
  /// - Parameters:
  ///   - margin: How much wider the range is than the values, as a fraction.
  ///   - count: About how many ticks it has at most.
  ///   - room: The length of an axis, in pixels, along which the labels have to fit beside one
  ///     another; nil where they stand above one another.
  static func linear(
    _ values: [Double], margin: Double = 0.04, count: Int = 5, room: Double? = nil
  ) -> PlotAxis {
    let drawn = values.filter(canDraw)
    var low = drawn.min() ?? 0
    var high = drawn.max() ?? 1
    let span = high - low
    let pad = span > 1e-12 * max(abs(low), abs(high)) ? margin * span : max(abs(low) * 0.1, 0.5)
    low -= pad
    high += pad
    var ticks: [Tick] = []
    for count in stride(from: count, through: 1, by: -1) {
      let step = niceStep((high - low) / Double(count))
      let fewer = linearTicks(low, high, step: step)
      if fewer.isEmpty { continue }
      ticks = fewer
      let distance = (room ?? .infinity) * (step / (high - low))
      if ticks.count == 1 || ticks.allSatisfy({ width($0.label) + 8 <= distance }) { break }
    }
    return PlotAxis(range: low...high, isLogarithmic: false, ticks: ticks, minorTicks: [])
  }

  /// The multiples of `step` from `low` to `high`, as far as their labels tell them apart.
  private static func linearTicks(_ low: Double, _ high: Double, step: Double) -> [Tick] {
    let first = (low / step).rounded(.up)
    let last = (high / step).rounded(.down)
    guard first <= last, last - first < 50 else { return [] }
    var ticks: [Tick] = []
    for index in 0...Int(last - first) {
      let value = (first + Double(index)) * step
      let label = label(value, step: step)
      if label != ticks.last?.label { ticks.append(Tick(value: value, label: label)) }
    }
    return ticks
  }

  /// A logarithmic axis; values that are not positive are left out.
  ///
  /// Ticks stand at powers of ten, or at every few of them; over less than two decades also at 2
  /// and 5 times a power of ten; within a factor of two, as on a linear axis.
  static func logarithmic(_ values: [Double]) -> PlotAxis {
    let positive = values.filter { canDraw($0) && $0 > 0 }
    guard let least = positive.min(), let greatest = positive.max() else {
      return PlotAxis(range: 0.1...10, isLogarithmic: true, ticks: [], minorTicks: [])
    }
    let pad = max(pow(10, 0.05 * (log10(greatest) - log10(least))), 1.1)
    let low = max(least / pad, .leastNormalMagnitude)
    let high = max(min(greatest * pad, .greatestFiniteMagnitude), 2 * low)
    let decades = log10(high) - log10(low)
    if decades < 0.5 {
      let ticks = linearTicks(low, high, step: niceStep((high - low) / 5))
      return PlotAxis(range: low...high, isLogarithmic: true, ticks: ticks, minorTicks: [])
    }
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let stride = max(1, Int((decades / 6).rounded(.up)))
    let multiples = decades < 2.2 ? [1, 2, 5] : [1]
    var ticks: [Tick] = []
    var minor: [Double] = []
    for exponent in exponents {
      for multiple in 1...9 {
        let value = Double(multiple) * pow(10, Double(exponent))
        guard value >= low, value <= high else { continue }
        if multiples.contains(multiple), exponent % stride == 0 {
          ticks.append(Tick(value: value, label: powerLabel(multiple, exponent)))
        } else if stride == 1 {
          minor.append(value)
        }
      }
    }
    return PlotAxis(range: low...high, isLogarithmic: true, ticks: ticks, minorTicks: minor)
  }

  /// The least of 1, 2, 2.5, 5 and 10 times a power of ten that is not below `step`.
  static func niceStep(_ step: Double) -> Double {
    guard step > 0, step.isFinite else { return 1 }
    let power = pow(10, log10(step).rounded(.down))
    let factor = [1, 2, 2.5, 5].first { $0 * power >= step * (1 - 1e-9) } ?? 10
    return factor * power
  }

  /// `value` with as many places as multiples of `step` need.
  static func label(_ value: Double, step: Double) -> String {
    let value = abs(value) < step * 1e-6 ? 0 : value
    if value == 0 { return "0" }
    let magnitude = max(abs(value), step)
    if magnitude >= 1e7 || magnitude < 1e-4 { return ReportText.scientific(value) }
    var places = max(0, Int((-log10(step)).rounded(.up)))
    if abs(step * pow(10, Double(places)) - (step * pow(10, Double(places))).rounded()) > 1e-6 {
      places += 1
    }
    if places == 0, abs(value) >= 10_000 { return ReportText.count(Int(value.rounded())) }
    return ReportText.minus(decimalText(value, places: min(places, 12)))
  }

  private static func powerLabel(_ multiple: Int, _ exponent: Int) -> String {
    if (-3...4).contains(exponent) {
      return exponent >= 0
        ? ReportText.count(multiple * Int(pow(10, Double(exponent))))
        : decimalText(Double(multiple) * pow(10, Double(exponent)), places: -exponent)
    }
    let power = ReportText.power(exponent)
    return multiple == 1 ? power : "\(multiple)·\(power)"
  }
}
