import E3xEngine
import E3xFiles
import E3xPotentials
import TestSupport
import Testing

/// Weights that change on the way.
@Suite struct TrainingStageTests {
  private static let stages = [
    TrainingStage(start: 0.25, weights: [.energy: 30, .stress: 0]),
    TrainingStage(start: 0.5, weights: [.forces: 0.125]),
  ]

  private static func crystals() -> [LabelledFrame] {
    (0..<3).map { index in
      var frame = PeriodicTests.crystal(seed: index)
      (frame.energy, frame.forces) = (Double(index), frame.positions.map { $0 / 7 })
      frame.stress = [0.1, 0, 0, 0, 0.2, 0, 0, 0, -0.1]
      return frame
    }
  }

  /// The records of steps in which hardly anything is learned: each has the loss of the same
  /// parameters on all frames.
  private static func records(
    _ change: (inout TrainingOptions) -> Void
  ) throws -> [TrainingHistory.Record] {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (8, 3, 1)
    options.learningRate = 1e-30
    change(&options)
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: crystals(), valid: [])
    while !trainer.isDone { try trainer.advance() }
    return trainer.history.records
  }

  @Test func textsOfStages() throws {
    for text in ["0.75:energy=30.0", "0.5:energy=1.0,forces=0.0,stress=3000.0"] {
      let stage = try #require(TrainingStage(text))
      #expect(stage.description == text)
      #expect(TrainingStage(stage.description) == stage)
    }
    #expect(
      TrainingStage("0.25:stress=0,energy=30") == Self.stages[0], "in any order, whole numbers too")
    for text in [
      "", "0.5", "0.5:", "x:energy=1", "0.5:energy", "0.5:energy=", "0.5:energy=1,energy=2",
      "0.5:mass=1", "0.5:energy=1,", "0.5:energy=1:2",
    ] {
      #expect(TrainingStage(text) == nil, "\(text)")
    }
  }

  @Test func stagesThatCannotBeAreNamed() {
    for stages in [
      ["0:energy=1"], ["1:energy=1"], ["nan:energy=1"], ["0.5:energy=-1"], ["0.5:energy=nan"],
      ["0.5:energy=1", "0.5:energy=2"], ["0.5:energy=1", "0.25:energy=2"], ["0.5:energy=1e13"],
    ] {
      var options = TrainingOptions()
      options.stages = stages.compactMap { TrainingStage($0) }
      #expect(options.stages.count == stages.count)
      let error = #expect(throws: ArgumentError.self, "\(stages)") { try options.check() }
      #expect(error?.argument == "stages")
    }
  }

  /// The loss of each step is the sum of the labels' losses times the weights that they have then.
  @Test func lossesFollowTheWeights() throws {
    let parts = try [(1, 0, 0), (0, 1, 0), (0, 0, 1)].map { weights in
      try Self.records {
        ($0.energyWeight, $0.forcesWeight, $0.stressWeight) = weights
      }[0].loss
    }
    let records = try Self.records {
      ($0.energyWeight, $0.forcesWeight, $0.stressWeight) = (2, 10, 50)
      $0.stages = Self.stages
    }
    let expected = [(2.0, 10.0, 50.0), (30, 10, 0), (30, 0.125, 0), (30, 0.125, 0)].flatMap {
      let loss = $0.0 * parts[0] + $0.1 * parts[1] + $0.2 * parts[2]
      return [loss, loss]
    }
    for (record, expected) in matched(records, expected) {
      #expect(abs(record.loss - expected) <= 1e-5 * expected, "step \(record.step)")
    }
    // Errors of a label that does not count are not told.
    #expect(records.map { $0.trainStressMAE != nil } == (0..<8).map { $0 < 2 })
    #expect(records.allSatisfy { $0.trainEnergyMAE != nil })
  }

  /// What is learned only later needs its label all the same.
  @Test func aLabelOfALateStageMustBeThere() throws {
    var options = TrainingOptions()
    options.stages = [TrainingStage(start: 0.5, weights: [.stress: 3])]
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(configuration: tiny(), options: options, train: pairs(4), valid: [])
    }
    #expect(error?.reason.contains("no frame has a stress") == true)
  }
}
