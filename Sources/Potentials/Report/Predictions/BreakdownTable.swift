/// How errors are distributed, of all values and by element, group and size: a table with a drawing in
/// each row.
struct BreakdownTable {
  /// What the errors are of, for example `Forces`.
  let title: String
  /// A thousandth of the values' unit.
  let unit: String
  /// 0 to 3.
  let color: Int
  let breakdown: ErrorBreakdown

  /// The tables, one for each thing that errors can be told apart by; empty if there is none.
  func html() -> String {
    let tables = ErrorCategory.allCases.map { ($0, breakdown.parts($0)) }.filter { !$0.1.isEmpty }
    let quantiles = tables.flatMap { $0.1 }.flatMap { part in
      [0.05, 0.95].compactMap { part.errors.quantile($0) }
    }
    let axis = PlotAxis.logarithmic(quantiles)
    return tables.map { category, parts in
      "<h3>\(title) by \(category.rawValue)</h3>\n" + table(category, parts, axis)
    }.joined()
  }

  private func table(
    _ category: ErrorCategory, _ parts: [ErrorBreakdown.Part], _ axis: PlotAxis
  ) -> String {
    typealias Cell = ReportTable.Cell
    func number(_ value: Double?) -> Cell {
      value.map { .number(ReportText.number($0)) } ?? .none("no values")
    }
    let rows = parts.map { part in
      [
        Cell.foreign(part.name), .number(ReportText.count(part.errors.count)),
        number(part.errors.meanAbsolute), number(part.errors.rootMeanSquare),
        number(part.errors.quantile(0.95)), Cell(html: drawing(part.errors, axis)),
      ]
    }
    return ReportTable(
      name: "Errors of \(title.lowercased()) by \(category.rawValue)",
      head: [
        .text(category.rawValue.prefix(1).uppercased() + category.rawValue.dropFirst()),
        Cell(html: "Values", isNumber: true),
        Cell(html: "Mean absolute (\(ReportText.escape(unit)))", isNumber: true),
        Cell(html: "Root mean square", isNumber: true), Cell(html: "95 % below", isNumber: true),
        Cell(html: "5 to 95 %, the middle half, the median" + scale(axis)),
      ], rows: rows, isWide: true
    ).html()
  }

  /// The numbers along the drawings, which are drawn for those who see them.
  private func scale(_ axis: PlotAxis) -> String {
    "<svg class=\"spread\" aria-hidden=\"true\">"
      + axis.ticks.map {
        "<text class=\"middle\" x=\"\(across(axis, $0.value))%\" y=\"14\">"
          + "\(ReportText.escape($0.label))</text>"
      }.joined() + "</svg>"
  }

  private func across(_ axis: PlotAxis, _ value: Double) -> String {
    let least = axis.range.lowerBound
    return ReportText.coordinate(100 * min(1, max(0, axis.position(max(value, least)))))
  }

  private func drawing(_ errors: ErrorDistribution, _ axis: PlotAxis) -> String {
    let places = [0.05, 0.25, 0.5, 0.75, 0.95].compactMap { errors.quantile($0) }.map {
      across(axis, $0)
    }
    guard places.count == 5 else { return "" }
    let lines = axis.ticks.map {
      let place = across(axis, $0.value)
      return "<path class=\"grid\" d=\"M\(place) 0V20\"/>"
    }
    return "<svg class=\"spread c\(color)\" viewBox=\"0 0 100 20\" preserveAspectRatio=\"none\" "
      + "aria-hidden=\"true\">\(lines.joined())"
      + "<path class=\"reach\" d=\"M\(places[0]) 10H\(places[4])\"/>"
      + "<path class=\"box\" d=\"M\(places[1]) 4H\(places[3])V16H\(places[1])z\"/>"
      + "<path class=\"middle-line\" d=\"M\(places[2]) 3V17\"/></svg>"
  }
}
