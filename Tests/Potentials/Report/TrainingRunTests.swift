import E3xBundledData
import E3xPotentials
import Foundation
import Testing

/// A training of a few steps, and the frames that it was made with.
private struct ShortRun {
  var trainer: Trainer
  let valid: [LabelledFrame]
  let test: [LabelledFrame]

  init(hasForces: Bool = true, validates: Bool = true, steps: Int = 4) throws {
    func frames(_ split: BundledData.Split, _ count: Int) throws -> [LabelledFrame] {
      try LabelledFrame.read(BundledData.ethanol(split), keys: LabelKeys()).prefix(count).map {
        var frame = $0
        if !hasForces { frame.forces = nil }
        return frame
      }
    }
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.maxDegree, configuration.numLayers) = (4, 1, 1)
    (configuration.numHeads, configuration.numBasis) = (1, 4)
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (4, 2, 2)
    if !hasForces { options.forcesWeight = 0 }
    valid = validates ? try frames(.valid, 3) : []
    test = try frames(.test, 5)
    trainer = try Trainer(
      configuration: configuration, options: options, train: try frames(.train, 6), valid: valid)
    for _ in 0..<steps { try trainer.advance() }
  }

  func report(
    sets: [(name: String, frames: [LabelledFrame])]? = nil,
    run: TrainingReport.Run = TrainingReport.Run(name: "short")
  ) -> TrainingReport {
    TrainingReport(
      trainer, sets: sets ?? [("validation", valid), ("test", test)], seconds: 125, run: run)
  }
}

@Suite struct TrainingRunTests {
  @Test func thePageOfATrainingIsComplete() throws {
    let run = try ShortRun()
    let report = run.report()
    let page = try Page(report.html())
    let text = page.readableText
    #expect(page.drawings.count == 8 && report.failures.isEmpty && report.status == nil)
    #expect(page.text("h1")?.contains("short") == true)
    for expected in [
      "attention potential with \(run.trainer.parameterCount) parameters", "4 of 4", "2 min 5 s",
      "0.0320", "5 frames of the test set", "batch_size", "max_degree", "true",
      "on the validation set",
    ] {
      #expect(text.contains(expected), "\(expected)")
    }
    #expect(report.elementEnergies.map(\.symbol) == ["H", "C", "O"])
    #expect(
      report.elementEnergies.map(\.energy)
        == [1, 6, 8].map {
          run.trainer.elementEnergies.energies[$0] ?? .nan
        })
    let errors = try run.trainer.bestPotential().errors(on: run.test)
    #expect(report.errors.last?.forceMAE == errors.forcesMAE)
    #expect(report.predictions?.errors == errors)
    #expect(text.contains("135 force components of the test set"))
    // The worst frames with how much their atoms attend to each other.
    let frames = try page.viewedFrames()
    #expect(frames.count == 5)
    for frame in frames {
      let attention = try #require(frame["attention"] as? [String: Any])
      #expect((attention["layers"] as? [Any])?.count == 1)
    }
  }

  /// The step that is said to be written is the one whose errors the written model has.
  @Test func theWrittenStepIsTheBest() throws {
    let run = try ShortRun()
    let written = try #require(run.report().written)
    let record = try #require(run.trainer.history.records.first { $0.step == written.step })
    #expect(record.validation == (try run.trainer.bestPotential().errors(on: run.valid)))

    let unvalidated = try #require(try ShortRun(validates: false).report().written)
    #expect(unvalidated.step == 4 && unvalidated.criterion.contains("no validation set"))
  }

  @Test func aTrainingThatStoppedSaysSo() throws {
    let report = try ShortRun(steps: 1).report()
    #expect(report.status == "stopped after 1 of 4 steps")
    #expect(report.written?.step == 1 && report.written?.criterion.contains("before any") == true)
    let page = try Page(report.html())
    #expect(page.readableText.contains("stopped after 1 of 4 steps"))
    #expect(page.section("Learning") == nil)
  }

  @Test func energiesAloneHaveNoErrorsOfForces() throws {
    let run = try ShortRun(hasForces: false)
    let report = run.report(sets: [("test", run.test)])
    #expect(report.errors.map { $0.forceMAE == nil && $0.energyMAE != nil } == [true])
    let page = try Page(report.html())
    let errors = try #require(page.section("Errors"))
    #expect(!errors.text.contains("Forces"))
    let predictions = try #require(page.section("Predictions"))
    #expect(predictions.all("figure").count == 2)
    let worst = try #require(page.section("Worst frames"))
    #expect(worst.all("button").count { $0.classes.contains("view") } == 5)
    #expect(worst.all("span").allSatisfy { $0.text != "–" } && !worst.text.contains("orce"))
    #expect(report.written?.criterion == "lowest error of the validation set's energies")
  }

  @Test func aSetThatFailsSaysWhyAndTheRestStands() throws {
    let run = try ShortRun()
    var odd = run.test
    odd[1].atomicNumbers[0] = 5000
    let report = run.report(sets: [("validation", run.valid), ("test", odd)])
    #expect(report.failures.map(\.part) == ["errors of the test set"])
    #expect(report.failures.first?.reason.contains("5000") == true)
    #expect(report.errors.map(\.name) == ["validation"] && report.predictions?.set == "validation")
    let page = try Page(report.html())
    #expect(page.drawings.count == 8)
    #expect(page.section("Errors")?.text.contains("Missing here: errors of the test set") == true)
  }

  @Test func whatTheRunKnowsIsShown() throws {
    let short = try ShortRun()
    var data = TrainingData()
    try data.train.add(BundledData.ethanol(.train), bundled: "train", keys: LabelKeys())
    try data.valid.add(BundledData.ethanol(.valid), keys: LabelKeys())
    var labels = RunRecord.Labels()
    (labels.energy, labels.forces) = ("E_total", "F")
    var record = RunRecord(version: "9.8.7", threads: 2, data: data, labels: labels)
    record.goOn(
      version: "9.8.8", threads: 2, data: data,
      changes: [RunRecord.Change(step: 2, name: "steps", old: "2", new: "4")], step: 2)
    record.update(short.trainer)
    var run = TrainingReport.Run(record, name: "mine")
    run.date = Date(timeIntervalSince1970: 1_800_000_000)
    run.warnings = ["a warning"]
    let page = try Page(short.report(run: run).html())
    #expect(page.text("h1")?.contains("ethanol-xtb/train.xyz, 2027-01-15") == true)
    let text = page.readableText
    let valid = data.valid.files[0]
    for expected in [
      "swift-e3x 9.8.8", "version: 9.8.7 to 9.8.8", "steps: 2 to 4", "a warning", "E_total",
      valid.sha256, data.train.files[0].sha256, valid.absolutePath ?? "no path", "200",
    ] {
      #expect(text.contains(expected), "\(expected)")
    }
  }
}
