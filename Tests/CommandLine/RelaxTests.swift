import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// What `e3x relax` writes and says.
@Suite struct RelaxTests {
  private let model: TrainedModel

  init() throws { model = try TrainedModel() }

  private func run(_ frames: [XYZFrame], _ options: [String]) throws -> Program.Outcome {
    try Program.e3x.run(
      ["relax", model.path, try model.write(frames), "--output", model.folder.path("out.xyz")]
        + options)
  }

  private func output() throws -> [XYZFrame] { try XYZReader.read(model.folder.path("out.xyz")) }

  private func largestForce(_ frame: XYZFrame) throws -> Double {
    let forces = try #require(frame.arrays["forces"]?.doubles)
    return stride(from: 0, to: forces.count, by: 3).map { first in
      forces[first..<(first + 3)].reduce(0) { $0 + $1 * $1 }.squareRoot()
    }.max() ?? 0
  }

  private func frames() -> [XYZFrame] {
    (0..<5).map { index in
      var frame = TrainedModel.frame()
      frame.positions[3 * (index % 3)] += 0.03 * Double(index)
      frame.info["index"] = .integer(index)
      return frame
    }
  }

  /// All frames in their order, each relaxed, whatever the batch; both optimisers at the same energy.
  @Test func frameByFrame() throws {
    var energies: [[Double]] = []
    for options in [[], ["--batch-size", "2"], ["--optimizer", "fire", "--steps", "3000"]] {
      let outcome = try run(frames(), options + ["--fmax", "0.005"])
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.output.hasSuffix("wrote 5 frames to \(model.folder.path("out.xyz"))\n"))
      #expect(outcome.output.split(separator: "\n").count == 7)
      let results = try output()
      #expect(results.map { $0.info["index"] } == (0..<5).map { .integer($0) })
      for frame in results {
        #expect(frame.info["relaxed"] == .bool(true))
        #expect(try largestForce(frame) <= 0.005)
      }
      #expect(results.contains { ($0.info["relax_steps"]?.double ?? 0) > 0 })
      energies.append(try results.map { try #require($0.info["energy"]?.double) })
    }
    for index in 0..<5 { #expect(abs(energies[0][index] - energies[1][index]) < 1e-4) }
    for energy in energies[0] { #expect(abs(energy - energies[0][0]) < 1e-2) }
  }

  /// The predictions that are written are those of the structures that are written.
  @Test func predictionsBelongToTheResult() throws {
    #expect(try run(frames(), []).code == 0)
    let results = try output()
    let again = model.folder.path("again.xyz")
    let outcome = try Program.e3x.run(
      ["predict", model.path, model.folder.path("out.xyz"), "--output", again])
    #expect(outcome.code == 0, "\(outcome)")
    for (a, b) in zip(results, try XYZReader.read(again)) {
      let energies = (a.info["energy"]?.double, b.info["energy"]?.double)
      #expect(abs(try #require(energies.0) - #require(energies.1)) < 1e-5)
      for (f, g) in zip(a.arrays["forces"]?.doubles ?? [], b.arrays["forces"]?.doubles ?? []) {
        #expect(abs(f - g) < 1e-4)
      }
    }
  }

  /// What does not converge is written all the same, and the exit code says so.
  @Test func stepsRunOut() throws {
    let outcome = try run(frames(), ["--steps", "1", "--fmax", "1e-7"])
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.contains("5 of 5 did not converge"))
    #expect(
      try output().map { $0.info["relaxed"] } == [XYZValue](repeating: .bool(false), count: 5))
  }

  /// `--fix` and ASE's column keep atoms and components to the bit.
  @Test func fixedAtoms() throws {
    var frame = TrainedModel.frame()
    frame.positions[3] += 0.1
    #expect(try run([frame], ["--fix", "1,3"]).code == 0)
    var result = try output()[0]
    #expect(result.positions[0..<3] == frame.positions[0..<3])
    #expect(result.positions[3..<6] != frame.positions[3..<6])
    #expect(result.positions[6..<9] == frame.positions[6..<9])

    frame.arrays["move_mask"] = XYZColumn(
      .bools([true, false, true, true, true, true, false, false, false]), width: 3)
    #expect(try run([frame], ["--fix", "1"]).code == 0)
    result = try output()[0]
    #expect(result.positions[0..<3] == frame.positions[0..<3])
    #expect(result.positions[3..<6] != frame.positions[3..<6])
    #expect(result.positions[6..<9] == frame.positions[6..<9])
    #expect(result.arrays["move_mask"] == frame.arrays["move_mask"])
  }

  @Test(
    arguments: [
      (["--fix", "0"], 64, "--fix"), (["--fix", "3-1"], 64, "--fix"),
      (["--fix", "a"], 64, "--fix"),
      (["--fix", "4"], 1, "has 3 atoms"), (["--cell", "full"], 1, "repeats along three vectors"),
      (["--pressure", "1"], 64, "--pressure"), (["--fmax", "0"], 64, "--fmax"),
      (["--smax", "-1"], 64, "--smax"), (["--steps", "-1"], 64, "--steps"),
      (["--batch-size", "0"], 64, "--batch-size"), (["--optimizer", "bfgs"], 64, "--optimizer"),
    ] as [([String], Int32, String)])
  func mistakes(options: [String], code: Int32, words: String) throws {
    let outcome = try run([TrainedModel.frame()], options)
    #expect(outcome.code == code && outcome.errors.contains(words), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: model.folder.path("out.xyz")))
  }
}
