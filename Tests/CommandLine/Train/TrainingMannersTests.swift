import E3xBundledData
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// What a training says, and to whom.
@Suite struct TrainingMannersTests {
  @Test(arguments: ["--valid", "--test"])
  func otherFramesDoNotMixWithTheEthanolData(option: String) throws {
    let folder = try TrainingFolder()
    let outcome = try folder.train("-o", "run", option, "valid.xyz", "--steps", "1")
    #expect(outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.contains("\(option) needs --train"), "\(outcome)")
    #expect(!folder.has("run"))
  }

  @Test func severalFilesAreOneSetInTheirOrder() throws {
    let folder = try TrainingFolder()
    try folder.write("a.xyz", TrainingFolder.ethanol(.train, 0..<3))
    try folder.write("b.xyz", TrainingFolder.ethanol(.train, 3..<8))
    let options = TrainingFolder.tiny + ["--steps", "6", "--valid", folder.path("valid.xyz")]
    let one = try Program.e3x.run(
      ["train", "-o", folder.path("one"), "--train", folder.path("train.xyz")] + options)
    #expect(one.code == 0, "\(one)")
    for (name, files) in [
      ("list", ["--train", "a.xyz", "b.xyz"]),
      ("options", ["--train", "a.xyz", "--train", "b.xyz"]),
    ] {
      let two = try Program.e3x.run(["train", "-o", name] + files + options, in: folder.path)
      #expect(two.code == 0, "\(two)")
      #expect(
        try folder.tensors("one/model.safetensors") == folder.tensors("\(name)/model.safetensors"))
      #expect(try folder.read("\(name)/run.json").contains("\"path\" : \"b.xyz\""))
    }
  }

  @Test func framesAreNamedByFileAndSet() throws {
    let folder = try TrainingFolder()
    let neon = "1\nenergy=-1 Properties=species:S:1:pos:R:3:forces:R:3\nNe 0 0 0 0 0 0\n"
    try folder.write("neon.xyz", neon)
    let text = try TrainingFolder.ethanol(.train, 0..<2)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var huge = lines.map(String.init)
    let words = huge[13].split(separator: " ").map(String.init)
    huge[13] = (words[0..<4] + ["1e30"] + words[5...]).joined(separator: " ")
    try folder.write("huge.xyz", huge.joined(separator: "\n"))
    for (arguments, texts) in [
      (
        ["--train", "train.xyz", "--valid", "valid.xyz", "neon.xyz"],
        ["neon.xyz: frame 1 of the validation set", "Ne"]
      ),
      (
        ["--train", "train.xyz", "--test", "neon.xyz"], ["neon.xyz: frame 1 of the test set", "Ne"]
      ),
      (["--train", "huge.xyz"], ["huge.xyz: frame 2 of the training set", "atom 1 (C)", "1e+30"]),
      (
        ["--train", "train.xyz", "--energy-key", "E"],
        ["train.xyz: no frame has energy \"E\"", "--energy-key"]
      ),
    ] {
      let outcome = try Program.e3x.run(
        ["train", "-o", "run", "--steps", "1"] + TrainingFolder.tiny + arguments, in: folder.path)
      #expect(outcome.code == 1, "\(outcome)")
      for text in texts { #expect(outcome.errors.contains(text), "\(outcome)") }
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
      #expect(!folder.has("run"))
    }
  }

  @Test func placesThatCannotBeWrittenAreFoundFirst() throws {
    let folder = try TrainingFolder()
    try folder.write("file", "")
    for (place, text) in [
      ("file", "is a file, expected a folder"), ("file/run", "is not a folder"), ("", "folder"),
    ] {
      let outcome = try folder.train("-o", place, "--train", "no-such-file")
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.errors.contains(text), "\(outcome)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    }
    #expect(try folder.trainTiny("--steps", "1", results: "a/b/c").code == 0)
  }

  @Test func whatIsProbablyAMistakeIsWarnedOf() throws {
    let folder = try TrainingFolder()
    var lines = try TrainingFolder.ethanol(.train, 0..<8).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    // 0.05 Å beside its neighbour.
    let words = lines[2].split(separator: " ").map(String.init)
    lines[3] = ([words[0], words[1], words[2], "\(Double(words[3])! + 0.05)"] + words[4...])
      .joined(separator: " ")
    try folder.write("close.xyz", lines.joined(separator: "\n"))
    for (arguments, text) in [
      (["--train", "train.xyz"], "no validation set"),
      (["--train", "train.xyz", "--valid", "train.xyz"], "have the same frames"),
      (["--train", "train.xyz", "train.xyz"], "in the training set twice"),
      (["--train", "train.xyz", "--cutoff", "0.1"], "closer than the cutoff"),
      (["--train", "close.xyz"], "atoms 1 and 2 are 0.05 Å apart, closer than atoms come"),
      (["--train", "close.xyz", "--valid", "train.xyz"], "7 of the 8 frames"),
      (["--train", "train.xyz"], "less than one pass"),
      (["--train", "train.xyz", "--valid", "valid.xyz"], "validation interval"),
    ] {
      let outcome = try Program.e3x.run(
        ["train", "-o", "run", "--overwrite", "--steps", "1"] + TrainingFolder.tiny + arguments,
        in: folder.path)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(
        outcome.errors.split(separator: "\n").contains {
          $0.hasPrefix("warning: ") && $0.contains(text)
        }, "\(text): \(outcome)")
    }
    let quiet = try folder.trainTiny(
      "--steps", "8", "--validation-interval", "4", results: "quiet")
    #expect(quiet.errors == "", "\(quiet)")
  }

  @Test func labelsThatAreNotThereAreADash() throws {
    let folder = try TrainingFolder()
    let columns = try Regex("(?m)^([A-Z] +\\S+ +\\S+ +\\S+) .*$")
    func withoutForces(_ text: String) -> String {
      text.replacing(":forces:R:3", with: "").replacing(columns) {
        "\($0.output[1].substring ?? "")"
      }
    }
    for name in ["train.xyz", "valid.xyz"] {
      try folder.write(name, withoutForces(folder.read(name)))
    }
    let energies = try folder.trainTiny("--steps", "2", "--forces-weight", "0")
    #expect(energies.code == 0, "\(energies)")
    let row = energies.output.split(separator: "\n").first {
      $0.contains("*") && $0.contains(" 2 ")
    }
    #expect(try row?.contains(Regex(" +- \\|")) == true, "\(energies)")
    #expect(!energies.output.contains(" 0.00 "), "\(energies)")

    let both = try TrainingFolder()
    for name in ["train.xyz", "valid.xyz"] {
      try both.write(name, both.read(name).replacing(try Regex("energy=\\S+ "), with: ""))
    }
    let forces = try both.trainTiny("--steps", "2", "--energy-weight", "0")
    #expect(forces.code == 0, "\(forces)")
    #expect(!forces.output.contains("element energies"), "\(forces)")
    #expect(!forces.output.contains(" 0.00 "), "\(forces)")
  }

  @Test func theTableMarksTheStepThatWasWritten() throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny("--steps", "8", "--validation-interval", "2")
    let rows = outcome.output.split(separator: "\n").filter {
      $0.contains(" | ") && !$0.contains("step")
    }
    #expect(rows.count == 4, "\(outcome)")
    let last = rows.last { $0.contains("*") }
    let step = last?.split(separator: " ").first
    #expect(
      outcome.output.contains("model.safetensors: step \(step ?? "?"), the best"), "\(outcome)")
  }

  @Test(arguments: [UInt16(120), 40, 0])
  func progressLivesInOneLineOfATerminal(columns: UInt16) throws {
    let folder = try TrainingFolder()
    let (code, text) = try Program.e3x.runInTerminal(
      ["train", "-o", folder.path("run"), "--steps", "200", "--validation-interval", "100"]
        + folder.data + TrainingFolder.tiny, columns: columns)
    #expect(code == 0, "\(text)")
    let drawings = text.split(separator: "\r" as Character).filter { $0.contains(" of 200 steps") }
    #expect(!drawings.isEmpty, "\(text)")
    for drawing in drawings {
      let line = drawing.prefix { $0 != "\u{1B}" }
      #expect(line.count < (columns == 0 ? 80 : columns), "\(line)")
      #expect(drawing.hasSuffix("\u{1B}[K"), "\(drawing)")
    }
    // Nothing of the line is left beside or below the table.
    let lines = text.split(separator: "\r\n" as Character)
    let final = lines.map { $0.split(separator: "\r" as Character).last ?? "" }
    #expect(!final.contains { $0.contains(" of 200 steps") }, "\(text)")
    #expect(final.contains { $0.contains("done: 200 steps") }, "\(text)")
  }

  @Test func progressIsPlainLinesElsewhere() throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny("--steps", "40", "--validation-interval", "20")
    for character in ["\r", "\u{1B}"] {
      #expect(!outcome.output.contains(character) && !outcome.errors.contains(character))
    }
  }
}
