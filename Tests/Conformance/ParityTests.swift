import E3xConformance
import E3xEngine
import Foundation
import Testing

/// The tables of docs/Parity.md.
private struct ParityTable {
  struct Row {
    let name: String
    let counterpart: String
    /// Whether there are cases that compare both.
    let isCompared: Bool
  }
  let rows: [Row]

  init() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try String(
      contentsOf: root.appendingPathComponent("docs/Parity.md"), encoding: .utf8)
    rows = text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      // | e3x | here | cases | notes |
      guard cells.count == 6, cells[1].hasPrefix("`"), cells[1].hasSuffix("`") else { return nil }
      return Row(
        name: cells[1].trimmingCharacters(in: ["`"]),
        counterpart: cells[2].trimmingCharacters(in: ["`"]), isCompared: cells[3] != "–")
    }
  }

  var names: Set<String> { Set(rows.map(\.name)) }
}

@Suite struct ParityTests {
  /// What e3x 1.0.2 and `e3x.matrix` have, by module: `dir()` of each without modules.
  @Test(arguments: [
    ("so3", 16), ("nn", 55), ("nn.initializers", 17), ("ops", 15), ("matrix", 2), ("Config", 14),
  ])
  func everyNameIsThere(module: String, count: Int) throws {
    let names = try ParityTable().rows.map(\.name)
      .filter { $0.split(separator: ".").dropLast().joined(separator: ".") == module }
    #expect(names.count == count)
    #expect(Set(names).count == count, "a name is there twice")
  }

  /// Names that are not calls, and settings that only change what other calls do.
  private let notCompared: Set<String> = [
    "so3.Normalization", "nn.initializers.Mode", "nn.initializers.Distribution",
    "nn.initializers.InitializerFn", "nn.initializers.FusedTensorInitializerFn",
    "Config.cartesian_order", "Config.use_fused_tensor", "Config.normalization",
    "Config.set_cartesian_order", "Config.set_use_fused_tensor",
  ]
  /// Settings of files that this library does not have.
  private let withoutCounterpart: Set<String> = [
    "Config.spherical_harmonics_cache", "Config.set_spherical_harmonics_cache",
    "Config.clebsch_gordan_cache", "Config.set_clebsch_gordan_cache",
    "Config.wigner_d_cache", "Config.set_wigner_d_cache",
    "Config.tensor_conversion_cache", "Config.set_tensor_conversion_cache",
  ]

  @Test func everyNameHasACounterpart() throws {
    let table = try ParityTable()
    #expect(Set(table.rows.filter { $0.counterpart == "–" }.map(\.name)) == withoutCounterpart)
    let unmatched = Set(table.rows.filter { !$0.isCompared }.map(\.name))
    #expect(unmatched == notCompared.union(withoutCounterpart))
  }

  @Test func everyCallHasAnOperation() throws {
    let table = try ParityTable()
    let compared = table.rows.filter(\.isCompared).map(\.name)
    #expect(compared.filter { !Conformance.operations.contains($0) } == [])
    // And no operation is missing in the table, but our own.
    #expect(
      Conformance.operations.subtracting(table.names) == [
        "model.AttentionPotential", "model.MessagePassingPotential",
      ])
  }

  @Test func everyCallHasAPassingCase() throws {
    func passed(_ folder: String) throws -> Set<String> {
      let path = try #require(Bundle.module.resourceURL).appendingPathComponent(folder).path
      let conformance = Conformance(folder: path, dtypes: [.float64, .float32])
      let results = try conformance.cases().flatMap(conformance.verify)
      return Set(results.filter { $0.outcome == .passed }.map(\.operation))
    }
    // A setting returns nothing: it can only be refused.
    let agreeing = try passed("Golden")
      .union(passed("Refused").intersection(["Config.set_normalization"]))
    let compared = try ParityTable().rows.filter(\.isCompared).map(\.name)
    #expect(compared.filter { !agreeing.contains($0) } == [])
  }
}
