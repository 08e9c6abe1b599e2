import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Models other than attention potentials, by the program.
@Suite struct ModelOptionTests {
  private static let tiny = [
    "--model", "message-passing", "--features", "4", "--layers", "2", "--max-degree", "1",
    "--basis", "4", "--batch-size", "2",
  ]

  private func train(_ folder: TrainingFolder, _ arguments: String...) throws -> Program.Outcome {
    try Program.e3x.run(
      ["train", "-o", folder.path("run")] + folder.data + Self.tiny + arguments, in: folder.path)
  }

  @Test func messagePassingIsTrainedResumedAndUsed() throws {
    let folder = try TrainingFolder()
    let outcome = try train(folder, "--steps", "4", "--cutoff", "4.5", "--set", "num_embeddings=10")
    #expect(outcome.code == 0, "\(outcome)")
    let path = folder.path("run/model.safetensors")
    let potential = try Potential(contentsOf: path)
    let model = try #require(potential.model as? MessagePassingPotential)
    #expect(model.features == 4 && model.numLayers == 2 && model.cutoff == 4.5)
    #expect(model.numEmbeddings == 10)
    let resumed = try folder.train(
      "--resume", "-o", folder.path("run"), "--steps", "6", "--model", "message-passing",
      "--features", "4")
    #expect(resumed.code == 0, "\(resumed)")
    #expect(try folder.stepsDone() == 6)
    let record = try folder.read("run/run.json")
    #expect(record.contains("\"model\" : \"message_passing\""))
    #expect(record.contains("\"num_embeddings\" : 10"))
    #expect(try folder.read("run/report.html").contains("message passing potential"))
    let evaluated = try Program.e3x.run(["evaluate", path, folder.path("valid.xyz")])
    #expect(evaluated.code == 0 && evaluated.output.contains("forces"), "\(evaluated)")
  }

  /// Options that have no meaning for a model, and what is no option's value.
  @Test(arguments: [
    (["--heads", "2"], "--heads"), (["--attention"], "--attention"),
    (["--correlation", "2"], "--correlation"), (["--radial-features", "4"], "--radial-features"),
    (["--no-smooth"], "--smooth"), (["--pseudotensors"], "--pseudotensors"),
    (["--repulsion"], "--repulsion"), (["--preset", "fast"], "--preset"),
    (["--set", "colour=1"], "colour"), (["--set", "colour"], "--set"),
    (["--set", "features=8"], "--set"), (["--set", "normalization=loud"], "normalization"),
    (["--set", "num_embeddings=0"], "num-embeddings"),
  ])
  func whatHasNoMeaningIsRefused(arguments: [String], name: String) throws {
    let folder = try TrainingFolder()
    let outcome = try Program.e3x.run(
      ["train", "-o", folder.path("run"), "--steps", "1"] + folder.data + Self.tiny + arguments)
    #expect(outcome.code == 1 || outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.split(separator: "\n")[0].contains(name), "\(outcome)")
    #expect(!folder.has("run"), "\(outcome)")
  }

  @Test func modelsAreListedAndKept() throws {
    let folder = try TrainingFolder()
    let unknown = try folder.trainTiny("--steps", "1", "--model", "slow")
    #expect(
      unknown.code == 64 && unknown.errors.contains("attention, message-passing"), "\(unknown)")
    #expect(try train(folder, "--steps", "2").code == 0)
    for arguments in [["--model", "attention"], ["--features", "5"], ["--set", "cutoff=3"]] {
      let other = try Program.e3x.run(
        ["train", "--resume", "-o", folder.path("run"), "--steps", "3"] + arguments)
      #expect(other.code == 1, "\(other)")
      let name = arguments[0] == "--set" ? "--cutoff" : arguments[0]
      #expect(other.errors.hasPrefix("Error: \(name): cannot change"), "\(other)")
    }
  }
}
