import Foundation

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

  /// The place of a value, 0 at the start of the axis and 1 at its end.
  func position(_ value: Double) -> Double {
    let (low, high) = (range.lowerBound, range.upperBound)
    if isLogarithmic { return log(value / low) / log(high / low) }
    return (value - low) / (high - low)
  }

  /// An axis with ticks at 1, 2, 2.5 or 5 times a power of ten.
  /// - Parameter margin: How much wider the range is than the values, as a fraction.
  static func linear(_ values: [Double], margin: Double = 0.04, count: Int = 5) -> PlotAxis {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if !((high - low).isFinite) { (low, high) = (-1, 1) }
    let span = high - low
    let pad = span > 1e-12 * max(abs(low), abs(high)) ? margin * span : max(abs(low) * 0.1, 0.5)
    low -= pad
    high += pad
    let step = niceStep((high - low) / Double(count))
    let first = (low / step).rounded(.up)
    let last = (high / step).rounded(.down)
    var ticks: [Tick] = []
    if last - first < 50 {
      for index in 0...Int(max(0, last - first)) where first <= last {
        let value = (first + Double(index)) * step
        ticks.append(Tick(value: value, label: label(value, step: step)))
      }
    }
    return PlotAxis(range: low...high, isLogarithmic: false, ticks: ticks, minorTicks: [])
  }

  /// A logarithmic axis; values that are not positive are left out.
  ///
  /// Ticks stand at powers of ten, or at every few of them; over less than two decades also at 2
  /// and 5 times a power of ten; within a factor of two, as on a linear axis.
  static func logarithmic(_ values: [Double]) -> PlotAxis {
    let positive = values.filter { $0.isFinite && $0 > 0 }
    guard let least = positive.min(), let greatest = positive.max() else {
      return PlotAxis(range: 0.1...10, isLogarithmic: true, ticks: [], minorTicks: [])
    }
    let pad = max(pow(greatest / least, 0.05), 1.1)
    let low = max(least / pad, .leastNormalMagnitude)
    let high = min(greatest * pad, .greatestFiniteMagnitude)
    let decades = log10(high) - log10(low)
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))

    if decades < 0.5 {
      let step = niceStep((high - low) / 5)
      let ticks = stride(from: (low / step).rounded(.up) * step, through: high, by: step)
        .map { Tick(value: $0, label: label($0, step: step)) }
      return PlotAxis(range: low...high, isLogarithmic: true, ticks: ticks, minorTicks: [])
    }
    let stride = max(1, Int((decades / 6).rounded(.up)))
    let multiples = decades < 2.2 ? [1.0, 2, 5] : [1.0]
    var ticks: [Tick] = []
    var minor: [Double] = []
    for exponent in exponents {
      for multiple in 1...9 {
        let value = Double(multiple) * pow(10, Double(exponent))
        guard value >= low, value <= high else { continue }
        if multiples.contains(Double(multiple)), exponent % stride == 0 {
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
    let magnitude = max(abs(value), step)
    if magnitude >= 1e7 || magnitude < 1e-4 { return ReportText.minus(String(format: "%g", value)) }
    var places = max(0, Int((-log10(step)).rounded(.up)))
    if abs(step * pow(10, Double(places)) - (step * pow(10, Double(places))).rounded()) > 1e-6 {
      places += 1
    }
    if places == 0, abs(value) >= 10_000 { return ReportText.count(Int(value.rounded())) }
    return ReportText.minus(String(format: "%.\(places)f", value))
  }

  private static func powerLabel(_ multiple: Int, _ exponent: Int) -> String {
    if (-3...4).contains(exponent) {
      return exponent >= 0
        ? ReportText.count(multiple * Int(pow(10, Double(exponent))))
        : String(format: "%.\(-exponent)f", Double(multiple) * pow(10, Double(exponent)))
    }
    let power = ReportText.power(exponent)
    return multiple == 1 ? power : "\(multiple)·\(power)"
  }
}
