/// A page of its own with charts of lines.
package struct ChartPage {
  /// Lines through points.
  package struct Chart {
    /// The chart's name.
    package var title: String
    /// What it shows, below the name.
    package var caption: String
    /// The words at the axes.
    package var (xTitle, yTitle): (String, String)
    /// Of one colour.
    package var lines: [[(x: Double, y: Double)]]
    /// Places with names on the horizontal axis; nil for numbers.
    package var places: [(value: Double, label: String)]?

    /// A chart.
    package init(
      title: String, caption: String, xTitle: String, yTitle: String,
      lines: [[(x: Double, y: Double)]], places: [(value: Double, label: String)]? = nil
    ) {
      (self.title, self.caption, self.xTitle, self.yTitle) = (title, caption, xTitle, yTitle)
      (self.lines, self.places) = (lines, places)
    }
  }

  /// The page's name.
  package var title: String
  /// What it is about, below the name.
  package var subtitle: String
  /// Numbers with names.
  package var facts: [(name: String, value: String)]
  /// In their order.
  package var charts: [Chart]

  /// A page.
  package init(
    title: String, subtitle: String, facts: [(name: String, value: String)], charts: [Chart]
  ) {
    (self.title, self.subtitle, self.facts, self.charts) = (title, subtitle, facts, charts)
  }

  /// The page, which loads nothing.
  package func html() -> String {
    let escape = ReportText.escape
    let figures = charts.enumerated().map { $1.plot.html(id: "chart\($0)") }.joined()
    let pairs = facts.map {
      "<div><dt>\(escape($0.name))</dt><dd>\(escape($0.value))</dd></div>\n"
    }.joined()
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(escape(title))</title>
      <style>
      \(ReportStyle.css)
      </style>
      </head>
      <body>
      <header>
      <h1>\(escape(title))</h1>
      <p class="sub">\(escape(subtitle))</p>
      </header>
      <main>
      <section><h2>Curves</h2>
      <div class="plots">
      \(figures)</div></section>
      <section><h2>Numbers</h2>
      <dl class="card pairs">
      \(pairs)</dl></section>
      </main>
      </body>
      </html>

      """
  }
}

extension ChartPage.Chart {
  fileprivate var plot: Plot {
    let points = lines.joined().filter { PlotAxis.canDraw($0.x) && PlotAxis.canDraw($0.y) }
    let xs = points.map(\.x)
    let x: PlotAxis
    if let places, let low = xs.min(), let high = xs.max(), low < high {
      x = PlotAxis(
        range: low...high, isLogarithmic: false,
        ticks: places.map { PlotAxis.Tick(value: $0.value, label: $0.label) }, minorTicks: [])
    } else {
      x = .linear(xs, margin: 0, count: 6, room: Plot.leastWidth)
    }
    let ys = points.map(\.y)
    var plot = Plot(
      title: title, caption: caption,
      description:
        "\(title): \(yTitle) against \(xTitle); \(ReportText.count(lines.count, "line")), "
        + "from \(ReportText.number(ys.min() ?? 0)) to \(ReportText.number(ys.max() ?? 0)).",
      x: x, y: .linear(ys + [0]), xTitle: xTitle, yTitle: yTitle)
    for line in lines {
      plot.drawLines(line.map { CurvePoints.Point(x: $0.x, y: $0.y) }, style: "line c0")
    }
    return plot
  }
}
