import E3xFiles
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Committees, and trainings that begin with a model, by the program.
@Suite struct CommitteeAndFineTuningTests {
  @Test func aCommitteeIsTrainedResumedAndUsed() throws {
    let folder = try TrainingFolder()
    let options = ["--steps", "8", "--validation-interval", "4"]
    #expect(
      try folder.trainTiny(
        options[0], options[1], options[2], options[3], "--committee", "2",
        results: "whole"
      ).code == 0)
    let half = try folder.trainTiny(
      "--steps", "4", "--validation-interval", "4", "--committee", "2", results: "half")
    #expect(half.code == 0 && half.output.contains("a committee of 2"), "\(half)")
    let refused = try folder.train("--resume", "-o", "half", "--committee", "3", "--steps", "8")
    #expect(refused.code == 1 && refused.errors.hasPrefix("Error: --committee: "), "\(refused)")
    let resumed = try folder.train("--resume", "-o", "half", "--committee", "2", "--steps", "6")
    #expect(resumed.code == 0, "\(resumed)")
    #expect(try folder.read("half/run.json").contains("\"committee\" : 2"))
    #expect(try folder.read("half/report.html").contains("committee of 2"))

    let model = folder.path("whole/model.safetensors")
    #expect(try Potential(contentsOf: model).members == 2)
    let predicted = try Program.e3x.run(
      ["predict", model, folder.path("valid.xyz"), "-o", folder.path("out.xyz")])
    #expect(predicted.code == 0, "\(predicted)")
    for frame in try XYZReader.read(folder.path("out.xyz")) {
      #expect(try #require(frame.info["energy_std"]?.double) > 0)
      let spread = try #require(frame.arrays["forces_std"])
      #expect(spread.width == 1 && spread.doubles?.count == 9)
      #expect(spread.doubles?.allSatisfy { $0 > 0 } == true)
    }
    // A prediction of a single model does not keep the spread of another's.
    #expect(try folder.trainTiny("--steps", "1", results: "one").code == 0)
    let again = try Program.e3x.run(
      [
        "predict", folder.path("one/model.safetensors"), folder.path("out.xyz"), "-o",
        folder.path("single.xyz"),
      ])
    #expect(again.code == 0, "\(again)")
    #expect(try !folder.read("single.xyz").contains("_std"))
    let evaluated = try Program.e3x.run(["evaluate", "--json", model, folder.path("valid.xyz")])
    let errors =
      try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any]
    for key in ["energy_std_meV", "forces_std_meV_A"] {
      #expect(try #require(errors?[key] as? Double) > 0)
    }
    let table = try Program.e3x.run(["evaluate", model, folder.path("valid.xyz")])
    #expect(table.output.contains("spread of the committee: energies "), "\(table)")
  }

  /// A committee keeps to the time of the whole.
  @Test func aCommitteeKeepsToItsTime() throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny("--minutes", "0.05", "--committee", "3")
    #expect(outcome.code == 0 && outcome.seconds < 10, "\(outcome)")
    #expect(try folder.stepsDone() > 0)
  }

  @Test func aRunBeginsWithAModel() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "4", results: "base").code == 0)
    let base = folder.path("base/model.safetensors")
    try folder.write(
      "sulfur.xyz", folder.read("train.xyz").replacing("\nO ", with: "\nS "))
    func tune(_ arguments: [String]) throws -> Program.Outcome {
      try Program.e3x.run(
        ["train", "-o", folder.path("run"), "--from", base, "--train", folder.path("sulfur.xyz")]
          + arguments)
    }
    let outcome = try tune(["--steps", "4", "--freeze", "embed,value_0", "--features", "4"])
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.contains("random parameters: S"), "\(outcome)")
    #expect(outcome.output.contains("of them frozen"), "\(outcome)")
    let (before, after) = (
      try folder.tensors("base/model.safetensors"), try folder.tensors("run/model.safetensors")
    )
    for (name, tensor) in before {
      let isFrozen = name.hasPrefix("params.embed/") || name.hasPrefix("params.value_0/")
      #expect((after[name] == tensor) == isFrozen, "\(name)")
    }
    let record = try folder.read("run/run.json")
    for text in ["\"from\" : {", "base/model.safetensors", "\"frozen\" : [", "\"value_0\""] {
      #expect(record.contains(text), "\(text)")
    }
    #expect(record.contains("\"learning_rate\" : 0.001"))
    let resumed = try folder.train("--resume", "-o", "run", "--steps", "6")
    #expect(resumed.code == 0, "\(resumed)")
    #expect(
      try folder.tensors("run/model.safetensors")["params.embed/embedding"]
        == before["params.embed/embedding"])
    let other = try folder.train("--resume", "-o", "run", "--steps", "8", "--freeze", "embed")
    #expect(other.code == 1 && other.errors.hasPrefix("Error: --freeze: "), "\(other)")
  }

  /// A set to choose by may have elements that only the model knows which the run begins with.
  @Test func framesOfKnownElementsAreNoBadFrames() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2", results: "base").code == 0)
    try folder.write(
      "carbon.xyz", folder.read("train.xyz").replacing("\nO ", with: "\nC "))
    let outcome = try folder.train(
      "-o", "run", "--from", "base/model.safetensors", "--train", "carbon.xyz", "--valid",
      "valid.xyz", "--skip-bad-frames", "--steps", "2")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.contains("on 8 frames (4 for validation"), "\(outcome)")
    let resumed = try folder.train("--resume", "-o", "run", "--steps", "4")
    #expect(resumed.code == 0, "\(resumed)")
    #expect(resumed.output.contains("on 8 frames (4 for validation"), "\(resumed)")
  }

  @Test func whatDoesNotGoWithAModelIsRefused() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2", results: "base").code == 0)
    let base = folder.path("base/model.safetensors")
    let cases: [([String], String)] = [
      (["--features", "8"], "--features"), (["--preset", "fast"], "--preset"),
      (["--model", "message-passing"], "--model"), (["--freeze", "dense"], "--freeze"),
      (["--freeze", "embed,"], "--freeze"), (["--committee", "1"], "--committee"),
      (["--cutoff", "3"], "--cutoff"), (["--set", "colour=3"], "colour"),
    ]
    for (arguments, name) in cases {
      let outcome = try Program.e3x.run(
        ["train", "-o", folder.path("run"), "--from", base, "--steps", "1"] + folder.data
          + arguments)
      #expect(outcome.code == 1 || outcome.code == 64, "\(outcome)")
      #expect(outcome.errors.split(separator: "\n")[0].contains(name), "\(outcome)")
      #expect(!folder.has("run"), "\(outcome)")
    }
    let unknown = try Program.e3x.run(
      ["train", "-o", folder.path("run"), "--from", base, "--freeze", "dense"] + folder.data)
    #expect(unknown.errors.contains("dense_0/0+/kernel"), "\(unknown)")
    for arguments in [["--freeze", "embed"], ["--from", "-"], ["--resume", "--from", base]] {
      let outcome = try Program.e3x.run(["train", "-o", folder.path("run")] + arguments)
      #expect(outcome.code == 64 && outcome.errors.contains("--f"), "\(outcome)")
    }
  }
}
