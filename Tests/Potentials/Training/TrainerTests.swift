import E3xBundledData
import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

private func ethanol(_ split: BundledData.Split, _ count: Int) throws -> [LabelledFrame] {
  Array(try LabelledFrame.read(BundledData.ethanol(split), keys: LabelKeys()).prefix(count))
}

private func small() -> PotentialConfiguration {
  var configuration = PotentialConfiguration()
  configuration.features = 8
  configuration.maxDegree = 1
  configuration.numLayers = 2
  configuration.numHeads = 2
  configuration.numBasis = 8
  return configuration
}

private func temporaryPath(_ name: String) -> String {
  FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)").path
}

@Suite struct TrainerTests {
  @Test func aShortTrainingReachesItsError() throws {
    var options = TrainingOptions()
    options.steps = 1000
    options.batchSize = 5
    options.validationInterval = 500
    options.averageDecay = 0.98
    let valid = try ethanol(.valid, 40)
    var trainer = try Trainer(
      configuration: small(), options: options, train: try ethanol(.train, 200), valid: valid)
    while !trainer.isDone { try trainer.advance() }
    let errors = try trainer.bestPotential().errors(on: valid)
    let forcesMAE = try #require(errors.forcesMAE)
    // Predicting no force at all errs by 732 meV/Å.
    #expect(forcesMAE <= 350)
    #expect(trainer.history.records.map(\.step) == [500, 1000])
  }

  @Test func aResumedTrainingIsTheUninterruptedOne() throws {
    var options = TrainingOptions()
    options.steps = 30
    options.batchSize = 3
    options.validationInterval = 8
    let (train, valid) = (try ethanol(.train, 20), try ethanol(.valid, 4))
    let path = temporaryPath("checkpoint.safetensors")
    defer { try? FileManager.default.removeItem(atPath: path) }

    var whole = try Trainer(configuration: small(), options: options, train: train, valid: valid)
    while !whole.isDone { try whole.advance() }

    var first = try Trainer(configuration: small(), options: options, train: train, valid: valid)
    for _ in 0..<13 { try first.advance() }
    try first.writeCheckpoint(to: path)
    var second = try Trainer(resuming: path, train: train, valid: valid)
    #expect(second.stepsDone == 13)
    while !second.isDone { try second.advance() }

    let (a, b) = (try whole.bestPotential(), try second.bestPotential())
    for (path, tensor) in a.parameters {
      #expect(try tensor.scalars(as: Float.self) == b.parameters[path]?.scalars(as: Float.self))
    }
    #expect(whole.history.records.map(\.loss) == second.history.records.map(\.loss))
    #expect(whole.history.records.map(\.validation) == second.history.records.map(\.validation))
  }

  @Test func theSeedDecides() throws {
    var options = TrainingOptions()
    options.steps = 3
    let train = try ethanol(.train, 20)
    func loss(_ seed: Int) throws -> Double {
      options.seed = seed
      var trainer = try Trainer(
        configuration: small(), options: options, train: train, valid: [])
      while !trainer.isDone { try trainer.advance() }
      return trainer.history.records[0].loss
    }
    #expect(try loss(1) == loss(1))
    #expect(try loss(1) != loss(2))
  }

  @Test func modelsSurviveTheFile() throws {
    var options = TrainingOptions()
    options.steps = 2
    let train = try ethanol(.train, 10)
    var trainer = try Trainer(configuration: small(), options: options, train: train, valid: [])
    while !trainer.isDone { try trainer.advance() }
    let potential = try trainer.bestPotential()
    let path = temporaryPath("model.safetensors")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try potential.write(to: path)
    let read = try Potential(contentsOf: path)
    let models = try [read, potential].map {
      try #require($0.model as? AttentionPotential).configuration
    }
    #expect(models[0] == models[1])
    let (a, b) = (try potential.predict(train), try read.predict(train, batchSize: 3))
    for (a, b) in matched(a, b) {
      #expect(abs(a.energy - b.energy) <= 1e-5)
      for (x, y) in matched(a.forces, b.forces) { #expect(abs(x - y) <= 1e-5) }
    }
    // A model that is cut off, and one of other parameters.
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
    #expect(throws: FileError.self) { try Potential(contentsOf: path) }
    try SafetensorsFile.write(
      [:], metadata: SafetensorsFile(data: bytes).metadata, to: path)
    #expect(throws: FileError.self) { try Potential(contentsOf: path) }
    #expect(throws: FileError.self) { try Trainer(resuming: path, train: train, valid: []) }
  }

  @Test(arguments: [
    "steps", "batch_size", "learning_rate", "energy_weight", "forces_weight", "num_heads",
    "cutoff", "max_degree", "train",
  ])
  func whatCannotBeTrainedIsRefused(argument: String) throws {
    var (configuration, options) = (small(), TrainingOptions())
    var train = try ethanol(.train, 2)
    switch argument {
    case "steps": options.steps = 0
    case "batch_size": options.batchSize = -1
    case "learning_rate": options.learningRate = 0
    case "energy_weight": options.energyWeight = .nan
    case "forces_weight": options.forcesWeight = -1
    case "num_heads": configuration.numHeads = 3
    case "cutoff": configuration.cutoff = -2
    case "max_degree": configuration.maxDegree = -1
    default: train = []
    }
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(configuration: configuration, options: options, train: train, valid: [])
    }
    #expect(error?.argument == argument)
  }

  @Test func missingLabelsAndUnknownElementsAreRefused() throws {
    var options = TrainingOptions()
    options.steps = 1
    var train = try ethanol(.train, 2)
    for index in train.indices { train[index].forces = nil }
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(configuration: small(), options: options, train: train, valid: [])
    }
    #expect(error?.reason.contains("no frame has forces") == true)
    // Forces without a weight need not be there.
    options.forcesWeight = 0
    var trainer = try Trainer(configuration: small(), options: options, train: train, valid: [])
    try trainer.advance()
    var neon = train[0]
    neon.atomicNumbers[0] = 10
    #expect(throws: ArgumentError.self) { try trainer.bestPotential().predict([neon]) }
  }

  /// Sums of messages are scaled by how many neighbours atoms have: all eight in ethanol, 26 at
  /// a time in a cube.
  @Test func messagesAreScaledByTheNumberOfNeighbours() throws {
    func messageScale(_ trainer: Trainer) throws -> Double {
      try #require(trainer.model as? AttentionPotential).configuration.messageScale
    }
    let options = TrainingOptions()
    let molecules = try Trainer(
      configuration: small(), options: options, train: ethanol(.train, 2), valid: [])
    #expect(try abs(messageScale(molecules) - 0.5) < 1e-12)
    var configuration = small()
    configuration.cutoff = 1.8
    let crystal = LabelledFrame(
      atomicNumbers: [29], positions: [0, 0, 0], energy: -1, forces: [0, 0, 0],
      cell: [1, 0, 0, 0, 1, 0, 0, 0, 1], pbc: [true, true, true])
    let metal = try Trainer(
      configuration: configuration, options: options, train: [crystal], valid: [])
    #expect(try abs(messageScale(metal) - (2.0 / 26).squareRoot()) < 1e-12)
  }

  @Test func framesOfDifferentSizesNeedNoPadding() throws {
    var options = TrainingOptions()
    options.steps = 1
    let train = try ethanol(.train, 6)
    var trainer = try Trainer(configuration: small(), options: options, train: train, valid: [])
    try trainer.advance()
    let potential = try trainer.bestPotential()
    // Parts of the molecule beside the whole one.
    let parts = (1...9).map { count in
      LabelledFrame(
        atomicNumbers: Array(train[0].atomicNumbers.prefix(count)),
        positions: Array(train[0].positions.prefix(3 * count)))
    }
    let together = try potential.predict(parts)
    for (part, prediction) in matched(parts, together) {
      let alone = try potential.predict([part])[0]
      #expect(abs(alone.energy - prediction.energy) <= 1e-5)
      #expect(alone.forces.count == prediction.forces.count)
      for (x, y) in matched(alone.forces, prediction.forces) { #expect(abs(x - y) <= 1e-5) }
    }
  }
}
