import E3xEngine
import E3xPotentials
import TestSupport
import Testing

/// Frames are learned from by the labels that they have, and as much as their weights say.
@Suite struct PartialLabelTests {
  /// Crystals with all labels.
  private static func crystals(_ count: Int) -> [LabelledFrame] {
    (0..<count).map { index in
      var frame = PeriodicTests.crystal(seed: index)
      var dice = Dice(seed: 50 + index)
      frame.energy = dice.uniform(1, -3, 3)[0]
      frame.forces = dice.uniform(9, -1, 1)
      let stress = dice.uniform(6, -0.1, 0.1)
      frame.stress = [0, 5, 4, 5, 1, 3, 4, 3, 2].map { stress[$0] }
      return frame
    }
  }

  private static func trained(
    _ frames: [LabelledFrame], steps: Int = 3, _ change: (inout TrainingOptions) -> Void = { _ in }
  ) throws -> Trainer {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (steps, frames.count, 1)
    options.stressWeight = 100
    change(&options)
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: frames, valid: [])
    while !trainer.isDone { try trainer.advance() }
    return trainer
  }

  private static func loss(_ trainer: Trainer) -> [Double] {
    trainer.history.records.map(\.loss)
  }

  /// The loss of the first step is the sum of mean squares over what has a label, of the errors
  /// that the untrained potential makes.
  @Test(arguments: 0..<8) func lossIsThatOfTheLabelsThatThereAre(seed: Int) throws {
    var dice = Dice(seed: seed)
    var frames = Self.crystals(4)
    for index in frames.indices.dropFirst() {
      if dice.flag() { frames[index].energy = nil }
      if dice.flag() { frames[index].forces = nil }
      if dice.flag() { frames[index].stress = nil }
      frames[index].weight = dice.pick([0, 0.5, 1, 3])
    }
    let perAtom = dice.flag()
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (1, 4, 1)
    (options.stressWeight, options.energyPerAtom) = (100, perAtom)
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: frames, valid: [])
    let untrained = try trainer.bestPotential()
    let predictions = try untrained.predict(frames)
    try trainer.advance()
    var (sums, counts) = ([0.0, 0, 0], [0.0, 0, 0])
    for (frame, prediction) in matched(frames, predictions) {
      func add(_ label: Int, _ reference: [Double]?, _ predicted: [Double], size: Double = 1) {
        guard let reference else { return }
        for (a, b) in matched(reference, predicted) {
          sums[label] += frame.weight * (a - b) * (a - b) / (size * size)
          counts[label] += 1
        }
      }
      let size = perAtom ? Double(frame.count) : 1
      add(0, frame.energy.map { [$0] }, [prediction.energy], size: size)
      add(1, frame.forces, prediction.forces)
      // Six components.
      let six = [0, 4, 8, 5, 2, 1]
      add(
        2, frame.stress.map { stress in six.map { stress[$0] } },
        six.map { prediction.stress![$0] })
    }
    let means = (0..<3).map { sums[$0] / max(1, counts[$0]) }
    let expected = means[0] + 10 * means[1] + 100 * means[2]
    let loss = trainer.history.records[0].loss
    #expect(abs(loss - expected) <= 1e-4 * expected)
  }

  /// Errors on the way are those of the labels that there are, and nil without any.
  @Test func errorsOnTheWay() throws {
    var frames = Self.crystals(3)
    for index in frames.indices { frames[index].stress = nil }
    frames[1].forces = nil
    let record = try Self.trained(frames, steps: 1) { $0.stressWeight = 0 }.history.records[0]
    #expect(record.trainForcesMAE != nil && record.trainEnergyMAE != nil)
    #expect(record.trainStressMAE == nil)
    let all = try Self.trained(Self.crystals(3), steps: 1).history.records[0]
    #expect(all.trainStressMAE != nil)
  }

  /// Stress can be learned: its error falls to a fraction.
  @Test func stressIsLearned() throws {
    var frames = Self.crystals(1)
    frames[0].energy = nil
    frames[0].forces = nil
    let trainer = try Self.trained(frames, steps: 200) {
      ($0.energyWeight, $0.forcesWeight, $0.learningRate) = (0, 0, 0.01)
    }
    let losses = Self.loss(trainer)
    #expect(losses.last! < 0.05 * losses[0])
  }

  @Test func weightsWithoutLabelsAreRefused() throws {
    var frames = Self.crystals(2)
    for index in frames.indices { frames[index].stress = nil }
    let error = #expect(throws: ArgumentError.self) { try Self.trained(frames) }
    #expect(error?.reason.contains("no frame has a stress, but stress_weight is not 0") == true)
    var valid = Self.crystals(1)
    (valid[0].energy, valid[0].forces, valid[0].stress) = (nil, nil, nil)
    let second = #expect(throws: ArgumentError.self) {
      try Trainer(
        configuration: tiny(), options: TrainingOptions(), train: Self.crystals(2),
        valid: valid)
    }
    #expect(second?.argument == "valid")
  }
}
