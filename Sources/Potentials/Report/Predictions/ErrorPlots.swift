internal import E3xSystem

/// Predictions beside references, as far as they can be drawn and compared.
struct PredictionPairs {
  /// What values are told apart by, as colours.
  struct Coloring {
    let category: ErrorCategory
    /// At most eight.
    let names: [String]
    /// The place in `names` of each value.
    let indices: [Int]
  }

  let reference: [Double]
  let predicted: [Double]
  /// Predictions minus references, times 1000.
  let errors: [Double]
  /// How many pairs are there, but are no numbers that can be drawn.
  let omitted: Int
  let colorings: [Coloring]

  /// Nil without a pair.
  init?(reference: [Double], predicted: [Double], colorings: [Coloring] = []) {
    let all = Array(zip(reference, predicted))
    let drawn = all.indices.filter { PlotAxis.canDraw(all[$0].0) && PlotAxis.canDraw(all[$0].1) }
    guard !drawn.isEmpty else { return nil }
    self.reference = drawn.map { all[$0].0 }
    self.predicted = drawn.map { all[$0].1 }
    errors = drawn.map { 1000 * (all[$0].1 - all[$0].0) }
    omitted = all.count - drawn.count
    self.colorings = colorings.map { coloring in
      Coloring(
        category: coloring.category, names: coloring.names,
        indices: drawn.map { coloring.indices[$0] })
    }
  }

  var meanAbsolute: Double { errors.reduce(0) { $0 + abs($1) } / Double(errors.count) }

  var rootMeanSquare: Double {
    // Scaled, so that no square overflows.
    let scale = errors.map(abs).max() ?? 0
    guard scale > 0 else { return 0 }
    let sum = errors.reduce(0) { $0 + ($1 / scale) * ($1 / scale) }
    return scale * (sum / Double(errors.count)).squareRoot()
  }

  /// The places of at most `limit` pairs: those with the greatest errors, and others at equal
  /// distances.
  func sample(limit: Int = 3000) -> [Int] {
    guard errors.count > limit else { return Array(errors.indices) }
    let worst = errors.indices.sorted { abs(errors[$0]) > abs(errors[$1]) }.prefix(limit / 10)
    let others = limit - worst.count
    return Set((0..<others).map { $0 * errors.count / others }).union(worst).sorted()
  }

  /// How pairs that are not drawn are told of.
  var note: String {
    omitted == 0 ? "" : "; \(ReportText.count(omitted, "value")) out of the range of numbers"
  }
}

/// What plots of errors are of.
struct ErrorPlotLabels {
  /// What is predicted, for example `Forces`.
  let title: String
  /// The set of frames, for example `test set`.
  let set: String
  /// One value, for example `force component`.
  let quantity: String
  /// The values' unit; errors are in a thousandth of it.
  let unit: String
  /// 0 to 3, where values are not told apart.
  let color: Int

  func amount(_ value: Double) -> String { "\(ReportText.number(value)) m\(unit)" }
}

extension Plot {
  /// Predictions against references with the diagonal.
  ///
  /// Dots have the colour of what they are told apart by; where that can be several things, the page
  /// has the dots once for each, and the reader chooses.
  static func parity(_ pairs: PredictionPairs, _ labels: ErrorPlotLabels) -> Plot {
    let axis = PlotAxis.linear(pairs.reference + pairs.predicted, room: leastWidth)
    let sums =
      "mean absolute error \(labels.amount(pairs.meanAbsolute)), root mean square error "
      + labels.amount(pairs.rootMeanSquare)
    let count = ReportText.count(pairs.errors.count, labels.quantity)
    let (low, high) = (pairs.reference.min() ?? 0, pairs.reference.max() ?? 0)
    var plot = Plot(
      title: labels.title, caption: "\(count) of the \(labels.set): \(sums)\(pairs.note)",
      description: "Predictions against references for \(count) of the \(labels.set), references "
        + "from \(ReportText.number(low)) to \(ReportText.number(high)) \(labels.unit), with the "
        + "line on which both are equal: \(sums), greatest error "
        + "\(labels.amount(pairs.errors.map(abs).max() ?? 0))\(pairs.note).",
      x: axis, y: axis, xTitle: "reference (\(labels.unit))", yTitle: "predicted (\(labels.unit))")
    plot.isSquare = true
    plot.paths = "<path class=\"diagonal\" d=\"M0 100L100 0\"/>"
    let chosen = pairs.sample()
    func point(_ place: Int) -> CurvePoints.Point {
      CurvePoints.Point(x: pairs.reference[place], y: pairs.predicted[place])
    }
    if pairs.colorings.isEmpty {
      plot.drawDots(chosen.map(point), style: "cloud c\(labels.color)")
    }
    for coloring in pairs.colorings {
      plot.paths += "<g class=\"by \(coloring.category.rawValue)\">"
      for color in coloring.names.indices {
        let dots = chosen.filter { coloring.indices[$0] == color }
        plot.drawDots(dots.map(point), style: "cloud c\(color)")
      }
      plot.paths += "</g>"
    }
    return plot
  }

  /// How often errors of each size occur. Bins reach as far as 99 % of the errors; the caption says
  /// how many lie beyond.
  static func histogram(_ pairs: PredictionPairs, _ labels: ErrorPlotLabels) -> Plot {
    let sorted = pairs.errors.map(abs).sorted()
    let reach = max(sorted[min(sorted.count - 1, sorted.count * 99 / 100)], 1e-9) * 1.0001
    let bins = pairs.errors.count < 400 ? 21 : 41
    var counts = [Int](repeating: 0, count: bins)
    for error in pairs.errors where abs(error) < reach {
      counts[min(bins - 1, Int((error / reach + 1) / 2 * Double(bins)))] += 1
    }
    let beyond = pairs.errors.count - counts.reduce(0, +)
    let bias = pairs.errors.reduce(0) { $0 + $1 / Double(pairs.errors.count) }
    let middle =
      "median of absolute errors \(labels.amount(sorted[sorted.count / 2])), mean error "
      + labels.amount(bias)
    let outside = beyond == 0 ? "" : "; \(ReportText.count(beyond)) beyond the plot"
    let count = ReportText.count(pairs.errors.count, labels.quantity)
    var plot = Plot(
      title: "Errors of \(labels.title.lowercased())", caption: middle + outside,
      description: "Histogram of predictions minus references for \(count) of the \(labels.set): "
        + "\(middle); 90 % of the errors are below "
        + "\(labels.amount(sorted[sorted.count * 9 / 10])), 99 % below "
        + "\(labels.amount(sorted[sorted.count * 99 / 100]))\(outside).",
      x: .linear([-reach, reach], margin: 0.02, count: 6, room: leastWidth),
      y: .linear([0, Double(counts.max() ?? 1) * 1.05], margin: 0, count: 4),
      xTitle: "predicted − reference (m\(labels.unit))", yTitle: "number of values")
    plot.drawBars(counts, from: -reach, to: reach, style: "bars c\(labels.color)")
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
