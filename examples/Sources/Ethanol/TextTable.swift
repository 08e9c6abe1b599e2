import E3x
import Foundation

/// A table for the terminal and for the page.
struct TextTable {
  let name: String
  let head: [String]
  let rows: [[String]]

  var text: String {
    let lines = [head] + rows
    let widths = head.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.enumerated().map { column, word in
        let space = String(repeating: " ", count: widths[column] - word.count)
        return column == 0 ? word + space : space + word
      }.joined(separator: "   ")
    }.joined(separator: "\n")
  }

  var html: String { ReportDocument.table(name, head: head, rows: rows) }
}

/// A number with a fixed number of places; a dash for none.
func fixed(_ value: Double, _ places: Int) -> String {
  guard value.isFinite else { return "–" }
  let text = String(format: "%.\(places)f", value)
  // No minus before nothing.
  return Double(text) == 0 ? text.replacing("-", with: "") : text.replacing("-", with: "−")
}
