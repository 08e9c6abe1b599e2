import Foundation
import Testing

/// Whoever looks for what `import E3x` shows finds it among the topics of the documentation's first
/// page.
@Suite struct TopicsTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The names of modules that `import E3x` shows, without their prefix.
  private static var modules: [String] {
    get throws {
      try text("Sources/E3x/E3x.swift").matches(of: #/@_exported import E3x(\w+)/#)
        .map { String($0.1) }
    }
  }

  /// The public types and functions that stand in no other type.
  private static func declarations(_ text: String) -> [String] {
    text.matches(
      of:
        #/(?m)^public (?:(?:final|indirect) )?(?:struct|class|actor|enum|protocol|typealias|func|var|let) (\w+)/#
    ).map { String($0.1) }
  }

  /// What the compiler leaves out of the symbols it writes, so that a topic would be a broken link.
  private static let withoutPage: Set<String> = ["E3xVersion"]

  @Test func everythingPublicHasATopic() throws {
    // Names of functions end at their arguments.
    let topics = Set(
      try Self.text("Sources/E3x/E3x.docc/E3x.md").matches(of: #/(?m)^- ``(\w+)/#)
        .map { String($0.1) })
    let modules = try Self.modules
    #expect(modules.count >= 7)
    for module in modules {
      let folder = Self.root.appendingPathComponent("Sources/\(module)").path
      let files = try #require(FileManager.default.enumerator(atPath: folder))
      var count = 0
      for case let file as String in files where file.hasSuffix(".swift") {
        for name in Self.declarations(try Self.text("Sources/\(module)/\(file)"))
        where !Self.withoutPage.contains(name) {
          count += 1
          #expect(topics.contains(name), "\(module)/\(file): \(name) is in no topic of E3x.md")
        }
      }
      #expect(count > 0, "\(module)")
    }
  }

  @Test func whatIsPublicIsFound() {
    let text = """
      public struct A {
        public struct Inside {}
      }
      struct Hidden {}
      public final class B {}
      public func c(_ x: Int) {}
      package func d() {}
      extension A { public func e() {} }
      """
    #expect(Self.declarations(text) == ["A", "B", "c"])
  }

  @Test func articlesHaveTopics() throws {
    let page = try Self.text("Sources/E3x/E3x.docc/E3x.md")
    let folder = Self.root.appendingPathComponent("Sources/E3x/E3x.docc").path
    let articles = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".md") && $0 != "E3x.md" && $0 != "Tensor.md" }
    #expect(articles.count >= 10)
    for article in articles {
      #expect(page.contains("- <doc:\(article.dropLast(3))>"), "\(article)")
    }
  }

  /// The script that builds the documentation knows the same modules.
  @Test func theScriptKnowsTheModules() throws {
    let script = try Self.text("docs/build-documentation.sh")
    let list = try #require(script.firstMatch(of: #/reexported-modules=([\w,]+)/#)).1
    #expect(
      list.split(separator: ",").sorted()
        == (try Self.modules).map { "E3x\($0)" }.sorted().map { $0[...] })
  }
}
