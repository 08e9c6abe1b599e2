internal import E3xSystem

/// Predictions beside references, as far as they can be drawn and compared.
struct PredictionPairs {
  let reference: [Double]
  let predicted: [Double]
  /// Predictions minus references, times 1000.
  let errors: [Double]
  /// How many pairs are there, but are no numbers that can be drawn.
  let omitted: Int

  /// Nil without a pair.
  init?(_ parity: TrainingReport.Parity) {
    let all = Array(zip(parity.reference, parity.predicted))
    let pairs = all.filter { PlotAxis.canDraw($0.0) && PlotAxis.canDraw($0.1) }
    guard !pairs.isEmpty else { return nil }
    reference = pairs.map(\.0)
    predicted = pairs.map(\.1)
    errors = pairs.map { 1000 * ($0.1 - $0.0) }
    omitted = all.count - pairs.count
  }

  var meanAbsolute: Double { errors.reduce(0) { $0 + abs($1) } / Double(errors.count) }

  var rootMeanSquare: Double {
    // Scaled, so that no square overflows.
    let scale = errors.map(abs).max() ?? 0
    guard scale > 0 else { return 0 }
    let sum = errors.reduce(0) { $0 + ($1 / scale) * ($1 / scale) }
    return scale * (sum / Double(errors.count)).squareRoot()
  }

  /// At most `limit` pairs: those with the greatest errors, and others at equal distances.
  func sample(limit: Int = 3000) -> [CurvePoints.Point] {
    var chosen = Array(errors.indices)
    if errors.count > limit {
      let worst = chosen.sorted { abs(errors[$0]) > abs(errors[$1]) }.prefix(limit / 10)
      let others = limit - worst.count
      chosen = (0..<others).map { $0 * errors.count / others }
      chosen = Set(chosen).union(worst).sorted()
    }
    return chosen.map { CurvePoints.Point(x: reference[$0], y: predicted[$0]) }
  }

  /// How pairs that are not drawn are told of.
  var note: String {
    omitted == 0 ? "" : "; \(ReportText.count(omitted, "value")) out of the range of numbers"
  }
}

extension Plot {
  /// Predictions against references with the diagonal; nil without points.
  /// - Parameters:
  ///   - title: What is predicted, for example `Forces`.
  ///   - set: The set of frames, for example `test set`.
  ///   - quantity: One value, for example `force component`.
  ///   - unit: The values' unit; errors are in a thousandth of it.
  ///   - color: 0 to 3.
  static func parity(
    _ parity: TrainingReport.Parity, title: String, set: String, quantity: String, unit: String,
    color: Int
  ) -> Plot? {
    guard let pairs = PredictionPairs(parity) else { return nil }
    let axis = PlotAxis.linear(pairs.reference + pairs.predicted, room: leastWidth)
    func amount(_ value: Double) -> String { "\(ReportText.number(value)) m\(unit)" }
    let sums =
      "mean absolute error \(amount(pairs.meanAbsolute)), root mean square error "
      + amount(pairs.rootMeanSquare)
    let count = ReportText.count(pairs.errors.count, quantity)
    let (low, high) = (pairs.reference.min() ?? 0, pairs.reference.max() ?? 0)
    var plot = Plot(
      title: title, caption: "\(count) of the \(set): \(sums)\(pairs.note)",
      description: "Predictions against references for \(count) of the \(set), references from "
        + "\(ReportText.number(low)) to \(ReportText.number(high)) \(unit), with the line on which "
        + "both are equal: \(sums), greatest error "
        + "\(amount(pairs.errors.map(abs).max() ?? 0))\(pairs.note).",
      x: axis, y: axis, xTitle: "reference (\(unit))", yTitle: "predicted (\(unit))")
    plot.isSquare = true
    plot.paths = "<path class=\"diagonal\" d=\"M0 100L100 0\"/>"
    plot.drawDots(pairs.sample(), style: "cloud c\(color)")
    return plot
  }

  /// How often errors of each size occur; nil without values. Bins reach as far as 99 % of the
  /// errors; the caption says how many lie beyond.
  static func histogram(
    _ parity: TrainingReport.Parity, title: String, set: String, quantity: String, unit: String,
    color: Int
  ) -> Plot? {
    guard let pairs = PredictionPairs(parity) else { return nil }
    let sorted = pairs.errors.map(abs).sorted()
    let reach = max(sorted[min(sorted.count - 1, sorted.count * 99 / 100)], 1e-9) * 1.0001
    let bins = pairs.errors.count < 400 ? 21 : 41
    var counts = [Int](repeating: 0, count: bins)
    for error in pairs.errors where abs(error) < reach {
      counts[min(bins - 1, Int((error / reach + 1) / 2 * Double(bins)))] += 1
    }
    let beyond = pairs.errors.count - counts.reduce(0, +)
    func amount(_ value: Double) -> String { "\(ReportText.number(value)) m\(unit)" }
    let bias = pairs.errors.reduce(0) { $0 + $1 / Double(pairs.errors.count) }
    let middle =
      "median of absolute errors \(amount(sorted[sorted.count / 2])), mean error \(amount(bias))"
    let outside = beyond == 0 ? "" : "; \(ReportText.count(beyond)) beyond the plot"
    let count = ReportText.count(pairs.errors.count, quantity)
    var plot = Plot(
      title: title, caption: middle + outside,
      description: "Histogram of predictions minus references for \(count) of the \(set): "
        + "\(middle); 90 % of the errors are below \(amount(sorted[sorted.count * 9 / 10])), "
        + "99 % below \(amount(sorted[sorted.count * 99 / 100]))\(outside).",
      x: .linear([-reach, reach], margin: 0.02, count: 6, room: leastWidth),
      y: .linear([0, Double(counts.max() ?? 1) * 1.05], margin: 0, count: 4),
      xTitle: "predicted − reference (m\(unit))", yTitle: "number of values")
    plot.drawBars(counts, from: -reach, to: reach, style: "bars c\(color)")
    return plot
  }

  private mutating func drawBars(_ counts: [Int], from: Double, to: Double, style: String) {
    let start = x.position(from)
    let width = (x.position(to) - start) / Double(counts.count)
    let bars = counts.enumerated().filter { $0.element > 0 }.map { index, count in
      let left = start + Double(index) * width
      return "M\(Self.point(left, 0))L\(Self.point(left, y.position(Double(count))))"
        + "L\(Self.point(left + width, y.position(Double(count))))L\(Self.point(left + width, 0))z"
    }
    paths += "<path class=\"\(style)\" d=\"\(bars.joined())\"/>"
  }
}
