import E3xPotentials
import Testing

/// Networks and trainings that go together.
@Suite struct PotentialPresetTests {
  /// Each learns: after 100 steps forces are better than none.
  @Test(arguments: PotentialPreset.allCases) func learns(preset: PotentialPreset) throws {
    var options = preset.options
    (options.steps, options.warmupSteps, options.validationInterval) = (100, 10, 100)
    options.averageDecay = 0.9
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

  @Test func theyDiffer() {
    #expect(Set(PotentialPreset.allCases.map(\.configuration)).count == 3)
    #expect(PotentialPreset.allCases.map(\.rawValue) == ["fast", "standard", "accurate"])
  }
}
