import E3xBundledData
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

  @Test func stepsLearnFromAsManyAtoms() throws {
    let ethanol = Array(try LabelledFrame.read(BundledData.ethanol(.valid)).prefix(150))
    // Nine atoms each.
    #expect(TrainingOptions.usualBatchSize(ethanol) == 5)
    // Of few frames one of 25.
    #expect(TrainingOptions.usualBatchSize(Array(ethanol.prefix(60))) == 2)
    #expect(TrainingOptions.usualBatchSize(Array(ethanol.prefix(3))) == 1)
    let crystal = LabelledFrame(
      atomicNumbers: [Int32](repeating: 29, count: 16), positions: [Double](repeating: 0, count: 48)
    )
    let large = LabelledFrame(
      atomicNumbers: [Int32](repeating: 29, count: 200),
      positions: [Double](repeating: 0, count: 600))
    #expect(TrainingOptions.usualBatchSize([LabelledFrame](repeating: crystal, count: 400)) == 3)
    #expect(TrainingOptions.usualBatchSize([LabelledFrame](repeating: large, count: 400)) == 1)
    #expect(TrainingOptions.usualBatchSize([]) == 1)
  }

  @Test func theyDiffer() {
    #expect(Set(PotentialPreset.allCases.map(\.configuration)).count == 4)
    #expect(
      PotentialPreset.allCases.map(\.rawValue) == ["fast", "default", "accurate", "attention"])
  }
}
