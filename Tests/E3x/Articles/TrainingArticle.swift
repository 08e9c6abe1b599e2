import E3x
import Foundation
import Testing

@Suite struct TrainingArticle {
  @Test func trainingAModule() throws {
    // Example of Sources/E3x/E3x.docc/TrainingModels.md
    // A module: layers are values, and the scope has their parameters.
    struct Model {
      let first = TensorDense(features: 8, maxDegree: 2)
      let last = Dense(features: 1)

      func callAsFunction(_ scope: Scope, _ r: Tensor) throws -> Tensor {
        let x = try r.expanded(at: -2).expanded(at: -1).padded(before: 1, axis: -2)  // [N, 1, 4, 1]
        let y = try last(scope.child("last"), first(scope.child("first"), x))
        return try y[..., 0, 0, 0]  // even scalars: [N]
      }
    }

    let model = Model()
    let parameters = try Parameters.initialize(seed: 0) { try model($0, .ones([1, 3])) }
    print(parameters.map(\.path)[0])  // first/dense/0+/kernel

    // It learns the squares of lengths.
    let rows = Dimension.rows("rows")
    var training = try Training(
      parameters, optimizer: Adam(learningRate: 0.02),
      batch: [TensorSpecification([rows, 3]), TensorSpecification([rows])]
    ) { scope, batch in
      try (model(scope, batch[0]) - batch[1]).square().mean()
    }
    var loss = 0.0
    for step in 0..<300 {
      let r = try Tensor(RandomKey(seed: step).normal(Float.self, count: 96), shape: [32, 3])
      loss = try training.step([r, r.square().sum([-1])])
    }
    let length = try model(training.parameters.scope, Tensor([0, 3, 4]).expanded(at: 0))
    print(loss, try length.item())  // less than 0.001, about 25
    // End of example

    #expect(parameters.map(\.path)[0] == "first/dense/0+/kernel")
    #expect(loss < 1e-3)
    #expect(abs(try length.item() - 25) < 0.5)
  }

  @Test func files() throws {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("e3x-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }

    // Example of Sources/E3x/E3x.docc/TrainingModels.md
    let layer = Dense(features: 2)
    let parameters = try Parameters.initialize(seed: 0) { try layer($0, .ones([1, 1, 1, 3])) }
    try parameters.write(to: folder + "/layer.msgpack")  // Flax reads it
    let read = try Parameters(contentsOf: folder + "/layer.msgpack")
    print(read.map(\.path))  // ["0+/kernel", "0+/bias"]
    // End of example

    #expect(Set(read.map(\.path)) == ["0+/kernel", "0+/bias"])
    #expect(
      try read["0+/kernel"]!.scalars(as: Float.self)
        == parameters["0+/kernel"]!.scalars(as: Float.self))
  }

  @Test func potentials() throws {
    // Example of Sources/E3x/E3x.docc/TrainingModels.md
    // Energies in eV and forces in eV/Å of ethanol, which come with the library.
    let frames = try LabelledFrame.read(BundledData.ethanol(.valid))
    var options = TrainingOptions()
    options.steps = 4
    options.validationInterval = 2
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numLayers, configuration.maxDegree) = (8, 2, 1)

    var trainer = try Trainer(
      configuration: configuration, options: options, train: Array(frames[..<50]),
      valid: Array(frames[50..<60]))
    while !trainer.isDone { try trainer.advance() }
    let potential = try trainer.bestPotential()
    let prediction = try potential.predict([frames[60]])[0]
    print(prediction.energy, prediction.forces.count)  // eV, and 27 components in eV/Å
    // End of example

    // Example of Sources/E3x/E3x.docc/TrainingModels.md
    // A gigabyte of frames, and one of pairs.
    var stored = StoredFrames(memory: 1 << 30)
    var reader = try XYZReader(contentsOf: BundledData.ethanol(.train))
    while let frame = try reader.next() { try stored.append(LabelledFrame(frame)) }
    var large = try Trainer(
      model: AttentionPotential(configuration), options: options, train: stored,
      valid: StoredFrames(Array(frames[50..<60])))
    while !large.isDone { try large.advance() }
    // End of example
    #expect(large.history.records.count == 2)

    // Example of Sources/E3x/E3x.docc/TrainingModels.md
    var committee = try Trainer(
      configuration: configuration, options: options, train: Array(frames[..<50]), valid: [],
      members: 2)
    while !committee.isDone { try committee.advance() }
    let mean = try committee.bestPotential().predict([frames[60]])[0]
    print(mean.energyDeviation!, mean.forcesDeviation!.count)  // eV, and 9 atoms

    options.learningRate = 1e-3
    var tuning = try Trainer(
      from: committee.bestPotential(), options: options, train: Array(frames[50..<70]), valid: [],
      freezing: ["embed"])
    while !tuning.isDone { try tuning.advance() }
    // End of example

    #expect(try #require(mean.energyDeviation) > 0 && mean.forcesDeviation?.count == 9)
    #expect(tuning.members == 2 && tuning.frozen == ["embed"])
    let (a, b) = (try committee.bestPotential(), try tuning.bestPotential())
    let path = "member_1/embed/embedding"
    #expect(
      try a.parameters[path]?.scalars(as: Float.self)
        == b.parameters[path]?.scalars(as: Float.self))
    #expect(prediction.energy.isFinite)
    #expect(prediction.forces.count == 27)
    #expect(trainer.history.records.count == 2)
  }
}
