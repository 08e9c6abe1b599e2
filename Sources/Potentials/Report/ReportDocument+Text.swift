extension ReportDocument {
  /// A paragraph; nothing if it is empty.
  ///
  /// - Parameter text: plain text.
  public static func paragraph(_ text: String) -> String {
    text.isEmpty ? "" : "<p>\(ReportText.escape(text))</p>\n"
  }

  /// A table whose first column names the rows; all others are numbers, set to the right.
  ///
  /// - Parameters:
  ///   - name: what the table is, for those who cannot see it.
  ///   - head: the names of the columns, plain text.
  ///   - rows: plain text, for each column.
  public static func table(_ name: String, head: [String], rows: [[String]]) -> String {
    func cells(_ words: [String], _ number: (String) -> ReportTable.Cell) -> [ReportTable.Cell] {
      words.enumerated().map { $0 == 0 ? .text($1) : number($1) }
    }
    return ReportTable(
      name: name, head: cells(head, ReportTable.Cell.numberHead),
      rows: rows.map { cells($0, ReportTable.Cell.number) }
    ).html() + "\n"
  }
}
