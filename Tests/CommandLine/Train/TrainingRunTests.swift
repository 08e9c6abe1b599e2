import E3xBundledData
import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// A run knows what it is.
@Suite struct TrainingRunTests {
  @Test func resumingNeedsNoOtherOptionAndGivesTheSameBits() throws {
    let folder = try TrainingFolder()
    let options = ["--steps", "40", "--validation-interval", "16"]
    let whole = try Program.e3x.run(
      ["train", "-o", folder.path("whole")] + folder.data + TrainingFolder.tiny + options)
    #expect(whole.code == 0, "\(whole)")
    // Ends between validations, and within an epoch of four steps.
    let program = try Program.e3x.start(
      ["train", "-o", folder.path("run"), "--checkpoint-interval", "0"] + folder.data
        + TrainingFolder.tiny + options)
    let start = Date()
    while (try? folder.stepsDone()) ?? 0 < 5, Date().timeIntervalSince(start) < 60 { usleep(500) }
    program.signal(SIGKILL)
    #expect(try program.wait().signal == SIGKILL)
    let done = try folder.stepsDone()
    #expect((5..<40).contains(done))
    // From another folder: the recorded paths count.
    let resumed = try folder.train("--resume", "-o", folder.path("run"), in: "/")
    #expect(resumed.code == 0, "\(resumed)")
    #expect(resumed.output.contains("going on after step \(done)"), "\(resumed)")
    #expect(
      try folder.tensors("run/model.safetensors") == folder.tensors("whole/model.safetensors"))
    #expect(
      try folder.tensors("run/checkpoint.safetensors")
        == folder.tensors("whole/checkpoint.safetensors"))
    #expect(
      try folder.names("run") == [
        "checkpoint.safetensors", "metrics.jsonl", "model.safetensors", "report.html", "run.json",
      ])
  }

  /// A line of JSON for each validation, with what the table has.
  @Test func metricsAreLinesOfJSON() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "4", "--validation-interval", "2").code == 0)
    let lines = try folder.read("run/metrics.jsonl").split(separator: "\n")
    let objects = try lines.map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(objects.map { $0["step"] as? Int } == [2, 4])
    for object in objects {
      #expect(object["loss"] is Double && object["train_forces_mae_meV_A"] is Double)
      let validation = try #require(object["validation"] as? [String: Any])
      #expect(validation["energy_mae_meV"] is Double)
    }
  }

  /// A run that was given a time ends in it, and so does one that goes on after it was killed.
  @Test func aTimeIsKeptOverAResume() throws {
    let folder = try TrainingFolder()
    let start =
      ["train", "-o", folder.path("run"), "--minutes", "0.05"] + folder.data + TrainingFolder.tiny
    let whole = try Program.e3x.run(start, seconds: 60)
    #expect(whole.code == 0 && whole.seconds < 10, "\(whole)")
    let program = try Program.e3x.start(start + ["--overwrite"])
    #expect(program.waitFor("    step"), "\(program.errors)")
    program.signal(SIGKILL)
    _ = try program.wait()
    let resumed = try Program.e3x.run(["train", "--resume", "-o", folder.path("run")], seconds: 60)
    #expect(resumed.code == 0 && resumed.seconds < 10, "\(resumed)")
    #expect(resumed.output.contains("minutes in steps"), "\(resumed)")
    #expect(try folder.stepsDone() > 0)
  }

  @Test func aRunRecordsItsDataAndOptions() throws {
    let folder = try TrainingFolder()
    let outcome = try Program.e3x.run(
      ["train", "-o", "run", "--train", "train.xyz", "--steps", "2", "--seed", "7"]
        + TrainingFolder.tiny, in: folder.path)
    #expect(outcome.code == 0, "\(outcome)")
    let record =
      try JSONSerialization.jsonObject(with: Data(folder.read("run/run.json").utf8))
      as? [String: Any]
    let data = (record?["data"] as? [String: Any])?["train"] as? [[String: Any]]
    #expect(data?.count == 1)
    #expect(data?[0]["path"] as? String == "train.xyz")
    let absolute = data?[0]["absolute_path"] as? String
    #expect(absolute?.hasPrefix("/") == true && absolute?.hasSuffix("/train.xyz") == true)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path("train.xyz")))
    #expect(data?[0]["bytes"] as? Int == bytes.count)
    #expect(data?[0]["sha256"] as? String == SHA256.hexadecimal(bytes))
    #expect(data?[0]["frames"] as? Int == 8)
    let options = record?["options"] as? [String: Any]
    #expect(options?["seed"] as? Int == 7)
    let configuration = record?["configuration"] as? [String: Any]
    #expect(configuration?["features"] as? Int == 4)
    let energies = record?["element_energies"] as? [String: Double]
    #expect(energies.map { Set($0.keys) } == ["H", "C", "O"])
    for key in ["version", "started", "labels", "seconds", "threads"] {
      #expect(record?[key] != nil, "\(key)")
    }
    #expect(outcome.output.contains("element energies (eV): H: "), "\(outcome)")
  }

  @Test func whatMayChangeChangesAndIsRecorded() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "4", "--validation-interval", "2").code == 0)
    try folder.write("test.xyz", TrainingFolder.ethanol(.test, 0..<2))
    let outcome = try folder.train(
      "--resume", "-o", "run", "--steps", "8", "--learning-rate", "0.001",
      "--validation-interval", "4", "--test", "test.xyz", "--features", "4")
    #expect(outcome.code == 0, "\(outcome)")
    #expect(try folder.stepsDone() == 8)
    for change in ["steps: 4 -> 8", "learning_rate: 0.01 -> 0.001", "validation_interval: 2 -> 4"] {
      #expect(outcome.output.contains("changed: \(change)"), "\(outcome)")
    }
    #expect(outcome.output.contains("test set: energies"), "\(outcome)")
    let record =
      try JSONSerialization.jsonObject(with: Data(folder.read("run/run.json").utf8))
      as? [String: Any]
    let changes = record?["changes"] as? [[String: Any]] ?? []
    #expect(
      changes.map { $0["name"] as? String }
        == ["steps", "learning_rate", "validation_interval", "test"])
    #expect(changes.allSatisfy { $0["step"] as? Int == 4 })
  }

  @Test(arguments: [
    ["--features", "8"], ["--max-degree", "2"], ["--layers", "2"], ["--heads", "2"],
    ["--basis", "8"], ["--correlation", "3"], ["--radial-features", "4"], ["--attention"],
    ["--pseudotensors"], ["--cutoff", "4"], ["--no-smooth"], ["--seed", "1"],
    ["--batch-size", "3"], ["--no-cautious"],
    ["--energy-weight", "2"], ["--forces-weight", "2"], ["--energy-key", "E"],
    ["--forces-key", "F"], ["--steps", "1"], ["--repulsion"], ["--stress-key", "S"],
  ])
  func whatMayNotChangeIsRefusedByName(arguments: [String]) throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2").code == 0)
    let before = try folder.tensors("run/checkpoint.safetensors")
    let outcome = try Program.e3x.run(
      ["train", "--resume", "-o", folder.path("run")] + arguments)
    #expect(outcome.code == 1, "\(outcome)")
    let option = arguments[0].replacing("--no-", with: "--")
    #expect(outcome.errors.hasPrefix("Error: \(option): "), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    if arguments.count > 1 { #expect(outcome.errors.contains(arguments[1]), "\(outcome)") }
    #expect(try folder.tensors("run/checkpoint.safetensors") == before)
  }

  @Test func changedDataAreRefusedUnlessAskedFor() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2").code == 0)
    try folder.write("train.xyz", TrainingFolder.ethanol(.train, 1..<9))
    let refused = try folder.train("--resume", "-o", "run", "--steps", "4")
    #expect(refused.code == 1, "\(refused)")
    for text in ["train.xyz", "SHA-256", "--accept-changed-data"] {
      #expect(refused.errors.contains(text), "\(refused)")
    }
    let accepted = try folder.train(
      "--resume", "-o", "run", "--steps", "4", "--accept-changed-data")
    #expect(accepted.code == 0, "\(accepted)")
    #expect(accepted.output.contains("changed: train: "), "\(accepted)")
    // Another validation set scores the best so far anew.
    try folder.write("valid.xyz", TrainingFolder.ethanol(.valid, 2..<6))
    let valid = try folder.train(
      "--resume", "-o", "run", "--steps", "6", "--accept-changed-data")
    #expect(valid.code == 0, "\(valid)")
  }

  @Test func dataThatMovedAreTakenByTheirContents() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2").code == 0)
    try FileManager.default.moveItem(atPath: folder.path("train.xyz"), toPath: folder.path("t.xyz"))
    let lost = try folder.train("--resume", "-o", "run", "--steps", "4")
    #expect(lost.code == 1 && lost.errors.contains("--train"), "\(lost)")
    let found = try folder.train("--resume", "-o", "run", "--steps", "4", "--train", "t.xyz")
    #expect(found.code == 0, "\(found)")
    let again = try folder.train("--resume", "-o", "run", "--steps", "6")
    #expect(again.code == 0, "\(again)")
  }

  @Test func aFolderWithARunIsNotOverwritten() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2").code == 0)
    let before = try folder.tensors("run/model.safetensors")
    let refused = try folder.trainTiny("--steps", "3", "--seed", "1")
    #expect(refused.code == 1 && refused.errors.contains("--overwrite"), "\(refused)")
    #expect(try folder.tensors("run/model.safetensors") == before)
    let both = try folder.trainTiny("--steps", "3", "--overwrite", "--resume")
    #expect(both.code == 64, "\(both)")
    // Data that cannot be trained with cost nothing.
    let bad = try folder.train("-o", "run", "--overwrite", "--train", "no-such-file.xyz")
    #expect(bad.code == 1, "\(bad)")
    #expect(try folder.tensors("run/model.safetensors") == before)
    let replaced = try folder.trainTiny("--steps", "3", "--seed", "1", "--overwrite")
    #expect(replaced.code == 0, "\(replaced)")
    #expect(try folder.tensors("run/model.safetensors") != before)
  }

  @Test func aSecondProcessIsKeptOut() throws {
    let folder = try TrainingFolder()
    let first = try folder.startTiny("--steps", "1000000")
    #expect(first.waitFor("    step"), "\(first.errors)")
    for arguments in [["--resume"], ["--overwrite"], []] {
      let second = try Program.e3x.run(
        ["train", "-o", folder.path("run")] + (arguments == ["--resume"] ? [] : folder.data)
          + arguments)
      #expect(second.code == 1, "\(second)")
      #expect(second.errors.contains("process \(first.identifier)"), "\(second)")
    }
    first.signal(SIGKILL)
    _ = try first.wait()
    // The lock ends with its process, whatever it left behind.
    let steps = try folder.stepsDone() + 2
    let resumed = try folder.train("--resume", "-o", "run", "--steps", "\(steps)")
    #expect(resumed.code == 0, "\(resumed)")
    #expect(try !folder.names("run").contains("run.lock"))
  }

  @Test func checkpointsOfTheVersionBeforeNeedTheirData() throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2").code == 0)
    // As that version wrote them.
    let path = folder.path("run/checkpoint.safetensors")
    let file = try SafetensorsFile(contentsOf: path)
    var metadata = file.metadata
    metadata["format"] = "swift-e3x checkpoint 1"
    metadata["run"] = nil
    metadata["element_energies"] = nil
    try SafetensorsFile.write(
      folder.tensors("run/checkpoint.safetensors"), metadata: metadata, to: path)
    let refused = try folder.train("--resume", "-o", "run", "--steps", "4")
    #expect(refused.code == 1 && refused.errors.contains("--train"), "\(refused)")
    let resumed = try Program.e3x.run(
      ["train", "--resume", "-o", folder.path("run"), "--steps", "4"] + folder.data)
    #expect(resumed.code == 0, "\(resumed)")
    let whole = try folder.trainTiny("--steps", "4", results: "whole")
    #expect(whole.code == 0)
  }

  @Test(arguments: ["batch_size", "steps", "seed", "validation_interval", "features"])
  func numbersOfCheckpointsAreChecked(key: String) throws {
    let folder = try TrainingFolder()
    #expect(try folder.trainTiny("--steps", "2").code == 0)
    let path = folder.path("run/checkpoint.safetensors")
    let file = try SafetensorsFile(contentsOf: path)
    let entry = key == "features" ? "config" : "options"
    for value in ["9223372036854775807", "-1", "0", "9223372036854775808", "\"x\"", "1.5", "null"]
    where key != "seed" || Int(value) == nil {
      var metadata = file.metadata
      let text = metadata[entry] ?? ""
      let pattern = try Regex("\"\(key)\":[0-9]+")
      metadata[entry] = text.replacing(pattern, with: "\"\(key)\":\(value)")
      #expect(metadata[entry] != text)
      try SafetensorsFile.write(
        folder.tensors("run/checkpoint.safetensors"), metadata: metadata, to: path)
      let outcome = try folder.train("--resume", "-o", "run")
      #expect(outcome.code == 1, "\(key) \(value): \(outcome)")
      #expect(outcome.errors.contains(key), "\(key) \(value): \(outcome)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    }
  }
}
