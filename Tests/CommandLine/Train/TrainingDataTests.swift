import E3xBundledData
import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Data as they come: sets that are split off, isolated atoms, bad frames, archives.
@Suite struct TrainingDataTests {
  private func tiny(
    _ folder: TrainingFolder, _ arguments: String..., results: String = "run"
  ) throws -> Program.Outcome {
    try Program.e3x.run(
      ["train", "-o", results, "--steps", "10", "--validation-interval", "5"] + TrainingFolder.tiny
        + arguments, in: folder.path)
  }

  private func record(_ folder: TrainingFolder, _ results: String = "run") throws -> RunRecord {
    let data = try Data(contentsOf: URL(fileURLWithPath: folder.path("\(results)/run.json")))
    return try JSONDecoder().decode(RunRecord.self, from: data)
  }

  @Test func aTenthIsSplitOffWhereThereIsNoValidationSet() throws {
    let folder = try TrainingFolder()
    try folder.write("all.xyz", TrainingFolder.ethanol(.train, 0..<20))
    let outcome = try tiny(folder, "--train", "all.xyz", "--seed", "3")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.errors == "", "\(outcome)")
    #expect(
      outcome.output.contains(
        "of 20 training frames 2 for the validation set (0.1) are split off, by frame, with seed 3\n"
      ),
      "\(outcome)")
    #expect(outcome.output.contains("on 18 frames (2 for validation, 0 for the test)"))
    let record = try record(folder)
    #expect(record.preparation?.validFraction == 0.1 && record.preparation?.seed == 3)
    #expect(record.data.train[0].frames == 20 && record.data.valid.isEmpty)

    let none = try tiny(
      folder, "--train", "all.xyz", "--valid-fraction", "0", results: "none")
    #expect(none.code == 0 && none.errors.contains("there is no validation set"), "\(none)")
    #expect(none.output.contains("on 20 frames (0 for validation"), "\(none)")
    // Few frames are all needed.
    let few = try tiny(folder, "--train", "train.xyz", results: "few")
    #expect(few.output.contains("on 8 frames (0 for validation"), "\(few)")
  }

  @Test func aRunThatGoesOnSplitsTheSame() throws {
    let folder = try TrainingFolder()
    try folder.write("all.xyz", TrainingFolder.ethanol(.train, 0..<20))
    let options = ["--train", "all.xyz", "--valid-fraction", "0.2", "--test-fraction", "0.1"]
    func run(_ words: [String]) throws -> Program.Outcome {
      try Program.e3x.run(["train"] + words, in: folder.path)
    }
    let whole = try run(
      ["-o", "whole", "--steps", "8", "--validation-interval", "2"] + TrainingFolder.tiny + options)
    #expect(whole.code == 0, "\(whole)")
    #expect(whole.output.contains("on 14 frames (4 for validation, 2 for the test)"), "\(whole)")
    #expect(whole.output.contains("test set: energies"), "\(whole)")
    let first = try run(
      ["-o", "run", "--steps", "4", "--validation-interval", "2"] + TrainingFolder.tiny + options)
    #expect(first.code == 0, "\(first)")
    for (words, text) in [
      (
        ["--valid-fraction", "0.1"],
        "--valid-fraction: cannot change in a run that goes on: it has 0.2, received 0.1"
      ),
      (["--split-by", "group"], "--split-by: cannot change"),
      (["--skip-bad-frames"], "--skip-bad-frames: cannot change"),
      (["--test", "train.xyz"], "--test: the test set of the run was split off"),
      (["--element-energies", "C=1,H=1,O=1"], "--element-energies: cannot change"),
    ] {
      let outcome = try run(["--resume", "-o", "run", "--steps", "8"] + words)
      #expect(outcome.code == 1 && outcome.errors.contains(text), "\(outcome)")
    }
    // Of eight steps in all the rate falls otherwise than of four: begun again with eight.
    try FileManager.default.removeItem(atPath: folder.path("run"))
    let program = try Program.e3x.start(
      [
        "train", "-o", "run", "--steps", "8", "--validation-interval", "2", "--checkpoint-interval",
        "0",
      ]
        + TrainingFolder.tiny + options, in: folder.path)
    #expect(program.waitFor("    step"))
    program.signal(SIGINT)
    _ = try program.wait()
    let resumed = try run(["--resume", "-o", "run", "--valid-fraction", "0.2"])
    #expect(resumed.code == 0, "\(resumed)")
    #expect(
      try folder.tensors("run/model.safetensors") == folder.tensors("whole/model.safetensors"))
    #expect(resumed.output.contains("of 20 training frames 4 for the validation set (0.2) and 2"))
  }

  @Test(arguments: [
    (["--valid-fraction", "1"], "--valid-fraction: must be"),
    (["--valid-fraction=-0.1"], "--valid-fraction: must be"),
    (["--test-fraction", "nan"], "--test-fraction: must be"),
    (["--valid-fraction", "0.5", "--test-fraction", "0.5"], "their sum must be below 1"),
    (["--valid-fraction", "0.5", "--valid", "valid.xyz"], "both give that set"),
    (["--test-fraction", "0.5", "--test", "valid.xyz"], "both give that set"),
    (["--split-by", "atom"], "--split-by"),
  ]) func wrongFractions(words: [String], text: String) throws {
    let folder = try TrainingFolder()
    let outcome = try Program.e3x.run(
      ["train", "-o", "run", "--train", "train.xyz"] + words, in: folder.path)
    #expect(outcome.code == 64 && outcome.errors.contains(text), "\(outcome)")
    let ethanol = try folder.train("-o", "run", "--valid-fraction", "0.5")
    #expect(ethanol.code == 64 && ethanol.errors.contains("needs --train"), "\(ethanol)")
  }

  @Test func isolatedAtomsAndGivenEnergies() throws {
    let folder = try TrainingFolder()
    let atoms = [("H", -10.7), ("C", -50.1), ("O", -100.2)].map { symbol, energy in
      "1\nenergy=\(energy) config_type=IsolatedAtom Properties=species:S:1:pos:R:3\n\(symbol) 0 0 0\n"
    }.joined()
    try folder.write("atoms.xyz", folder.read("valid.xyz") + atoms)
    try folder.write("all.xyz", atoms + TrainingFolder.ethanol(.train, 0..<8))
    let outcome = try tiny(folder, "--train", "all.xyz")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      outcome.output.contains(
        "isolated atoms: 3 frames give the energies of H, C, O, and are not trained on\n"))
    #expect(
      outcome.output.contains(
        "element energies (eV, of isolated atoms): H: -10.7000, C: -50.1000, O: -100.2000\n"))
    #expect(outcome.output.contains("on 8 frames"), "\(outcome)")
    let both = try tiny(folder, "--train", "all.xyz", "--valid", "atoms.xyz", results: "both")
    #expect(both.output.contains("not trained on; 3 of the other sets are left out\n"), "\(both)")
    #expect(both.output.contains("on 8 frames (4 for validation"), "\(both)")
    var record = try record(folder)
    #expect(record.elementEnergies == ["H": -10.7, "C": -50.1, "O": -100.2])
    #expect(record.preparation?.takesIsolatedAtoms == true)
    let resumed = try folder.train(
      "--resume", "-o", "run", "--steps", "12", "--element-energies", "H=-10.7,C=-50.1,O=-100.2")
    #expect(resumed.code == 0 && resumed.output.contains("on 8 frames"), "\(resumed)")

    try folder.write("e.json", #"{"H": -10, "C": -50, "O": -100, "Ne": 1}"#)
    let given = try tiny(
      folder, "--train", "train.xyz", "--element-energies", "e.json", results: "given")
    #expect(given.code == 0, "\(given)")
    record = try self.record(folder, "given")
    #expect(record.elementEnergies == ["H": -10, "C": -50, "O": -100])
    #expect(record.elementEnergySource == "given")
    let missing = try tiny(
      folder, "--train", "train.xyz", "--element-energies", "H=-10,C=-50", results: "missing")
    #expect(missing.code == 1, "\(missing)")
    #expect(
      missing.errors.hasPrefix(
        "Error: --element-energies: has no energy of O, which train.xyz has"),
      "\(missing)")
    let far = try tiny(
      folder, "--train", "train.xyz", "--element-energies", "H=-1000,C=-5000,O=-10000",
      results: "far")
    #expect(far.code == 0 && far.errors.contains("warning: energies are up to"), "\(far)")
  }

  @Test func badFramesAreSkippedAndCounted() throws {
    let folder = try TrainingFolder()
    let bad = "1\nenergy=nan\nH 0 0 0\n2\nenergy=1\nH 0 0 0\nH 0 0 0\n1\nenergy=1\nQq 0 0 0\n"
    try folder.write("bad.xyz", bad + TrainingFolder.ethanol(.train, 0..<8))
    try folder.write(
      "neon.xyz", "1\nenergy=1\nNe 0 0 0\n1\nenergy=1\nNe 0 0 1\n" + folder.read("valid.xyz"))
    let strict = try tiny(folder, "--train", "bad.xyz")
    #expect(strict.code == 1, "\(strict)")
    #expect(strict.errors.hasPrefix("Error: bad.xyz: frame 1 (line 1): energy"), "\(strict)")
    let outcome = try tiny(
      folder, "--train", "bad.xyz", "--valid", "neon.xyz", "--skip-bad-frames")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      outcome.output.contains(
        "training set: skipped 3 bad frames: 1 with numbers that are not finite, 1 with an element "
          + "that is not known, 1 with atoms at one place; the first: bad.xyz: frame 1 (line 1): "),
      "\(outcome)")
    #expect(outcome.output.contains("on 8 frames (4 for validation"), "\(outcome)")
    let resumed = try folder.train("--resume", "-o", "run", "--steps", "12")
    #expect(resumed.code == 0 && resumed.output.contains("skipped 3 bad frames"), "\(resumed)")
    for command in [["evaluate"], ["predict", "-o", "out.xyz"]] {
      let words = [command[0], "run/model.safetensors", "bad.xyz"] + command[1...]
      let strict = try Program.e3x.run(words, in: folder.path)
      #expect(strict.code == 1 && strict.errors.contains("bad.xyz: "), "\(strict)")
      let outcome = try Program.e3x.run(words + ["--skip-bad-frames"], in: folder.path)
      #expect(outcome.code == 0, "\(outcome)")
      // A prediction reads no energies.
      let count = command.count == 1 ? 3 : 2
      #expect(outcome.output.contains("\(11 - count) frames"), "\(outcome)")
      #expect(outcome.errors.hasPrefix("skipped \(count) bad frames: "), "\(outcome)")
    }
    // For programs the number is there where frames may be skipped.
    for (path, flags, count) in [
      ("bad.xyz", ["--skip-bad-frames"], 3), ("train.xyz", ["--skip-bad-frames"], 0),
      ("train.xyz", [], nil),
    ] as [(String, [String], Int?)] {
      let json = try Program.e3x.run(
        ["evaluate", "run/model.safetensors", path, "--json"] + flags, in: folder.path)
      #expect(json.code == 0, "\(json)")
      let values =
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
      #expect(values?["skipped_frames"] as? Int == count, "\(json)")
    }
  }

  /// An archive of MD17 and the same frames as text give the same model, and the same errors.
  @Test func archivesAreData() throws {
    let folder = try TrainingFolder()
    let frames = try XYZReader.read(folder.path("train.xyz"))
    let unit = 0.0433641042418009
    var text = frames
    var (positions, energies, forces): ([Double], [Double], [Double]) = ([], [], [])
    for (index, frame) in frames.enumerated() {
      let energy = try #require(frame.info["energy"]?.double) / unit
      let force = try #require(frame.arrays["forces"]?.doubles).map { $0 / unit }
      positions += frame.positions
      energies.append(energy)
      forces += force
      text[index].info = ["energy": .real(energy * unit)]
      text[index].arrays = ["forces": XYZColumn(.reals(force.map { $0 * unit }), width: 3)]
    }
    let arrays: OrderedDictionary<String, SafetensorsTensor> = [
      "nuclear_charges": SafetensorsTensor(frames[0].numbers, shape: [9]),
      "coords": SafetensorsTensor(positions, shape: [8, 9, 3]),
      "energies": SafetensorsTensor(energies, shape: [8]),
      "forces": SafetensorsTensor(forces, shape: [8, 9, 3]),
    ]
    try NumPyArchive.write(arrays, to: folder.path("a.npz"))
    try XYZWriter.write(text, to: folder.path("a.xyz"))
    try XYZWriter.write(text, to: folder.path("b.xyz.gz"))
    for (name, file) in [("npz", "a.npz"), ("xyz", "a.xyz"), ("gz", "b.xyz.gz")] {
      let outcome = try tiny(folder, "--train", file, "--valid", file, results: name)
      #expect(outcome.code == 0, "\(outcome)")
    }
    let model = try folder.tensors("xyz/model.safetensors")
    #expect(try folder.tensors("npz/model.safetensors") == model)
    #expect(try folder.tensors("gz/model.safetensors") == model)
    let expected = try Program.e3x.run(
      ["evaluate", "xyz/model.safetensors", "a.xyz", "--json"], in: folder.path)
    let predicted = try Program.e3x.run(
      ["predict", "xyz/model.safetensors", "a.xyz", "-o", "-"], in: folder.path)
    #expect(expected.code == 0 && predicted.code == 0)
    for file in ["a.npz", "b.xyz.gz"] {
      let data = try Data(contentsOf: URL(fileURLWithPath: folder.path(file)))
      for path in [file, "-"] {
        let errors = try Program.e3x.run(
          ["evaluate", "xyz/model.safetensors", path, "--json"], input: data, in: folder.path)
        #expect(errors.output == expected.output, "\(errors)")
        let frames = try Program.e3x.run(
          ["predict", "xyz/model.safetensors", path, "-o", "-"], input: data, in: folder.path)
        #expect(frames.output == predicted.output, "\(frames)")
      }
    }
    let compressed = try Program.e3x.run(
      ["predict", "xyz/model.safetensors", "b.xyz.gz", "-o", "out.xyz.gz"], in: folder.path)
    #expect(compressed.code == 0, "\(compressed)")
    var reader = XYZReader(data: Data(predicted.output.utf8))
    #expect(try XYZReader.read(folder.path("out.xyz.gz")) == reader.frames())
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("out.xyz.gz")))
    #expect(bytes.count < predicted.output.utf8.count * 6 / 10)
  }

  /// What structures look like that come from anywhere: no properties, symbols or numbers, columns
  /// that nobody names.
  @Test func plainFilesArePredicted() throws {
    let model = try TrainedModel()
    let plain = """
      3
      water, made by hand
      O 0.0 0.0 0.0
      H 0.96 0.0 0.0
      h 0.0 0.96 0.0
      3

      8 0.0 0.0 0.0 -0.8 first
      1 0.96 0.0 0.0 0.4 x y
      1\t0.0 0.96 0.0 0.4

      """
    let path = model.folder.path("plain.xyz")
    try Data(plain.utf8).write(to: URL(fileURLWithPath: path))
    let outcome = try Program.e3x.run(["predict", model.path, path, "-o", "-"])
    #expect(outcome.code == 0, "\(outcome)")
    var reader = XYZReader(data: Data(outcome.output.utf8))
    let frames = try reader.frames()
    #expect(frames.count == 2 && frames.allSatisfy { $0.numbers == [8, 1, 1] })
    #expect(frames[0].info["energy"] == frames[1].info["energy"])
    #expect(frames[0].arrays["forces"] == frames[1].arrays["forces"])
    #expect(frames[0].info["comment"] == .string("water, made by hand"))
  }
}
