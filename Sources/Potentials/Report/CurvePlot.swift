extension Plot {
  /// Values against steps, on a logarithmic axis unless there are negative ones; nil for curves
  /// without a point that can be drawn.
  /// - Parameters:
  ///   - title: What the values are.
  ///   - quantity: A word for the vertical axis.
  ///   - unit: Their unit, or empty.
  ///   - color: 0 to 3.
  ///   - isNoisy: Whether a curve of many points is drawn faintly, under its running mean.
  ///   - written: The step whose parameters were written, to be marked.
  static func curve(
    _ curve: TrainingReport.Curve, title: String, quantity: String, unit: String, color: Int,
    isNoisy: Bool = false, written: Int? = nil
  ) -> Plot? {
    let curve = CurvePoints(curve)
    let drawn = curve.drawn
    let isSmoothed = isNoisy && drawn.count > 400
    guard let words = CurveWords(curve, title: title, unit: unit, isSmoothed: isSmoothed) else {
      return nil
    }
    let values = drawn.map(\.y)
    var plot = Plot(
      title: title, caption: words.caption, description: words.description,
      x: .linear(drawn.map(\.x), margin: 0.02, count: 6, room: Plot.leastWidth),
      y: curve.isLogarithmic ? .logarithmic(values) : .linear(values), xTitle: "step",
      yTitle: unit.isEmpty ? quantity : "\(quantity) (\(unit))")
    if isSmoothed {
      plot.drawLines(CurvePoints.thinned(curve.points), style: "faint c\(color)")
      plot.drawLines(CurvePoints.thinned(curve.smoothed), style: "line c\(color)")
    } else {
      plot.drawLines(CurvePoints.thinned(curve.points), style: "line c\(color)")
    }
    if drawn.count <= 60 { plot.drawDots(drawn, style: "dots c\(color)") }
    if let written, plot.x.range.contains(Double(written)) {
      plot.mark = (Double(written), "written")
      let point = drawn.last { $0.x == Double(written) }
      plot.description += " Marked: the step that was written, "
      plot.description += point.map(words.place) ?? ReportText.count(written)
      plot.description += "."
    }
    return plot
  }

  /// A line through each stretch of points; a point alone becomes a dot.
  mutating func drawLines(_ points: [CurvePoints.Point?], style: String) {
    let stretches = CurvePoints.stretches(points)
    let lines = stretches.filter { $0.count > 1 }.map { stretch in
      "M" + stretch.map { Self.point(x.position($0.x), y.position($0.y)) }.joined(separator: "L")
    }
    if !lines.isEmpty { paths += "<path class=\"\(style)\" d=\"\(lines.joined())\"/>" }
    drawDots(stretches.filter { $0.count == 1 }.map { $0[0] }, style: "lone \(style)")
  }

  /// Points as strokes of no length with round ends: far shorter than circles.
  mutating func drawDots(_ points: [CurvePoints.Point], style: String) {
    var seen: Set<String> = []
    let places = points.map { Self.point(x.position($0.x), y.position($0.y)) }
      .filter { seen.insert($0).inserted }
    guard !places.isEmpty else { return }
    paths += "<path class=\"\(style)\" d=\"\(places.map { "M\($0)h0" }.joined())\"/>"
  }
}

/// What a curve shows, in words.
private struct CurveWords {
  let unit: String
  var caption: String
  var description: String

  /// Nil for curves without a point that can be drawn.
  init?(_ curve: CurvePoints, title: String, unit: String, isSmoothed: Bool) {
    let drawn = curve.drawn
    guard let first = drawn.first, let last = drawn.last,
      let low = drawn.min(by: { $0.y < $1.y }), let high = drawn.max(by: { $0.y < $1.y })
    else { return nil }
    self.unit = unit
    (caption, description) = ("", "")
    if isSmoothed, let end = curve.smoothed.compactMap(\.self).last {
      caption = "\(amount(end.y)) in the mean of the last steps"
    } else if drawn.count == 1 {
      caption = "\(place(last)), the only value"
    } else if low.y == high.y {
      caption = "\(place(last)), as at all steps before"
    } else {
      caption = place(last) + (low.y == last.y ? ", the lowest" : "; lowest \(place(low))")
    }
    description =
      "\(title) against training steps on a \(curve.isLogarithmic ? "logarithmic" : "linear") "
      + "axis. "
    if drawn.count == 1 {
      description += "One value: \(place(last))."
    } else {
      description +=
        "\(ReportText.count(drawn.count)) values: first \(place(first)), last \(place(last)), "
        + "lowest \(place(low)), highest \(place(high))."
    }
    if isSmoothed { description += " The line is a running mean, now \(caption)." }

    let omitted = [
      curve.notFinite == 0
        ? nil : "\(ReportText.count(curve.notFinite, "value")) out of the range of numbers",
      curve.zeros == 0 ? nil : "\(ReportText.count(curve.zeros, "value")) of zero",
    ].compactMap(\.self).joined(separator: " and ")
    if !omitted.isEmpty {
      caption += "; not drawn: \(omitted)"
      description += " Not drawn: \(omitted)."
    }
  }

  func amount(_ value: Double) -> String {
    ReportText.number(value) + (unit.isEmpty ? "" : " \(unit)")
  }

  func place(_ point: CurvePoints.Point) -> String {
    let step =
      abs(point.x) < 1e15 && point.x == point.x.rounded()
      ? ReportText.count(Int(point.x)) : ReportText.number(point.x)
    return "\(amount(point.y)) at step \(step)"
  }
}
