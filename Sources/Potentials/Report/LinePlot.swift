/// A figure of one quantity along another, such as an energy over time, on linear axes.
public struct LinePlot: Sendable {
  /// One of its lines: places and values; what is not finite is a gap.
  public struct Line: Sendable {
    let name: String
    let x: [Double]
    let y: [Double]

    /// A line.
    /// - Parameter name: for the legend, which two lines or more have.
    /// - Parameter x: places, as many as there are values.
    /// - Parameter y: values.
    public init(_ name: String = "", x: [Double], y: [Double]) {
      (self.name, self.x, self.y) = (name, x, y)
    }
  }

  let title: String
  let xTitle: String
  let yTitle: String
  let lines: [Line]
  /// 0 to 3, of the first line.
  let color: Int

  /// A figure.
  ///
  /// - Parameters:
  ///   - title: its name.
  ///   - xTitle: what stands below the horizontal axis, with a unit.
  ///   - yTitle: what stands above the vertical axis: a unit.
  ///   - lines: what is drawn.
  ///   - color: 0 to 3, of the first line; others have the next ones.
  public init(title: String, xTitle: String, yTitle: String, lines: [Line], color: Int = 0) {
    (self.title, self.xTitle, self.yTitle) = (title, xTitle, yTitle)
    (self.lines, self.color) = (lines, color)
  }

  /// The figure; empty if there is nothing to draw.
  /// - Parameter id: a name of its own in the page.
  public func html(id: String) -> String {
    let curves = lines.map { line -> [CurvePoints.Point?] in
      zip(line.x, line.y).map { x, y in
        PlotAxis.canDraw(x) && PlotAxis.canDraw(y) ? CurvePoints.Point(x: x, y: y) : nil
      }
    }
    let drawn = curves.flatMap { $0 }.compactMap(\.self)
    guard !drawn.isEmpty else { return "" }
    let names = lines.map(\.name).filter { !$0.isEmpty }
    let words = zip(lines, curves).map { line, points -> String in
      let values = points.compactMap { $0?.y }
      guard let last = values.last, let low = values.min(), let high = values.max() else {
        return "\(line.name): no values"
      }
      return (line.name.isEmpty ? "" : line.name + ": ")
        + "\(ReportText.number(low)) to \(ReportText.number(high)), at the end "
        + ReportText.number(last)
    }
    var plot = Plot(
      title: title, caption: words.joined(separator: "; "),
      description: "\(yTitle) against \(xTitle). \(words.joined(separator: "; ")).",
      x: .linear(drawn.map(\.x), margin: 0.02, count: 6, room: Plot.leastWidth),
      y: .linear(drawn.map(\.y)), xTitle: xTitle, yTitle: yTitle)
    for (index, points) in curves.enumerated() {
      plot.drawLines(CurvePoints.thinned(points), style: "line c\((color + index) % Plot.colors)")
    }
    if names.count > 1 { plot.footer = Plot.legend(lines.map(\.name), first: color) }
    return plot.html(id: id)
  }
}
