import E3xEngine
import E3xFiles
import E3xPotentials
import TestSupport
import Testing

/// Batches that are limited by their pairs, and batches that grow.
@Suite struct BatchSizeTests {
  private static func options(_ size: Int, steps: Int = 12) -> TrainingOptions {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (steps, size, 1)
    return options
  }

  private static func losses(_ options: TrainingOptions) throws -> [Double] {
    var trainer = try Trainer(
      configuration: tiny(), options: options, train: pairs(5), valid: [])
    while !trainer.isDone { try trainer.advance() }
    return trainer.history.records.map(\.loss)
  }

  /// Two atoms are two pairs: four pairs are two frames, three pairs one, and one is always taken.
  @Test(arguments: [(4, 2), (5, 2), (3, 1), (1, 1), (100, 4), (0, 4)])
  func batchesOfPairs(most: Int, frames: Int) throws {
    var options = Self.options(4)
    options.batchPairs = most
    #expect(try Self.losses(options) == Self.losses(Self.options(frames)))
  }

  @Test func sizesGrowEvenly() throws {
    var options = Self.options(2, steps: 9)
    #expect((0...9).map(options.batchSize(at:)) == Array(repeating: 2, count: 10))
    options.batchGrowth = 2.5
    #expect((0...9).map(options.batchSize(at:)) == [2, 2, 3, 3, 3, 4, 4, 4, 5, 5])
    options.batchGrowth = 0.1
    #expect((0...9).map(options.batchSize(at:)) == [2, 2, 2, 1, 1, 1, 1, 1, 1, 1])
  }

  /// Of batches that grow, as of others, every epoch has each frame once: without learning the
  /// losses of all batches are those of the frames, each as often as there are epochs.
  @Test func grownBatchesGoThroughAllFrames() throws {
    var options = Self.options(1, steps: 14)
    (options.batchGrowth, options.learningRate) = (5, 1e-30)
    let losses = try Self.losses(options)
    let sizes = losses.indices.map(options.batchSize(at:))
    let taken = sizes.reduce(0, +)
    #expect(taken % 5 == 0 && sizes.first == 1 && sizes.last == 5)
    var whole = Self.options(5, steps: 1)
    whole.learningRate = 1e-30
    let expected = try Self.losses(whole)[0] * Double(taken)
    let sum = matched(sizes, losses).reduce(0) { $0 + Double($1.0) * $1.1 }
    #expect(abs(sum - expected) <= 1e-5 * expected)
  }

  /// Whenever it is interrupted, a training whose batches are not all of one size goes on to the
  /// same bits.
  @Test(arguments: [1, 2]) func resumedTrainings(members: Int) throws {
    var options = Self.options(1, steps: 10)
    (options.batchGrowth, options.batchPairs) = (5, 6)
    options.stages = [TrainingStage(start: 0.5, weights: [.energy: 20])]
    func trainer() throws -> Trainer {
      try Trainer(
        configuration: tiny(), options: options, train: pairs(5), valid: [], members: members)
    }
    func end(_ trainer: Trainer) throws -> [Float] {
      var trainer = trainer
      while !trainer.isDone { try trainer.advance() }
      return try trainer.bestPotential().parameters.flatMap {
        try $0.tensor.scalars(as: Float.self)
      }
    }
    let expected = try end(trainer())
    let folder = try TemporaryFolder()
    for interruption in 1..<10 {
      var first = try trainer()
      for _ in 0..<interruption { try first.advance() }
      try first.writeCheckpoint(to: folder.path("checkpoint"))
      let second = try Trainer(resuming: folder.path("checkpoint"), train: pairs(5), valid: [])
      #expect(second.options == options)
      #expect(try end(second) == expected, "\(interruption)")
    }
  }
}
