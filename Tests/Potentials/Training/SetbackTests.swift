import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Trainings whose loss is not finite somewhere go back and on at a lower rate; trainings that get no
/// better end early.
@Suite struct SetbackTests {
  private func trainer(_ options: TrainingOptions, valid: Int = 3) throws -> Trainer {
    try Trainer(
      configuration: tiny(), options: options, train: pairs(4),
      valid: pairs(valid, from: 0.72))
  }

  private func options(_ rate: Double, steps: Int = 60) -> TrainingOptions {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (steps, 2, 5)
    (options.learningRate, options.warmupSteps) = (rate, 0)
    return options
  }

  /// A rate that is too high by some factors of two.
  private static let highRate = 1000.0

  @Test func aTrainingGoesBackAndOnAtALowerRate() throws {
    var trainer = try trainer(options(Self.highRate))
    let start = try trainer.bestPotential().parameters
    var seen = 0
    while !trainer.isDone {
      let before = trainer.stepsDone
      try trainer.advance()
      let setbacks = trainer.history.setbacks
      guard setbacks.count > seen else {
        #expect(trainer.stepsDone == before + 1)
        continue
      }
      seen += 1
      #expect(setbacks.count == seen)
      let last = setbacks[seen - 1]
      // Where nothing was validated yet, the training begins again.
      #expect(last.backTo == trainer.stepsDone && trainer.stepsDone <= before)
      #expect(last.step == before + 1 || last.step == before)
      #expect(last.rateFactor == pow(0.5, Double(seen)))
      #expect(last.backTo % 5 == 0 && trainer.history.records.last?.step ?? 0 == last.backTo)
      if last.backTo == 0 {
        for (path, tensor) in try trainer.bestPotential().parameters {
          #expect(
            try tensor.scalars(as: Float.self) == start[path]?.scalars(as: Float.self), "\(path)")
        }
      }
    }
    #expect((1...5).contains(seen), "\(seen)")
    #expect(
      trainer.stepsDone == 60 && trainer.history.records.map(\.step) == Array(1...12).map { 5 * $0 }
    )
    // The rates that were recorded are those that held.
    let last = try #require(trainer.history.records.last)
    let factor = try #require(trainer.history.setbacks.last?.rateFactor)
    #expect(last.learningRate == trainer.options.rate(59) * factor)
    let metrics = try trainer.history.metrics()
    #expect(metrics.contains("\"setbacks\":[{\"back_to\":"))
    #expect(metrics.components(separatedBy: "back_to").count == seen + 1)
    let report = TrainingReport(trainer, sets: [], seconds: 1)
    #expect(report.changes.count { $0.text.contains("the loss was not finite") } == seen)
  }

  /// Whatever the step at which it is interrupted, a training goes on to the same bits.
  @Test func aResumedTrainingHasTheSameSetbacks() throws {
    let options = options(Self.highRate)
    let folder = try TemporaryFolder()
    func tensors(_ trainer: Trainer) throws -> [String: SafetensorsTensor] {
      try trainer.writeCheckpoint(to: folder.path("end"))
      let file = try SafetensorsFile(contentsOf: folder.path("end"))
      return Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) })
    }
    var whole = try trainer(options)
    var calls = 0
    while !whole.isDone {
      try whole.advance()
      calls += 1
    }
    #expect(calls > 60 && !whole.history.setbacks.isEmpty)
    let expected = try tensors(whole)
    for interruption in stride(from: 0, to: calls, by: 3) {
      var first = try trainer(options)
      for _ in 0..<interruption { try first.advance() }
      try first.writeCheckpoint(to: folder.path("checkpoint"))
      var second = try Trainer(
        resuming: folder.path("checkpoint"), train: pairs(4), valid: pairs(3, from: 0.72))
      while !second.isDone { try second.advance() }
      #expect(second.history.setbacks == whole.history.setbacks, "\(interruption)")
      #expect(try tensors(second) == expected, "\(interruption)")
    }
  }

  @Test func theRateIsHalvedFiveTimesAtMost() throws {
    var trainer = try trainer(options(1e6))
    let error = #expect(throws: ArgumentError.self) {
      while !trainer.isDone { try trainer.advance() }
    }
    #expect(error?.argument == "learning_rate")
    #expect(error?.reason.contains("halved 5 times") == true)
    #expect(trainer.history.setbacks.map(\.rateFactor) == [0.5, 0.25, 0.125, 0.0625, 0.03125])
    // It says so again, unless it is given another rate.
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.path("checkpoint"))
    let checkpoint = try TrainingCheckpoint(contentsOf: folder.path("checkpoint"))
    var same = try Trainer(resuming: checkpoint, train: pairs(4), valid: pairs(3, from: 0.72))
    #expect(throws: ArgumentError.self) { while !same.isDone { try same.advance() } }
    var lower = try Trainer(
      resuming: checkpoint, train: pairs(4), valid: pairs(3, from: 0.72), options: options(1e-3))
    while !lower.isDone { try lower.advance() }
    // Parameters from which even a low rate leads nowhere are left too.
    let more = lower.history.setbacks.count - 5
    #expect((0...1).contains(more))
    #expect(
      lower.history.records.last?.learningRate
        == options(1e-3).rate(59) * pow(0.5, Double(more)))
  }

  /// Checkpoints of versions that never went back, and numbers that cannot be.
  @Test func countersOfOthers() throws {
    var trainer = try trainer(options(1e-3))
    for _ in 0..<7 { try trainer.advance() }
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.path("good"))
    let file = try SafetensorsFile(contentsOf: folder.path("good"))
    let tensors = Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) })
    #expect(tensors["safe_average"] != nil)
    func write(_ change: (String) throws -> String) throws {
      var metadata = file.metadata
      let counters = try #require(metadata["counters"])
      metadata["counters"] = try change(counters)
      #expect(metadata["counters"] != counters)
      try SafetensorsFile.write(tensors, metadata: metadata, to: folder.path("other"))
    }
    try write {
      try $0.replacing(Regex("\"(safeStep|safeRecords|halvings)\":[0-9]+,"), with: "")
        .replacing(Regex(",\"(taken|safeTaken)\":\\[[0-9]+\\]"), with: "")
    }
    var old = try Trainer(
      resuming: folder.path("other"), train: pairs(4), valid: pairs(3, from: 0.72))
    try old.advance()
    #expect(old.stepsDone == 8)
    for (key, value) in [
      ("safeStep", "8"), ("safeStep", "-1"), ("safeRecords", "2"), ("safeRecords", "-1"),
      ("halvings", "6"), ("halvings", "-1"),
    ] {
      try write { try $0.replacing(Regex("\"\(key)\":[0-9]+"), with: "\"\(key)\":\(value)") }
      #expect(throws: FileError.self, "\(key) \(value)") {
        try TrainingCheckpoint(contentsOf: folder.path("other"))
      }
    }
  }

  /// A rate so small that nothing gets better: the training ends after as many validations as it
  /// has patience for, resumed or not.
  @Test func patience() throws {
    var options = options(1e-30)
    options.patience = 3
    var trainer = try trainer(options)
    while !trainer.isDone { try trainer.advance() }
    #expect(trainer.stepsDone == 20 && trainer.endedEarly && trainer.bestStep == 5)
    let report = TrainingReport(trainer, sets: [], seconds: 1)
    #expect(report.status?.contains("ended early") == true)
    let folder = try TemporaryFolder()
    try trainer.writeCheckpoint(to: folder.path("checkpoint"))
    let checkpoint = try TrainingCheckpoint(contentsOf: folder.path("checkpoint"))
    #expect(try Trainer(resuming: checkpoint, train: pairs(4), valid: pairs(3, from: 0.72)).isDone)
    options.patience = 5
    var longer = try Trainer(
      resuming: checkpoint, train: pairs(4), valid: pairs(3, from: 0.72), options: options)
    while !longer.isDone { try longer.advance() }
    #expect(longer.stepsDone == 30)
    options.patience = 0
    var last = try Trainer(
      resuming: checkpoint, train: pairs(4), valid: pairs(3, from: 0.72), options: options)
    while !last.isDone { try last.advance() }
    #expect(last.stepsDone == 60 && !last.endedEarly)
  }

  @Test func patienceNeedsAValidationSet() throws {
    var options = options(1e-3)
    options.patience = 1
    let error = #expect(throws: ArgumentError.self) { try trainer(options, valid: 0) }
    #expect(error?.argument == "patience")
  }
}
