import E3xPotentials
import Testing

/// Networks and trainings that go together.
@Suite struct PotentialPresetTests {
  /// Each learns: after 200 steps forces are better than none.
  @Test(arguments: PotentialPreset.allCases) func learns(preset: PotentialPreset) throws {
    var options = preset.options
    (options.steps, options.warmupSteps, options.validationInterval) = (200, 20, 200)
    let frames = try LabelledFrame.read(BundledData.ethanol(.train), keys: LabelKeys())
    var trainer = try Trainer(
      configuration: preset.configuration, options: options, train: Array(frames.prefix(40)),
      valid: Array(frames[40..<60]))
    while !trainer.isDone { try trainer.advance() }
    let error = try #require(
      trainer.bestPotential().errors(on: Array(frames[60..<80])).forcesMAE)
    // Predicting no force at all errs by about 730 meV/Å.
    #expect(error < 600)
  }

  @Test func stepsLearnFromAsManyPairs() throws {
    let ethanol = Array(try LabelledFrame.read(BundledData.ethanol(.valid)).prefix(150))
    // 72 pairs each.
    #expect(try TrainingOptions.usualBatchSize(ethanol, cutoff: 10) == 5)
    // Of few frames one of 25.
    #expect(try TrainingOptions.usualBatchSize(Array(ethanol.prefix(60)), cutoff: 10) == 2)
    #expect(try TrainingOptions.usualBatchSize(Array(ethanol.prefix(3)), cutoff: 10) == 1)
    var crystal = LabelledFrame(atomicNumbers: [29], positions: [0, 0, 0])
    (crystal.cell, crystal.pbc) = ([1, 0, 0, 0, 1, 0, 0, 0, 1], [true, true, true])
    let crystals = [LabelledFrame](repeating: crystal, count: 400)
    #expect(try TrainingOptions.usualBatchSize(crystals, cutoff: 1.8) == 14)
    #expect(try TrainingOptions.usualBatchSize(crystals, cutoff: 8) == 1)
    #expect(try TrainingOptions.usualBatchSize([], cutoff: 8) == 1)
  }

  @Test func theyDiffer() {
    #expect(Set(PotentialPreset.allCases.map(\.configuration)).count == 4)
    #expect(
      PotentialPreset.allCases.map(\.rawValue) == ["fast", "default", "accurate", "attention"])
  }
}
