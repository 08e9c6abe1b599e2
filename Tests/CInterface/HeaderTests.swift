import CE3x
import E3xPotentials
import Foundation
import Testing

/// The header says what the library has, and the library what the header says.
@Suite struct HeaderTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A function: what it gives and takes, each as "pointer", "int32", "int64", "double" or "nothing".
  private struct Function: Equatable {
    var result: String
    var arguments: [String]
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: Self.root.appendingPathComponent(path), encoding: .utf8)
  }

  private func kind(inC declaration: some StringProtocol) -> String {
    if declaration.contains("*") { return "pointer" }
    if declaration.contains("int64_t") { return "int64" }
    if declaration.contains("double") { return "double" }
    if declaration.contains("void") { return "nothing" }
    return declaration.contains("int32_t") || declaration.contains("e3x_status") ? "int32" : "other"
  }

  private func kind(inSwift declaration: some StringProtocol) -> String {
    if declaration.contains("Pointer") { return "pointer" }
    for name in ["Int64", "Double", "Int32"] where declaration.contains(name) {
      return name.lowercased()
    }
    return "other"
  }

  private var declared: [String: Function] {
    get throws {
      let header = try text("Sources/CInterface/Header/include/e3x.h")
        .replacing(#/(?s)/\*.*?\*//#, with: "")
      var found: [String: Function] = [:]
      for match in header.matches(
        of: #/(?ms)^(?!typedef)([a-z][\w ]*[ *]+)(e3x_\w+)\(([^)]*)\);/#)
      {
        let arguments = match.3.split(separator: ",").map { kind(inC: $0) }
        found[String(match.2)] = Function(
          result: kind(inC: match.1), arguments: arguments == ["nothing"] ? [] : arguments)
      }
      return found
    }
  }

  private var implemented: [String: Function] {
    get throws {
      let folder = Self.root.appendingPathComponent("Sources/CInterface/Swift")
      var found: [String: Function] = [:]
      for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
        let source = try text("Sources/CInterface/Swift/\(file)")
        for match in source.matches(
          of: #/(?s)@_cdecl\("(\w+)"\)\s*package func (\w+)\((.*?)\) -> ([\w<>?]+)/#)
        {
          #expect(match.1 == match.2)
          found[String(match.1)] = Function(
            result: kind(inSwift: match.4),
            arguments: match.3.split(separator: ",").map { kind(inSwift: $0) })
        }
      }
      return found
    }
  }

  @Test func functionsAreThoseOfTheHeader() throws {
    let (declared, implemented) = (try declared, try implemented)
    #expect(declared.count >= 17)
    #expect(Set(declared.keys) == Set(implemented.keys))
    for (name, function) in declared { #expect(implemented[name] == function, "\(name)") }
  }

  @Test func theLibraryShowsThemAll() throws {
    let shown = try text("c/exports.map").matches(of: #/(?m)^    (e3x_\w+)(\*?);$/#)
    for name in try declared.keys {
      #expect(
        shown.contains { $0.2.isEmpty ? name == $0.1 : name.hasPrefix($0.1) },
        "c/exports.map lacks \(name)")
    }
    for entry in shown {
      #expect(
        try declared.keys.contains { entry.2.isEmpty ? $0 == entry.1 : $0.hasPrefix(entry.1) },
        "c/exports.map has \(entry.1), which is not in e3x.h")
    }
  }

  @Test func versionsAreEqual() throws {
    #expect(E3X_VERSION == E3xVersion.current)
    #expect(String(cString: e3x_version()) == E3xVersion.current)
    #expect(e3x_interface_version() == E3X_INTERFACE_VERSION)
  }

  /// The package for Python is of the same version, and wants the interface that the library has.
  @Test(
    .enabled(
      if: FileManager.default.fileExists(atPath: root.appendingPathComponent("python").path)))
  func thePythonPackageIsOfThisVersion() throws {
    let version = try text("python/src/e3x_swift/_version.py")
      .firstMatch(of: #/(?m)^__version__ = "(.+)"$/#)
    #expect(version.map { String($0.1) } == E3xVersion.current)
    let interface = try text("python/src/e3x_swift/_library.py")
      .firstMatch(of: #/(?m)^INTERFACE_VERSION = (\d+)$/#)
    #expect(interface.flatMap { Int32($0.1) } == E3X_INTERFACE_VERSION)
  }
}
