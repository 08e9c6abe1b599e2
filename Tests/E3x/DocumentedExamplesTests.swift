import Foundation
import TestSupport
import Testing

/// The Swift code of README, articles and examples must be code of these tests, which compile and
/// run it: between "// Example of FILE" and "// End of example", block by block. The right column of
/// a table under a heading "Swift" must be found between "// Table of FILE" and "// End of table".
@Suite struct DocumentedExamplesTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// All Markdown files that may have Swift code, by their paths.
  static let documents: [String] = {
    let folders = ["Sources/E3x/E3x.docc", "examples", "docs"]
    return folders.reduce(into: ["README.md"]) { found, folder in
      found += files(folder).filter { $0.hasSuffix(".md") }
    }.sorted()
  }()

  private static func files(_ folder: String) -> [String] {
    let all = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
    return (all?.compactMap { $0 as? String } ?? [])
      .filter { !$0.split(separator: "/").contains(".build") }.map { folder + "/" + $0 }
  }

  private static func lines(_ file: String) throws -> [String] {
    try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
      .components(separatedBy: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// What stands between lines, without empty lines and imports.
  private static func blocks(
    _ lines: [String], from start: String, to end: String
  ) -> [[String]] {
    var blocks: [[String]] = []
    var open = false
    for line in lines {
      if line == start {
        blocks.append([])
        open = true
      } else if line == end {
        open = false
      } else if open, !line.isEmpty, !line.hasPrefix("import ") {
        blocks[blocks.count - 1].append(line)
      }
    }
    return blocks
  }

  private static let tests: [[String]] = files("Tests/E3x").filter { $0.hasSuffix(".swift") }
    .sorted().map { file in try! lines(file) }

  @Test(arguments: documents)
  func theCodeIsTested(document: String) throws {
    let shown = Self.blocks(try Self.lines(document), from: "```swift", to: "```")
    let tested = Self.tests.flatMap {
      Self.blocks($0, from: "// Example of \(document)", to: "// End of example")
    }
    #expect(shown.count == tested.count, "\(document): blocks of code, and regions of tests")
    for (shown, tested) in matched(shown, tested) { #expect(shown == tested, "\(document)") }
  }

  @Test func articlesHaveCode() throws {
    let articles = Self.documents.filter { $0.contains(".docc/") && !$0.hasSuffix("/E3x.md") }
    #expect(articles.count >= 7)
    for article in articles { #expect(try Self.lines(article).contains("```swift"), "\(article)") }
  }

  @Test func theTableIsTested() throws {
    let article = "Sources/E3x/E3x.docc/MovingFromE3x.md"
    let tested = Self.tests.flatMap {
      Self.blocks($0, from: "// Table of \(article)", to: "// End of table")
    }.joined().joined(separator: " ")
    func collapsed(_ text: String) -> String { text.filter { !$0.isWhitespace } }
    var cells: [String] = []
    var isInside = false
    for line in try Self.lines(article) {
      let columns = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if columns.count != 2 {
        isInside = false
      } else if columns[1] == "Swift" {
        isInside = true
      } else if isInside, columns[1].hasPrefix("`") {
        cells.append(columns[1].trimmingCharacters(in: ["`"]))
      }
    }
    #expect(cells.count >= 20)
    for cell in cells {
      #expect(collapsed(tested).contains(collapsed(cell)), "not tested: \(cell)")
    }
  }
}
