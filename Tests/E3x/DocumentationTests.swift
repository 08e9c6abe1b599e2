import Foundation
import Testing

/// Everything public has a doc comment, and what throws an error of any type says which.
@Suite struct DocumentationTests {
  /// A declaration that users see.
  private struct Declaration {
    var place: String
    /// Its first line.
    var text: String
    /// Its doc comment, line by line.
    var comment: [String]
    /// Up to its body.
    var signature: String

    var isDocumented: Bool { comment.contains { $0.count > 4 } }
    var saysWhatItThrows: Bool { comment.contains { $0.contains("Throws:") } }

    /// Whether it throws without saying what in its type.
    var throwsAnything: Bool {
      // What stands in parentheses are parameters, which may throw themselves, and types of errors.
      var depth = 0
      let outside = signature.replacingOccurrences(of: "throws(", with: "(").map { character in
        if character == "(" { depth += 1 }
        defer { if character == ")" { depth -= 1 } }
        return depth == 0 && character.isLetter ? character : " "
      }
      let words = String(outside).split(separator: " ")
      return words.contains("throws")
        && words.contains { ["func", "init", "subscript", "get"].contains($0) }
    }
  }

  /// Libraries, but for the support of tests.
  private static let modules = ["Engine", "Exact", "SO3", "NN", "Files", "Potentials"]

  private static func files(_ module: String) -> [URL] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Sources/\(module)")
    let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    return (all?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
  }

  private static func declarations(_ file: URL) throws -> [Declaration] {
    let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
    var found: [Declaration] = []
    /// For each open brace: whether cases or requirements inside are public without saying so.
    var scopes: [(isPublicEnum: Bool, isPublicProtocol: Bool)] = []
    for (index, line) in lines.enumerated() {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text.hasPrefix("//") { continue }
      var words = text.split(separator: " ").drop { $0.hasPrefix("@") }
      let isPublic = words.first == "public" && words.dropFirst().first != "import"
      let isCase = scopes.last?.isPublicEnum == true && words.first == "case"
      words = words.drop { ["public", "static", "mutating", "indirect"].contains($0) }
      let kind = words.first ?? ""
      let isRequirement =
        scopes.last?.isPublicProtocol == true
        && (["var", "func", "associatedtype"].contains(kind) || kind.hasPrefix("init"))
      if isPublic || isCase || isRequirement {
        found.append(declaration(lines, index, file.lastPathComponent))
      }
      for brace in braces(text) {
        if brace == "{" {
          scopes.append((isPublic && kind == "enum", isPublic && kind == "protocol"))
        } else {
          _ = scopes.popLast()
        }
      }
    }
    return found
  }

  /// The braces of a line that do not stand in strings.
  private static func braces(_ line: String) -> [Character] {
    var found: [Character] = []
    var isString = false
    var isEscaped = false
    for character in line {
      if character == "\"" && !isEscaped { isString.toggle() }
      isEscaped = character == "\\" && !isEscaped
      if !isString, character == "{" || character == "}" { found.append(character) }
    }
    return found
  }

  private static func declaration(_ lines: [String], _ index: Int, _ file: String) -> Declaration {
    func trimmed(_ line: Int) -> String { lines[line].trimmingCharacters(in: .whitespaces) }
    var signature = trimmed(index)
    var last = index
    func isOpen() -> Bool { signature.count { $0 == "(" } > signature.count { $0 == ")" } }
    while last + 1 < lines.count, !signature.contains("{"),
      isOpen() || [")", "->", "throws", "where", "{"].contains(where: trimmed(last + 1).hasPrefix)
    {
      last += 1
      signature += " " + trimmed(last)
    }
    if let body = signature.firstIndex(of: "{") { signature = String(signature[..<body]) }
    // A property says in its body whether reading it throws.
    if index + 1 < lines.count, trimmed(index + 1).hasPrefix("get throws") {
      signature += " get throws"
    }
    var comment: [String] = []
    var line = index - 1
    while line >= 0, trimmed(line).hasPrefix("@") { line -= 1 }
    while line >= 0, trimmed(line).hasPrefix("///") {
      comment.insert(trimmed(line), at: 0)
      line -= 1
    }
    return Declaration(
      place: "\(file):\(index + 1)", text: trimmed(index), comment: comment, signature: signature)
  }

  @Test(arguments: modules)
  func whatIsPublicIsDocumented(module: String) throws {
    let declarations = try Self.files(module).flatMap(Self.declarations)
    #expect(declarations.count > 1)
    for declaration in declarations {
      #expect(declaration.isDocumented, "\(declaration.place): \(declaration.text)")
    }
  }

  @Test(arguments: modules)
  func whatThrowsSaysSo(module: String) throws {
    for declaration in try Self.files(module).flatMap(Self.declarations)
    where declaration.throwsAnything {
      #expect(
        declaration.saysWhatItThrows, "\(declaration.place): \(declaration.text): - Throws: …")
    }
  }

  @Test func whatIsMissingIsFound() throws {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("Undocumented-\(UUID().uuidString).swift")
    defer { try? FileManager.default.removeItem(at: file) }
    try """
    /// A struct.
    public struct A {
      public var value = 0
      /// Throws.
      public func run(_ body: () -> Void) throws {}
      /// - Throws: `ArgumentError`
      public func walk() throws {}
      /// Typed.
      public func jump() throws(ShapeError) {}
      /// Takes what throws.
      public func call(_ body: () throws -> Void) {}
      /// Throws when it is read.
      public var number: Int {
        get throws { 1 }
      }
      func hidden() throws {}
    }
    /// Cases.
    public enum B {
      case one
    }
    """.write(to: file, atomically: true, encoding: .utf8)
    let all = try Self.declarations(file)
    #expect(all.filter { !$0.isDocumented }.map(\.text) == ["public var value = 0", "case one"])
    let silent = all.filter { $0.throwsAnything && !$0.saysWhatItThrows }.map(\.text)
    #expect(
      silent == [
        "public func run(_ body: () -> Void) throws {}", "public var number: Int {",
      ])
  }
}
