import Foundation
import Testing

/// Modules import what docs/Design.md says, and nothing else.
@Suite struct ImportTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Programs for developers, below everything.
  private static let developers: Set<String> = ["Fuzz", "WriteKernels"]

  /// The rows of the table: | `folder` | what it holds | packages |, each below what it imports.
  private func table() throws -> [(folder: String, packages: Set<String>)] {
    let text = try String(
      contentsOf: Self.root.appendingPathComponent("docs/Design.md"), encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let heading = try #require(lines.firstIndex(of: "| folder | what it holds | packages |"))
    return lines[(heading + 2)...].prefix { $0.hasPrefix("|") }.map { line in
      let cells = line.components(separatedBy: "|")
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let packages = cells[3].components(separatedBy: ", ").filter { !$0.isEmpty }
      return (cells[1].trimmingCharacters(in: ["`"]), Set(packages))
    }
  }

  /// The modules that the Swift files of a folder import, with the first file that does.
  private func imports(_ folder: String) throws -> [String: String] {
    let url = Self.root.appendingPathComponent("Sources/\(folder)")
    let files = try #require(FileManager.default.enumerator(atPath: url.path))
    var found: [String: String] = [:]
    for case let path as String in files where path.hasSuffix(".swift") {
      let text = try String(contentsOf: url.appendingPathComponent(path), encoding: .utf8)
      for line in text.components(separatedBy: "\n") {
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"), position + 1 < words.count,
          words[..<position].allSatisfy({
            ["public", "package", "internal", "fileprivate", "private"].contains($0)
              || $0.hasPrefix("@")
          })
        else { continue }
        found[String(words[position + 1])] = "\(folder)/\(path)"
      }
    }
    return found
  }

  @Test func modulesImportOnlyThoseAboveThem() throws {
    var allowed: Set<String> = ["Foundation", "Synchronization", "Glibc", "Musl", "Darwin"]
    let table = try table()
    #expect(table.count > 10)
    for (folder, packages) in table {
      for (module, file) in try imports(folder) {
        #expect(
          allowed.contains(module) || packages.contains(module),
          "\(file) imports \(module), which docs/Design.md does not allow")
      }
      let unused = packages.subtracting(try imports(folder).keys)
      #expect(unused.isEmpty, "\(folder) does not import \(unused.sorted())")
      allowed.insert(folder == "E3x" ? "E3x" : "E3x\(folder)")
    }
  }

  @Test func everyFolderIsInTheTable() throws {
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appendingPathComponent("Sources").path
    ).filter { !$0.hasPrefix(".") }
    #expect(Set(folders) == Set(try table().map(\.folder)).union(Self.developers))
  }
}
