import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Dynamics by a committee whose members disagree.
@Suite struct CommitteeDynamicsTests {
  private let model: TrainedModel
  private let water: String

  init() throws {
    model = try TrainedModel(options: ["--committee", "2"])
    water = try model.write([TrainedModel.frame()], "water.xyz")
  }

  private func md(_ folder: String, _ options: String...) throws -> Program.Outcome {
    try Program.e3x.run(
      [
        "md", model.path, water, "--output", model.folder.path(folder), "--steps", "300",
        "--temperature", "2000", "--interval", "1", "--thermo-interval", "1",
      ] + options)
  }

  /// The largest spread of a step, by the table of a run.
  private func spreads(_ folder: String) throws -> [Double] {
    let url = URL(fileURLWithPath: model.folder.path(folder + "/thermo.csv"))
    let lines = try String(decoding: Data(contentsOf: url), as: UTF8.self).split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    let column = try #require(lines[0].firstIndex(of: "force_spread_eV_A"))
    return try lines.dropFirst().map { try #require(Double($0[column])) }
  }

  /// The run ends at the first step whose spread is beyond the limit, and its frame is kept.
  @Test func aSpreadBeyondTheLimitStops() throws {
    let free = try md("free")
    #expect(free.code == 0, "\(free)")
    let found = try spreads("free")
    #expect(found.count == 301 && found[0] > 0)
    let limit = (found[0] + (found.max() ?? 0)) / 2
    let first = try #require(found.firstIndex { $0 > limit })
    #expect(first > 0)

    let stopped = try md("stopped", "--max-spread", "\(limit)")
    #expect(stopped.code == 1, "\(stopped)")
    for part in [
      "step \(first): the spread of the force on atom ", "is \(found[first]) eV/Å, beyond \(limit)",
      "the frame is in ", "stopped/failed.xyz",
    ] { #expect(stopped.errors.contains(part), "\(stopped)") }
    #expect(try spreads("stopped") == Array(found[..<first]))
    let failed = try XYZReader.read(model.folder.path("stopped/failed.xyz"))
    #expect(failed.count == 1 && failed[0].info["step"] == .integer(first))
    #expect(failed[0].arrays["forces_std"]?.doubles?.max() == found[first])
    let kept = try XYZReader.read(model.folder.path("stopped/trajectory.xyz"))
    #expect(kept.last?.info["step"] == .integer(first - 1))

    // From there it does not go on under the same limit.
    let again = try md("stopped", "--max-spread", "\(limit)", "--resume")
    #expect(again.code == 1 && again.errors.contains("step \(first): the spread"), "\(again)")
    // Without the limit it does, and lacks nothing.
    let done = try md("stopped", "--resume")
    #expect(done.code == 0, "\(done)")
    #expect(try spreads("stopped") == found)
    let steps = try XYZReader.read(model.folder.path("stopped/trajectory.xyz")).map {
      $0.info["step"]
    }
    #expect(steps == (0...300).map { .integer($0) })
  }

  /// A structure that is beyond the limit already does not begin.
  @Test func aSpreadBeyondTheLimitDoesNotBegin() throws {
    let refused = try md("none", "--max-spread", "1e-9")
    #expect(refused.code == 1, "\(refused)")
    #expect(refused.errors.contains("step 0: the spread of the force on atom"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: model.folder.path("none")))
  }
}
