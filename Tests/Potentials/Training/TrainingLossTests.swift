import E3xEngine
import E3xPotentials
import Foundation
import TestSupport
import Testing

@Suite struct TrainingLossTests {
  private static let losses: [TrainingLoss] = [.squared, .absolute, .huber(0.5)]

  /// What an error counts, written out.
  private static func value(_ loss: TrainingLoss, _ error: Double) -> Double {
    switch loss {
    case .squared: error * error
    case .absolute: abs(error)
    case .huber(let size):
      abs(error) <= size ? error * error : 2 * size * abs(error) - size * size
    }
  }

  @Test(arguments: losses)
  func componentsCountAsWrittenOut(loss: TrainingLoss) throws {
    let errors = [0.1, -0.4, 0.5, -0.6, 3, 0, 0.2, -8]
    let weights = [0.5, 2, 0, 1]
    let sum = try loss(
      Tensor(errors, shape: [4, 2]), weights: Tensor(weights, shape: [4, 1]), isVector: false)
    let expected = errors.indices.reduce(0) {
      $0 + weights[$1 / 2] * Self.value(loss, errors[$1])
    }
    try #expect(abs(sum.item() - expected) < 1e-5)
  }

  /// A vector's components count as much as those of one that has the same length and equal
  /// components; squares as ever.
  @Test(arguments: losses)
  func vectorsCountByTheirLength(loss: TrainingLoss) throws {
    func sum(_ vectors: [Double]) throws -> Double {
      let count = vectors.count / 3
      return try loss(
        Tensor(vectors, shape: [count, 3]),
        weights: .ones([Dimension(count), 1], dtype: .float64), isVector: true
      ).item()
    }
    let lengths = [0.3, 0.9, 7]
    let turned: [Double] = lengths.flatMap { [0.6 * $0, 0, -0.8 * $0] }
    let diagonal: [Double] = lengths.flatMap {
      [Double](repeating: $0 / 3.0.squareRoot(), count: 3)
    }
    let expected = diagonal.reduce(0) { $0 + Self.value(loss, $1) }
    try #expect(abs(sum(turned) - expected) < 1e-5)
    try #expect(abs(sum(diagonal) - expected) < 1e-5)
  }

  /// Where nothing errs, and at the edge, there is a gradient.
  @Test(arguments: losses)
  func gradientsAreFiniteAndDifferences(loss: TrainingLoss) throws {
    let errors = [0, 0, 0, 0.1, -0.2, 0.3, 2, -1, 0.5]
    let weights = try Tensor([1, 2, 0.5] as [Double], shape: [3, 1])
    for isVector in [false, true] {
      let function = try CompiledFunction([TensorSpecification([3, 3], dtype: .float64)]) {
        inputs in
        let sum = try loss(inputs[0], weights: weights, isVector: isVector)
        return [sum] + (try gradient(of: sum, withRespectTo: [inputs[0]]))
      }
      func values(_ errors: [Double]) throws -> [Tensor] {
        try function([Tensor(errors, shape: [3, 3])])
      }
      let slopes = try values(errors)[1].scalars(as: Double.self)
      for index in errors.indices {
        func moved(_ by: Double) throws -> Double {
          var errors = errors
          errors[index] += by
          return try values(errors)[0].item()
        }
        let difference = try (moved(1e-5) - moved(-1e-5)) / 2e-5
        #expect(abs(slopes[index] - difference) < 1e-4)
      }
    }
  }

  @Test func formsAreReadAndWritten() throws {
    for loss in Self.losses {
      #expect(TrainingLoss(loss.description) == loss)
      let data = try JSONEncoder().encode([loss])
      #expect(try JSONDecoder().decode([TrainingLoss].self, from: data) == [loss])
    }
    for text in ["", "l2", "huber", "huber:", "huber:x", "huber:1:2", "Squared"] {
      #expect(TrainingLoss(text) == nil)
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode([TrainingLoss].self, from: Data("[\"\(text)\"]".utf8))
      }
    }
  }

  @Test(arguments: [0, -1, .nan, .infinity, 1e7] as [Double])
  func sizesOutOfRangeAreRefused(size: Double) {
    var options = TrainingOptions()
    options.forcesLoss = .huber(size)
    let error = #expect(throws: ArgumentError.self) { try options.check() }
    #expect(error?.argument == "forces_loss")
  }

  /// The score of a validation is what its mean errors (meV) count, with the last weights.
  @Test func scoresAreOfTheLosses() throws {
    for loss in Self.losses {
      var options = TrainingOptions()
      (options.steps, options.batchSize) = (1, 2)
      (options.energyLoss, options.forcesLoss) = (loss, loss)
      options.stages = [TrainingStage(start: 0.5, weights: [.energy: 7])]
      var trainer = try Trainer(
        configuration: tiny(), options: options, train: pairs(4), valid: pairs(3, from: 0.72))
      try trainer.advance()
      let record = trainer.history.records[0]
      let errors = try [
        #require(record.validation?.energyMAE), #require(record.validation?.forcesMAE),
      ]
      let counts = errors.map { error in
        let e = error / 1000
        return switch loss {
        case .squared: e * e
        case .absolute: e
        case .huber(let size): e < size ? e * e : 2 * size * e - size * size
        }
      }
      let expected = 7 * counts[0] + 10 * counts[1]
      #expect(abs(try #require(record.score) - expected) <= 1e-12 * expected, "\(loss)")
    }
  }

  /// Whatever the losses, large errors count as much, relative to each other.
  @Test func usualWeights() {
    var options = TrainingOptions()
    options.takeUsualWeights(stress: true)
    #expect([options.energyWeight, options.forcesWeight, options.stressWeight] == [1, 10, 3000])
    (options.energyLoss, options.forcesLoss, options.stressLoss) = (
      .absolute, .huber(0.01), .absolute
    )
    options.energyPerAtom = true
    options.takeUsualWeights(stress: true)
    // 2 δ |e| with a weight of 1 / (2 δ) is |e|.
    #expect([options.energyWeight, options.forcesWeight, options.stressWeight] == [0.5, 50, 1.5])
    options.takeUsualWeights(stress: false)
    #expect(options.stressWeight == 0)
  }

  /// Energies per atom, forces and stress with losses of their own: errors fall, and a training goes
  /// on to the same bits, but not with another loss.
  @Test func trainingsLearnWithThem() throws {
    let frames = (0..<8).map { index in
      let x = 0.8 + 0.05 * Double(index)
      let (energy, slope) = ((x - 1) * (x - 1), 2 * (x - 1))
      return LabelledFrame(
        atomicNumbers: [1, 1], positions: [0, 0, 0, x, 0, 0], energy: energy,
        forces: [slope, 0, 0, -slope, 0, 0], cell: [6, 0, 0, 0, 6, 0, 0, 0, 6],
        pbc: [true, true, true], stress: [slope * x / 216, 0, 0, 0, 0, 0, 0, 0, 0])
    }
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numLayers) = (4, 1, 1)
    (configuration.maxDegree, configuration.numBasis, configuration.cutoff) = (1, 4, 3)
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (300, 4, 50)
    (options.warmupSteps, options.stressWeight, options.energyPerAtom) = (5, 100, true)
    options.learningRate = 1e-2
    (options.energyLoss, options.forcesLoss) = (.absolute, .huber(0.05))
    options.stressLoss = .absolute
    var trainer = try Trainer(
      configuration: configuration, options: options, train: frames, valid: frames)
    for _ in 0..<120 { try trainer.advance() }
    let folder = try TemporaryFolder()
    let path = folder.path("checkpoint.safetensors")
    try trainer.writeCheckpoint(to: path)
    while !trainer.isDone { try trainer.advance() }
    let errors = trainer.history.records.map { $0.validation?.forcesMAE ?? .infinity }
    #expect(errors[5] < 0.7 * errors[0])
    var resumed = try Trainer(resuming: path, train: frames, valid: frames)
    while !resumed.isDone { try resumed.advance() }
    #expect(
      resumed.history.records.map(\.validation) == trainer.history.records.map(\.validation))
    let checkpoint = try TrainingCheckpoint(contentsOf: path)
    var others = checkpoint.options
    others.energyLoss = .squared
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(resuming: checkpoint, train: frames, valid: frames, options: others)
    }
    #expect(error?.argument == "energy_loss")
  }
}
