/// A drawing: axes, what is drawn between them, and what it shows in words.
///
/// The drawing has no view box of its own: places are fractions of its size, letters and lines
/// have sizes in pixels, so that it fills a telephone's width and a desktop's with letters of the
/// same size. What has to stretch lies in an inner drawing of 100 by 100 units whose lines keep
/// their width.
struct Plot {
  /// The drawing's name.
  var title: String
  /// What it shows, for those who can see it: the line below the name.
  var caption: String
  /// What it shows, for those who cannot.
  var description: String
  let x: PlotAxis
  let y: PlotAxis
  let xTitle: String
  let yTitle: String
  /// Whether it is as high as wide.
  var isSquare = false
  /// Paths in units of a hundredth of the width and the height.
  var paths = ""
  /// What stands below the drawing: HTML.
  var footer = ""
  /// Classes of the figure beside that of a card.
  var style = ""
  /// A step that is marked.
  var mark: (value: Double, label: String)?

  /// The least width of the area between the axes, in pixels: on a screen of 320.
  static let leastWidth = 184.0

  /// Colours of the style sheet: `c0` and so on.
  static let colors = 8

  /// `x y` of a point in the inner drawing.
  static func point(_ x: Double, _ y: Double) -> String {
    "\(ReportText.coordinate(100 * x)) \(ReportText.coordinate(100 * (1 - y)))"
  }

  /// Places from the left and from the top, in percent.
  private func across(_ value: Double) -> String {
    ReportText.coordinate(100 * x.position(value)) + "%"
  }

  private func down(_ value: Double) -> String {
    ReportText.coordinate(100 * (1 - y.position(value))) + "%"
  }

  /// Names of colours, from `first` on.
  static func legend(_ names: [String], first: Int = 0, style: String = "") -> String {
    let spans = names.enumerated().map {
      "<span class=\"c\((first + $0) % colors)\">\(ReportText.foreign($1))</span>"
    }
    return "<p class=\"legend\(style.isEmpty ? "" : " " + style)\">\(spans.joined())</p>"
  }

  /// The figure with its caption.
  /// - Parameter id: A name of its own in the page.
  func html(id: String) -> String {
    let escape = ReportText.escape
    let left = ReportText.coordinate(max(30, y.labelWidth + 12))
    return "<figure class=\"card\(style.isEmpty ? "" : " " + style)\"><figcaption>\(escape(title))"
      + (caption.isEmpty ? "" : "<span>\(escape(caption))</span>") + "</figcaption>\n"
      + "<div class=\"plot\(isSquare ? " square" : "")\" style=\"--left:\(left)px\">"
      + "<svg role=\"img\" aria-labelledby=\"\(id)-title\" aria-describedby=\"\(id)-text\">"
      + "<title id=\"\(id)-title\">\(escape(title))</title>"
      + "<desc id=\"\(id)-text\">\(escape(description))</desc>"
      + grid() + labels()
      + "<svg viewBox=\"0 0 100 100\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\(paths)"
      + "</svg>\(markLine())</svg></div>\(footer)</figure>\n"
  }

  private func grid() -> String {
    func horizontal(_ style: String, _ value: Double) -> String {
      let place = down(value)
      return "<line class=\"\(style)\" x2=\"100%\" y1=\"\(place)\" y2=\"\(place)\"/>"
    }
    func vertical(_ style: String, _ value: Double) -> String {
      let place = across(value)
      return "<line class=\"\(style)\" y2=\"100%\" x1=\"\(place)\" x2=\"\(place)\"/>"
    }
    return y.minorTicks.map { horizontal("minor", $0) }.joined()
      + y.ticks.map { horizontal("grid", $0.value) }.joined()
      + x.ticks.map { vertical("grid", $0.value) }.joined()
      + "<line class=\"axis\" x2=\"100%\" y1=\"100%\" y2=\"100%\"/>"
  }

  private func labels() -> String {
    func text(_ style: String, _ place: String, _ text: String) -> String {
      "<text class=\"\(style)\" \(place)>\(ReportText.escape(text))</text>"
    }
    return y.ticks.map { text("end", "x=\"-8\" y=\"\(down($0.value))\" dy=\"4\"", $0.label) }
      .joined()
      + x.ticks.map {
        text("middle", "x=\"\(across($0.value))\" y=\"100%\" dy=\"19\"", $0.label)
      }.joined()
      + text("middle", "x=\"50%\" y=\"100%\" dy=\"38\"", xTitle)
      + text("", "dy=\"-10\"", yTitle)
  }

  private func markLine() -> String {
    guard let mark, x.range.contains(mark.value) else { return "" }
    let place = across(mark.value)
    let isRight = x.position(mark.value) > 0.5
    return "<line class=\"mark\" y2=\"100%\" x1=\"\(place)\" x2=\"\(place)\"/>"
      + "<text class=\"halo\(isRight ? " end" : "")\" x=\"\(place)\" dx=\"\(isRight ? -6 : 6)\" "
      + "dy=\"14\">\(ReportText.escape(mark.label))</text>"
  }
}
