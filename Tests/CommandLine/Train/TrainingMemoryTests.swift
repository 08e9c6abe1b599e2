import E3xBundledData
import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Trainings on files that memory does not hold.
@Suite struct TrainingMemoryTests {
  private func train(
    _ folder: TrainingFolder, _ words: [String], temporary: String = "/tmp"
  ) throws -> Program.Outcome {
    try Program.e3x.run(
      ["train"] + words, environment: ["TMPDIR": temporary], in: folder.path, seconds: 300)
  }

  private func files(_ folder: TrainingFolder) throws {
    try folder.write("all.xyz", TrainingFolder.ethanol(.train, 0..<300))
    try FileManager.default.createDirectory(
      atPath: folder.path("temporary"), withIntermediateDirectories: true)
  }

  private static let start =
    ["--train", "all.xyz", "--test-fraction", "0.1", "--validation-interval", "3"]
    + TrainingFolder.tiny

  @Test func everyMemoryGivesTheSameModel() throws {
    let folder = try TrainingFolder()
    try files(folder)
    let temporary = folder.path("temporary")
    let whole = try train(folder, Self.start + ["--steps", "9", "-o", "whole"])
    #expect(whole.code == 0 && whole.output.contains("test set: energies"), "\(whole)")
    for (name, memory) in [("none", "0"), ("some", "1e-4")] {
      let outcome = try train(
        folder, Self.start + ["--steps", "9", "-o", name, "--memory", memory],
        temporary: temporary)
      #expect(outcome.code == 0 && outcome.errors == whole.errors, "\(outcome)")
      #expect(
        try folder.tensors("\(name)/checkpoint.safetensors")
          == folder.tensors("whole/checkpoint.safetensors"))
      // It is said of the machine, not of the run: other memory goes on.
      let more = try train(
        folder, ["--resume", "-o", name, "--steps", "9", "--memory", "1"], temporary: "missing")
      #expect(more.code == 0, "\(more)")
    }
    #expect(try folder.names("temporary").isEmpty)
  }

  @Test func standardInputIsReadAsItComes() throws {
    let folder = try TrainingFolder()
    try files(folder)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("all.xyz")))
    let outcome = try Program.e3x.run(
      ["train", "-o", "run", "--train", "-", "--steps", "1", "--memory", "0"]
        + TrainingFolder.tiny, input: bytes, in: folder.path)
    #expect(outcome.code == 0, "\(outcome)")
    let record = try folder.read("run/run.json")
    #expect(record.contains(SHA256.hexadecimal(bytes)))
  }

  @Test func whatCannotBeWrittenIsSaid() throws {
    let folder = try TrainingFolder()
    try files(folder)
    let missing = try train(
      folder, Self.start + ["-o", "run", "--memory", "0"], temporary: "missing")
    #expect(missing.code == 1, "\(missing)")
    #expect(
      missing.errors
        == "Error: temporary file in missing: cannot be made: no such file or folder; the variable "
        + "TMPDIR names another folder\n")
    let words = [Program.e3x.path, "train", "-o", "run", "--memory", "0"] + Self.start
    let command = words.map { "'\($0)'" }.joined(separator: " ")
    let full = try Program(path: "/bin/sh").run(
      ["-c", "ulimit -f 32; exec \(command)"],
      environment: ["TMPDIR": folder.path("temporary")], in: folder.path)
    #expect(full.code == 1, "\(full)")
    #expect(
      full.errors.hasPrefix(
        "Error: temporary file in \(folder.path("temporary")): cannot be written: "), "\(full)")
    #expect(try !folder.has("run") && folder.names("temporary").isEmpty)
  }

  @Test(arguments: ["-1", "nan", "1e7", "x", ""]) func wrongMemory(value: String) throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny("--memory=\(value)", "--steps", "1")
    #expect(outcome.code == 64 && outcome.errors.contains("--memory"), "\(outcome)")
    #expect(!folder.has("run"))
  }

  /// Pairs of atoms take most of the memory of large frames, unless they may not.
  @Test func memoryIsBounded() throws {
    let folder = try TrainingFolder()
    var dice = Dice(seed: 1)
    // 400 frames of 512 atoms with about 100 neighbours each: a MB of pairs for a frame.
    let frames = (0..<400).map { _ in
      var positions = dice.uniform(3 * 512, -0.2, 0.2)
      for atom in 0..<512 {
        for (axis, site) in [atom / 64, atom / 8 % 8, atom % 8].enumerated() {
          positions[3 * atom + axis] += 2 * Double(site)
        }
      }
      var frame = XYZFrame(
        numbers: [Int32](repeating: 1, count: 512), positions: positions,
        lattice: [16, 0, 0, 0, 16, 0, 0, 0, 16], pbc: [true, true, true])
      frame.info["energy"] = .real(dice.uniform(1, -1, 1)[0])
      return frame
    }
    try XYZWriter.write(frames, to: folder.path("all.xyz"))
    func run(_ memory: [String]) throws -> Program.Outcome {
      let outcome = try train(
        folder,
        ["--train", "all.xyz", "--valid-fraction", "0", "--forces-weight", "0", "--steps", "2"]
          + ["--cutoff", "6", "-o", "run", "--overwrite"] + TrainingFolder.tiny + memory)
      #expect(outcome.code == 0, "\(outcome)")
      return outcome
    }
    let (little, usual) = (try run(["--memory", "0.02"]), try run(["--memory", "2"]))
    #expect(little.peakBytes + 120_000_000 < usual.peakBytes, "\(little)\n\(usual)")
  }
}
