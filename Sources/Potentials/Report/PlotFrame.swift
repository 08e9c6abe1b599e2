/// The frame of a plot as SVG: grid, ticks, axis titles; contents are drawn over it.
struct PlotFrame {
  var width = 520.0
  var height = 300.0
  /// Room for the labels and the title of the vertical axis.
  var left: Double
  var right = 16.0
  var top = 14.0
  var bottom = 46.0
  let x: PlotAxis
  let y: PlotAxis
  let xTitle: String
  let yTitle: String

  init(x: PlotAxis, y: PlotAxis, xTitle: String, yTitle: String) {
    self.x = x
    self.y = y
    self.xTitle = xTitle
    self.yTitle = yTitle
    left = 44 + 7 * Double(y.ticks.map(\.label.count).max() ?? 0)
  }

  /// Makes the plot's area a square.
  mutating func makeSquare() {
    height = width - left - right + top + bottom
  }

  /// Horizontal place of a value.
  func across(_ value: Double) -> Double { left + x.position(value) * (width - left - right) }

  /// Vertical place of a value.
  func down(_ value: Double) -> Double {
    height - bottom - y.position(value) * (height - top - bottom)
  }

  /// `x y` of a point, for a path.
  func point(_ xValue: Double, _ yValue: Double) -> String {
    "\(ReportText.coordinate(across(xValue))) \(ReportText.coordinate(down(yValue)))"
  }

  /// The whole drawing.
  /// - Parameters:
  ///   - label: What the drawing shows, for those who cannot see it.
  ///   - hasVerticalGrid: Whether ticks of the horizontal axis have lines too.
  func svg(label: String, hasVerticalGrid: Bool = false, contents: String) -> String {
    typealias Text = ReportText
    let c = Text.coordinate
    let (end, base) = (width - right, height - bottom)
    var grid = ""
    var ticks = ""
    for value in y.minorTicks {
      grid += "<path class=\"minor\" d=\"M\(c(left)) \(c(down(value)))H\(c(end))\"/>"
    }
    for tick in y.ticks {
      let place = down(tick.value)
      grid += "<path class=\"grid\" d=\"M\(c(left)) \(c(place))H\(c(end))\"/>"
      ticks +=
        "<text class=\"tick end\" x=\"\(c(left - 8))\" y=\"\(c(place + 4))\">"
        + "\(Text.escape(tick.label))</text>"
    }
    for tick in x.ticks {
      let place = across(tick.value)
      if hasVerticalGrid {
        grid += "<path class=\"grid\" d=\"M\(c(place)) \(c(top))V\(c(base))\"/>"
      }
      grid += "<path class=\"axis\" d=\"M\(c(place)) \(c(base))v4\"/>"
      ticks +=
        "<text class=\"tick middle\" x=\"\(c(place))\" y=\"\(c(base + 18))\">"
        + "\(Text.escape(tick.label))</text>"
    }
    let axis = "<path class=\"axis\" d=\"M\(c(left)) \(c(base))H\(c(end))\"/>"
    let middle = (top + base) / 2
    let titles =
      "<text class=\"name middle\" x=\"\(c((left + end) / 2))\" y=\"\(c(height - 8))\">"
      + "\(Text.escape(xTitle))</text>"
      + "<text class=\"name middle\" transform=\"translate(14 \(c(middle))) rotate(-90)\">"
      + "\(Text.escape(yTitle))</text>"
    return "<svg viewBox=\"0 0 \(c(width)) \(c(height))\" role=\"img\" "
      + "aria-label=\"\(Text.escape(label))\">\(grid)\(axis)\(ticks)\(titles)\(contents)</svg>"
  }

  /// Lines of text in a corner of the plot.
  func note(_ lines: [String], atRight: Bool = false) -> String {
    lines.enumerated().map { index, line in
      let x = atRight ? width - right - 8 : left + 10
      let y = top + 16 + Double(index) * 17
      return "<text class=\"note\(index == 0 ? " strong" : "")\(atRight ? " end" : "")\" "
        + "x=\"\(ReportText.coordinate(x))\" y=\"\(ReportText.coordinate(y))\">"
        + "\(ReportText.escape(line))</text>"
    }.joined()
  }
}
