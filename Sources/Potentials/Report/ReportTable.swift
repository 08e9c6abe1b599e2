internal import E3xLimits

/// A table in a region that scrolls sideways, by keyboard too, where the page is too narrow.
struct ReportTable {
  /// What stands in one place of a table.
  struct Cell {
    var html: String
    var isNumber = false

    /// Text of the page.
    static func text(_ text: String) -> Cell { Cell(html: ReportText.escape(text)) }
    /// A name from elsewhere.
    static func foreign(_ text: String) -> Cell { Cell(html: ReportText.foreign(text)) }
    /// A number, set to the right.
    static func number(_ text: String) -> Cell {
      Cell(html: ReportText.escape(text), isNumber: true)
    }
    /// The head of a column of numbers.
    static func numberHead(_ text: String) -> Cell {
      Cell(html: ReportText.foreign(text), isNumber: true)
    }
    /// A dash, with what it means.
    static func none(_ meaning: String, isNumber: Bool = true) -> Cell {
      Cell(
        html: "<span role=\"img\" aria-label=\"\(ReportText.escape(meaning))\">–</span>",
        isNumber: isNumber)
    }
  }

  /// What the table is, for those who cannot see it.
  let name: String
  let head: [Cell]
  /// The first cell of each row is its head.
  let rows: [[Cell]]
  /// Whether it is wider than a telephone.
  var isWide = false

  func html() -> String {
    func style(_ cell: Cell) -> String { cell.isNumber ? " class=\"n\"" : "" }
    let columns = head.map { "<th scope=\"col\"\(style($0))>\($0.html)</th>" }.joined()
    let lines = rows.map { row in
      "<tr>"
        + row.enumerated().map { index, cell in
          index == 0
            ? "<th scope=\"row\"\(style(cell))>\(cell.html)</th>"
            : "<td\(style(cell))>\(cell.html)</td>"
        }.joined() + "</tr>"
    }.joined(separator: "\n")
    let label = ReportText.escape(name)
    return
      (isWide
      ? "<p class=\"hint\" aria-hidden=\"true\">Scroll the table sideways to see all of it →</p>"
      : "")
      + "<div class=\"card scroll\(isWide ? " wide" : "")\" role=\"region\" tabindex=\"0\" "
      + "aria-label=\"\(label)\"><table><thead><tr>\(columns)</tr></thead>\n<tbody>\(lines)"
      + "</tbody></table></div>"
  }

  // MARK: Tables of the report

  /// Names and values in two columns side by side; empty for none.
  static func entries(_ entries: [TrainingReport.Entry]) -> String {
    guard !entries.isEmpty else { return "" }
    let rows = entries.map {
      "<div><dt>\(ReportText.escape($0.name))</dt><dd>\(ReportText.foreign($0.value))</dd></div>"
    }
    return "<dl class=\"card pairs\">\(rows.joined(separator: "\n"))</dl>"
  }

  static func dataSets(_ sets: [TrainingReport.DataSet]) -> String {
    guard !sets.isEmpty else { return "" }
    let hasDigests = sets.contains { $0.sha256 != nil }
    let rows = sets.map { set in
      [
        Cell.foreign(set.role), Cell(html: "<span>\(ReportText.foreign(set.path))</span>"),
        set.frames.map { .number(ReportText.count($0)) } ?? .none("not known"),
        set.bytes.map { .number(size($0)) } ?? .none("not known"),
      ]
        + (hasDigests
          ? [
            set.sha256.map { Cell(html: "<code>\(ReportText.escape($0))</code>") }
              ?? Cell.none("not known", isNumber: false)
          ] : [])
    }
    return ReportTable(
      name: "Files of the data",
      head: [
        .text("Set"), .text("File"), Cell(html: "Frames", isNumber: true),
        Cell(html: "Size", isNumber: true),
      ] + (hasDigests ? [.text("SHA-256")] : []), rows: rows, isWide: true
    ).html()
  }

  private static func size(_ bytes: Int) -> String { Size.text(bytes: Double(max(0, bytes))) }

  static func elementEnergies(_ energies: [TrainingReport.ElementEnergy]) -> String {
    entries(
      energies.map {
        let value = $0.energy.isFinite ? PlotAxis.label($0.energy, step: 1e-4) + " eV" : "–"
        return TrainingReport.Entry($0.symbol, value)
      })
  }

  static func changes(_ changes: [TrainingReport.Change]) -> String {
    guard !changes.isEmpty else { return "" }
    return ReportTable(
      name: "Changes at resumes",
      head: [.text("After step"), .text("Change")],
      rows: changes.map { [.text(ReportText.count($0.step)), .foreign($0.text)] }
    ).html()
  }
}
