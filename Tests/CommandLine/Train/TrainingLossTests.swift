import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Nothing of a training is lost, whatever ends it.
@Suite struct TrainingLossTests {
  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func signalsSaveAndEnd(number: Int32) throws {
    let folder = try TrainingFolder()
    let program = try folder.startTiny("--steps", "1000000", "--validation-interval", "1000000")
    #expect(program.waitFor("    step"), "\(program.errors)")
    program.signal(number)
    let outcome = try program.wait()
    #expect(outcome.code == 130, "\(outcome)")
    #expect(outcome.output.contains("--resume"), "\(outcome)")
    #expect(
      try folder.names("run") == [
        "checkpoint.safetensors", "metrics.jsonl", "model.safetensors", "report.html", "run.json",
      ])
    _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
    let steps = try folder.stepsDone() + 1
    let resumed = try folder.train("--resume", "-o", "run", "--steps", "\(steps)")
    #expect(resumed.code == 0, "\(resumed)")
  }

  @Test func aSecondSignalEndsAtOnce() throws {
    let folder = try TrainingFolder()
    let program = try folder.startTiny("--steps", "1000000")
    #expect(program.waitFor("    step"), "\(program.errors)")
    program.signal(SIGINT)
    program.signal(SIGTERM)
    let outcome = try program.wait(seconds: 10)
    #expect(outcome.signal == SIGTERM || outcome.signal == SIGINT, "\(outcome)")
    #expect(!outcome.timedOut)
  }

  @Test func signalsThatWereIgnoredStayIgnored() throws {
    let folder = try TrainingFolder()
    let words =
      [Program.e3x.path, "train", "-o", "run", "--steps", "1000000"]
      + folder.data + TrainingFolder.tiny
    let script = "trap '' HUP; exec " + words.map { "'\($0)'" }.joined(separator: " ")
    let program = try Program(path: "/bin/sh").start(["-c", script], in: folder.path)
    #expect(program.waitFor("    step"), "\(program.errors)")
    program.signal(SIGHUP)
    let before = try folder.stepsDone()
    usleep(300_000)
    program.signal(SIGINT)
    let outcome = try program.wait()
    #expect(outcome.code == 130, "\(outcome)")
    #expect(outcome.errors.contains("interrupted"), "\(outcome)")
    #expect(try folder.stepsDone() > before)
  }

  /// After the first line nothing may have been trained yet; after eight of them there was a row of
  /// the table.
  @Test(arguments: [(1, 0), (8, 5)])
  func aClosedPipeSavesAndEnds(lines: Int, leastSteps: Int) throws {
    let folder = try TrainingFolder()
    let words =
      [
        Program.e3x.path, "train", "-o", "run", "--steps", "1000000",
        "--validation-interval", "5",
      ] + folder.data + TrainingFolder.tiny
    let command = words.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Program(path: "/bin/sh").run(
      ["-c", "{ \(command); echo $? > code; } | head -\(lines)"], in: folder.path)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(try folder.read("code") == "130\n", "\(outcome)")
    #expect(outcome.errors.contains("--resume"), "\(outcome)")
    _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
    #expect(try folder.stepsDone() >= leastSteps)
  }

  @Test func killedAtAnyMomentItGoesOnToTheSameBits() throws {
    let folder = try TrainingFolder()
    let options = [
      "--steps", "1500", "--validation-interval", "100", "--checkpoint-interval", "0.01",
    ]
    let start = ["-o", folder.path("run")] + folder.data + TrainingFolder.tiny + options
    let whole = try Program.e3x.run(
      ["train", "-o", folder.path("whole")] + folder.data + TrainingFolder.tiny + options,
      seconds: 300)
    #expect(whole.code == 0, "\(whole)")
    var dice = Dice(seed: 18)
    var deaths = 0
    for _ in 0..<20 {
      let isBegun = folder.has("run/checkpoint.safetensors")
      let program = try Program.e3x.start(
        ["train"]
          + (isBegun
            ? ["--resume", "-o", folder.path("run"), "--checkpoint-interval", "0.01"] : start))
      usleep(useconds_t(whole.seconds * 1e6 * Double(5 + dice.roll(120)) / 1000))
      program.signal(SIGKILL)
      let outcome = try program.wait()
      if outcome.signal == SIGKILL { deaths += 1 } else { #expect(outcome.code == 0, "\(outcome)") }
      // No file is ever broken.
      if folder.has("run/checkpoint.safetensors") { _ = try folder.stepsDone() }
      if folder.has("run/model.safetensors") {
        _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
      }
    }
    #expect(deaths >= 5)
    let last = try Program.e3x.run(["train", "--resume", "-o", folder.path("run")], seconds: 300)
    #expect(last.code == 0, "\(last)")
    #expect(
      try folder.tensors("run/model.safetensors") == folder.tensors("whole/model.safetensors"))
    #expect(
      try folder.tensors("run/checkpoint.safetensors")
        == folder.tensors("whole/checkpoint.safetensors"))
    #expect(try folder.names("run") == folder.names("whole"))
  }

  @Test func afterADivergenceTheBestModelIsThere() throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny(
      "--steps", "100000", "--validation-interval", "5", "--learning-rate", "1e6")
    #expect(outcome.code == 1, "\(outcome)")
    for factor in ["0.5", "0.25", "0.125", "0.0625", "0.03125"] {
      #expect(outcome.output.contains("and on with \(factor) of the learning rate"), "\(outcome)")
    }
    #expect(outcome.errors.contains("Error: --learning-rate: "), "\(outcome)")
    #expect(outcome.output.contains("wrote \(folder.path("run/model.safetensors"))"), "\(outcome)")
    _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
    // The checkpoint is of numbers, and the run goes on from it.
    for (name, tensor) in try folder.tensors("run/checkpoint.safetensors") {
      #expect(try tensor.floats().allSatisfy(\.isFinite), "\(name)")
    }
    let resumed = try folder.train(
      "--resume", "-o", "run", "--learning-rate", "1e-9", "--steps",
      "\(try folder.stepsDone() + 1)")
    #expect(resumed.code == 0, "\(resumed)")
  }

  /// A rate that is somewhat too high is lowered, and the run says so wherever it says something.
  @Test func aLossThatIsNotFiniteLowersTheRate() throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny(
      "--steps", "100", "--validation-interval", "5", "--learning-rate", "1000", "--energy-loss",
      "squared", "--forces-loss", "squared")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.contains("the loss is not finite at step "), "\(outcome)")
    #expect(try folder.read("run/metrics.jsonl").contains("\"rate_factor\":0.5"))
    #expect(try folder.read("run/report.html").contains("the loss was not finite at step"))
    #expect(try folder.stepsDone() == 100)
  }

  @Test func patienceEndsEarly() throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny(
      "--steps", "100", "--validation-interval", "5", "--learning-rate", "1e-30", "--patience", "2")
    #expect(outcome.code == 0, "\(outcome)")
    let words = "ended early, after step 15 of 100: no better score in 2 validations"
    #expect(outcome.output.contains(words), "\(outcome)")
    #expect(try folder.read("run/report.html").contains("ended early, after"))
    let again = try folder.train("--resume", "-o", "run")
    #expect(again.code == 0 && again.output.contains("\(words): --patience 0 goes on"), "\(again)")
    let longer = try folder.train("--resume", "-o", "run", "--patience", "4")
    #expect(longer.code == 0, "\(longer)")
    #expect(try folder.stepsDone() == 25)
    // With a time too.
    let minutes = try folder.trainTiny(
      "--minutes", "1", "--validation-interval", "5", "--learning-rate", "1e-30", "--patience", "2",
      results: "minutes")
    #expect(minutes.code == 0 && minutes.seconds < 20, "\(minutes)")
    #expect(try folder.stepsDone("minutes") == 15)
    let none = try Program.e3x.run(
      ["train", "-o", folder.path("none"), "--train", folder.path("train.xyz"), "--patience", "2"]
        + TrainingFolder.tiny)
    #expect(none.code == 1 && none.errors.hasPrefix("Error: --patience: needs a"), "\(none)")
  }

  @Test func aValidationThatIsNotANumberEndsWithEverythingSaved() throws {
    let folder = try TrainingFolder()
    var text = try folder.read("valid.xyz")
    text.replace(try Regex("energy=[-0-9.]+"), with: "energy=1e200", maxReplacements: 1)
    try folder.write("valid.xyz", text)
    let outcome = try folder.trainTiny(
      "--steps", "20", "--validation-interval", "4", "--energy-loss", "squared")
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.contains("Error: --valid: "), "\(outcome)")
    #expect(outcome.errors.contains("frame 1 of the validation set"), "\(outcome)")
    _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
    #expect(try folder.stepsDone() == 4)
    let file = try SafetensorsFile(contentsOf: folder.path("run/checkpoint.safetensors"))
    #expect(file.metadata["counters"]?.contains("null") == true)
  }

  @Test func aFullDiskLeavesTheCheckpointBefore() throws {
    let folder = try TrainingFolder()
    let whole = try folder.trainTiny("--steps", "4", "--validation-interval", "2", results: "whole")
    #expect(whole.code == 0, "\(whole)")
    // Room for what is written before the first validation, four vectors and those to go back to,
    // and not for the best parameters beside them. The last checkpoint has five vectors.
    let size = try Data(
      contentsOf: URL(fileURLWithPath: folder.path("whole/checkpoint.safetensors"))
    ).count
    let vector = try folder.tensors("whole/checkpoint.safetensors")["best"]?.bytes.count ?? 0
    let blocks = (size + 7 * vector / 2) / 512
    let words =
      [
        Program.e3x.path, "train", "-o", "run", "--steps", "100", "--validation-interval",
        "50", "--checkpoint-interval", "0",
      ] + folder.data + TrainingFolder.tiny
    let command = words.map { "'\($0)'" }.joined(separator: " ")
    let outcome = try Program(path: "/bin/sh").run(
      ["-c", "ulimit -f \(blocks); exec \(command)"], in: folder.path)
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.contains("checkpoint.safetensors"), "\(outcome)")
    #expect(outcome.output.contains("the checkpoint of step 50 is saved"), "\(outcome)")
    #expect(try folder.stepsDone() == 50)
    _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
    #expect(
      try folder.names("run").isSubset(of: [
        "checkpoint.safetensors", "metrics.jsonl", "model.safetensors", "report.html", "run.json",
      ]))
    // With room again it goes on to the same bits.
    #expect(try folder.train("--resume", "-o", "run").code == 0)
    let other = try folder.trainTiny(
      "--steps", "100", "--validation-interval", "50", results: "other")
    #expect(other.code == 0)
    #expect(
      try folder.tensors("run/model.safetensors") == folder.tensors("other/model.safetensors"))
  }

  @Test func anErrorInTheReportCostsNothingElse() throws {
    let folder = try TrainingFolder()
    let program = try folder.startTiny("--steps", "1000000", "--validation-interval", "10")
    #expect(program.waitFor("* |"), "\(program.errors)")
    try FileManager.default.createDirectory(
      atPath: folder.path("run/report.html"), withIntermediateDirectories: false)
    program.signal(SIGINT)
    let outcome = try program.wait()
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.contains("report.html"), "\(outcome)")
    _ = try Potential(contentsOf: folder.path("run/model.safetensors"))
    #expect(try folder.stepsDone() >= 10)
  }
}
