import Foundation

/// The report's drawings.
enum Plots {
  /// Positive values against steps on a logarithmic axis, with the last value as a note; nil for
  /// curves without a point that can be drawn.
  /// - Parameter isNoisy: Whether a curve of many points is drawn faintly, under its running mean.
  static func curve(
    _ curve: TrainingReport.Curve, name: String, unit: String, color: Int, isNoisy: Bool = false
  ) -> String? {
    let points = zip(curve.steps, curve.values).filter { $0.isFinite && $1.isFinite && $1 > 0 }
    guard let last = points.last else { return nil }
    let isSmoothed = isNoisy && points.count > 400
    let smooth = isSmoothed ? smoothed(points) : points
    let frame = PlotFrame(
      x: .linear(points.map(\.0), margin: 0.02, count: 6), y: .logarithmic(points.map(\.1)),
      xTitle: "step", yTitle: unit.isEmpty ? name : "\(name) (\(unit))")
    var contents = ""
    if isSmoothed {
      contents += path(thinned(points), in: frame, style: "line faint c\(color)")
    }
    contents += path(thinned(smooth), in: frame, style: "line c\(color)")
    if points.count <= 60 {
      contents += dots(points, in: frame, style: "dots c\(color)")
    }
    let value = ReportText.number(smooth.last?.1 ?? last.1) + (unit.isEmpty ? "" : " \(unit)")
    contents += frame.note(
      [value, isSmoothed ? "mean of the last steps" : "at the last step"], atRight: true)
    return frame.svg(label: "\(name) against training steps", contents: contents)
  }

  /// Predictions against references with the diagonal; nil without points.
  static func parity(
    _ parity: TrainingReport.Parity, name: String, unit: String, color: Int
  ) -> String? {
    let pairs = finitePairs(parity)
    guard !pairs.isEmpty else { return nil }
    let axis = PlotAxis.linear(pairs.map(\.0) + pairs.map(\.1))
    var frame = PlotFrame(
      x: axis, y: axis, xTitle: "reference \(name) (\(unit))", yTitle: "predicted \(name) (\(unit))"
    )
    frame.makeSquare()
    let (low, high) = (axis.range.lowerBound, axis.range.upperBound)
    let diagonal =
      "<path class=\"diagonal\" d=\"M\(frame.point(low, low))L\(frame.point(high, high))\"/>"
    let errors = pairs.map { 1000 * ($0.1 - $0.0) }
    let mean = errors.reduce(0) { $0 + abs($1) } / Double(errors.count)
    let square = (errors.reduce(0) { $0 + $1 * $1 } / Double(errors.count)).squareRoot()
    let notes = [
      "MAE \(ReportText.number(mean)) m\(unit)", "RMSE \(ReportText.number(square)) m\(unit)",
      "\(ReportText.count(pairs.count)) values",
    ]
    return frame.svg(
      label: "Predicted against reference \(name)", hasVerticalGrid: true,
      contents: diagonal + dots(sample(pairs), in: frame, style: "cloud c\(color)")
        + frame.note(notes))
  }

  /// How often errors of each size occur; nil without values. Bins reach as far as 99 % of the
  /// errors; the note says how many lie beyond.
  static func histogram(
    _ parity: TrainingReport.Parity, name: String, unit: String, color: Int
  ) -> String? {
    let errors = finitePairs(parity).map { 1000 * ($0.1 - $0.0) }.filter(\.isFinite)
    guard !errors.isEmpty else { return nil }
    let sorted = errors.map(abs).sorted()
    let reach = max(sorted[min(sorted.count - 1, sorted.count * 99 / 100)], 1e-9) * 1.0001
    let bins = errors.count < 400 ? 21 : 41
    var counts = [Int](repeating: 0, count: bins)
    var beyond = 0
    for error in errors {
      let place = (error + reach) / (2 * reach) * Double(bins)
      if place >= 0, place < Double(bins) { counts[Int(place)] += 1 } else { beyond += 1 }
    }
    let frame = PlotFrame(
      x: .linear([-reach, reach], margin: 0.02, count: 6),
      y: .linear([0, Double(counts.max() ?? 1) * 1.25], margin: 0, count: 4),
      xTitle: "predicted − reference \(name) (m\(unit))", yTitle: "count")
    let width = frame.across(2 * reach / Double(bins)) - frame.across(0)
    var bars = ""
    for (index, count) in counts.enumerated() where count > 0 {
      let x = frame.across(-reach) + Double(index) * width
      let y = frame.down(Double(count))
      bars +=
        "M\(ReportText.coordinate(x + 0.5)) \(ReportText.coordinate(frame.down(0)))"
        + "V\(ReportText.coordinate(y))h\(ReportText.coordinate(width - 1))"
        + "V\(ReportText.coordinate(frame.down(0)))z"
    }
    let bias = errors.reduce(0, +) / Double(errors.count)
    let half = sorted[sorted.count / 2]
    var notes = [
      "median |error| \(ReportText.number(half)) m\(unit)",
      "mean error \(ReportText.number(bias)) m\(unit)",
    ]
    if beyond > 0 { notes.append("\(ReportText.count(beyond)) beyond the plot") }
    return frame.svg(
      label: "Histogram of the errors of \(name)",
      contents: "<path class=\"bars c\(color)\" d=\"\(bars)\"/>" + frame.note(notes))
  }

  /// Pairs of finite numbers.
  static func finitePairs(_ parity: TrainingReport.Parity) -> [(Double, Double)] {
    zip(parity.reference, parity.predicted).filter { $0.isFinite && $1.isFinite }
  }

  /// At most `limit` pairs at equal distances, and the one with the greatest error.
  static func sample(_ pairs: [(Double, Double)], limit: Int = 4000) -> [(Double, Double)] {
    guard pairs.count > limit else { return pairs }
    let worst = pairs.indices.max { a, b in
      abs(pairs[a].1 - pairs[a].0) < abs(pairs[b].1 - pairs[b].0)
    }
    let chosen = (0..<limit - 1).map { pairs[$0 * pairs.count / (limit - 1)] }
    return chosen + (worst.map { [pairs[$0]] } ?? [])
  }

  /// The least and the greatest value of each of at most `limit` stretches.
  static func thinned(_ points: [(Double, Double)], limit: Int = 500) -> [(Double, Double)] {
    guard points.count > 2 * limit else { return points }
    return (0..<limit).flatMap { bucket -> [(Double, Double)] in
      let range = bucket * points.count / limit..<(bucket + 1) * points.count / limit
      guard let low = range.min(by: { points[$0].1 < points[$1].1 }),
        let high = range.max(by: { points[$0].1 < points[$1].1 })
      else { return [] }
      return low == high ? [points[low]] : [points[min(low, high)], points[max(low, high)]]
    }
  }

  /// A geometric running mean over a fiftieth of the points, fewer at the ends.
  static func smoothed(_ points: [(Double, Double)]) -> [(Double, Double)] {
    let reach = max(1, points.count / 100)
    var sums = [0.0]
    for point in points { sums.append(sums[sums.count - 1] + log(point.1)) }
    return points.indices.map { index in
      let first = max(0, index - reach)
      let end = min(points.count, index + reach + 1)
      return (points[index].0, exp((sums[end] - sums[first]) / Double(end - first)))
    }
  }

  private static func path(
    _ points: [(Double, Double)], in frame: PlotFrame, style: String
  ) -> String {
    let places = points.map { frame.point($0.0, $0.1) }
    return "<path class=\"\(style)\" d=\"M\(places.joined(separator: "L"))\"/>"
  }

  /// Points as strokes of no length with round ends: far shorter than circles.
  private static func dots(
    _ points: [(Double, Double)], in frame: PlotFrame, style: String
  ) -> String {
    var seen: Set<String> = []
    let places = points.map { frame.point($0.0, $0.1) }.filter { seen.insert($0).inserted }
    return "<path class=\"\(style)\" d=\"\(places.map { "M\($0)h0" }.joined())\"/>"
  }
}
