import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Commands about structures at rest. The model has hardly learned anything: its frames are what counts.
@Suite struct RelaxationCommandTests {
  private let model: TrainedModel
  private let water: String

  init() throws {
    model = try TrainedModel()
    water = try model.write([TrainedModel.frame(), TrainedModel.frame(shift: 2)], "water.xyz")
  }

  private func run(_ command: String, _ input: String, _ options: String...) throws
    -> Program.Outcome
  {
    try Program.e3x.run([command, model.path, input] + options)
  }

  private func largestForce(_ frame: XYZFrame) throws -> Double {
    let forces = try #require(frame.arrays["forces"]?.doubles)
    var largest = 0.0
    for atom in 0..<(forces.count / 3) {
      let force = forces[(3 * atom)..<(3 * atom + 3)]
      largest = max(largest, force.reduce(0) { $0 + $1 * $1 }.squareRoot())
    }
    return largest
  }

  @Test(arguments: ["lbfgs", "fire"]) func relaxedFrames(optimizer: String) throws {
    let output = model.folder.path("out.xyz")
    let outcome = try run(
      "relax", water, "--output", output, "--optimizer", optimizer, "--fmax", "0.05")
    let frames = try XYZReader.read(output)
    #expect(frames.count == 2)
    let all = frames.map { $0.info["relaxed"] }
    #expect(outcome.code == (all == [.bool(true), .bool(true)] ? 0 : 1), "\(outcome)")
    for (frame, start) in zip(frames, try XYZReader.read(water)) {
      #expect(frame.numbers == start.numbers)
      let force = try largestForce(frame)
      #expect((frame.info["relaxed"] == .bool(true)) == (force <= 0.05), "\(force)")
    }
  }

  /// What does not come to rest in time is written too, and says so; atoms that stay, stay to the bit.
  @Test func notConverged() throws {
    let output = model.folder.path("out.xyz")
    let outcome = try run(
      "relax", water, "--output", output, "--steps", "1", "--fmax", "1e-9", "--fix", "1,3")
    #expect(outcome.code == 1 && outcome.errors.contains("2 of 2 did not converge"), "\(outcome)")
    let (frames, starts) = (try XYZReader.read(output), try XYZReader.read(water))
    for (frame, start) in zip(frames, starts) {
      #expect(frame.info["relaxed"] == .bool(false))
      #expect(Array(frame.positions[..<3]) == Array(start.positions[..<3]))
      #expect(Array(frame.positions[6...]) == Array(start.positions[6...]))
      #expect(Array(frame.positions[3..<6]) != Array(start.positions[3..<6]))
    }
    #expect(frames.count == starts.count)
  }

  /// The six motions of a molecule as a whole are taken out, whatever the others are.
  @Test func frequencies() throws {
    let refused = try run("frequencies", water, "--max-force", "1e-9")
    #expect(refused.code == 1 && refused.errors.contains("'e3x relax'"), "\(refused)")
    let outcome = try run("frequencies", water, "--max-force", "1000", "--json")
    #expect(outcome.code == 0, "\(outcome)")
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    let masses = try #require(object["reduced_masses_u"] as? [Double])
    #expect(masses.count == 3 && masses.allSatisfy { $0 > 0.9 && $0 < 17 })
  }

  @Test(arguments: ["eos", "elastic", "phonons"]) func moleculesAreNoCrystals(
    command: String
  ) throws {
    let outcome = try run(command, water)
    #expect(outcome.code == 1 && outcome.errors.contains("three vectors"), "\(outcome)")
  }

  @Test(arguments: [
    ("relax", ["--fmax", "0"], "--fmax"), ("relax", ["--steps", "-1"], "--steps"),
    ("relax", ["--fix", "4-2"], "--fix"), ("relax", ["--cell", "cubic"], "cubic"),
    ("relax", ["--pressure", "nan"], "--pressure"), ("eos", ["--points", "2"], "--points"),
    ("eos", ["--range", "0"], "--range"), ("elastic", ["--strain", "0"], "--strain"),
    ("phonons", ["--supercell", "0"], "--supercell"),
    ("frequencies", ["--temperature", "-1"], "--temperature"),
  ])
  func refusals(command: String, options: [String], word: String) throws {
    let output = command == "relax" ? ["--output", model.folder.path("none.xyz")] : []
    let outcome = try Program.e3x.run([command, model.path, water] + options + output)
    #expect(outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.contains(word), "\(outcome)")
    #expect(!FileManager.default.fileExists(atPath: model.folder.path("none.xyz")))
  }
}
