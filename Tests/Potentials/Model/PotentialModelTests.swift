import E3xBundledData
import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// A model that the library knows nothing of: pairs attract or repel each other with learned weights.
struct PairModel: PotentialModel {
  static let kind = "pair"
  var cutoff = 4.0
  var features = 16
  var energyScale = 1.0

  mutating func adapt(to data: TrainingScales) { energyScale = data.energy }

  func check() throws(ArgumentError) {
    guard features > 0 else {
      throw ArgumentError("PairModel", "features", "must be positive, received \(features)")
    }
  }

  func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    let expansion = try basis(
      displacements, maxDegree: 0, num: features, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: cutoff)
    ).basis
    let embed = Embed(numEmbeddings: 119, features: features, dtype: displacements.dtype)
    let weights = try embed(scope.child("embed"), species)
    let pairs = try gatherDst(weights, dstIdx: dstIdx) * gatherSrc(weights, srcIdx: srcIdx)
    let atoms = species.shape[0]
    return try (pairs * expansion).sum([1, 2, 3]).segmentSum(dstIdx, count: atoms)
  }
}

/// A second model of the same name.
private struct OtherPairModel: PotentialModel {
  static let kind = "pair"
  var cutoff = 1.0
  func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor { .zeros([species.shape[0]]) }
}

/// Any model is trained, written and read by what is written once.
@Suite struct PotentialModelTests {
  private let folder: TemporaryFolder
  private let train: [LabelledFrame]
  private let valid: [LabelledFrame]

  init() throws {
    folder = try TemporaryFolder()
    train = Array(try LabelledFrame.read(BundledData.ethanol(.train)).prefix(40))
    valid = Array(try LabelledFrame.read(BundledData.ethanol(.valid)).prefix(8))
  }

  private static func messagePassing() -> MessagePassingPotential {
    var model = MessagePassingPotential()
    (model.features, model.maxDegree, model.numLayers) = (8, 1, 2)
    return model
  }

  private static var options: TrainingOptions {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (30, 3, 8)
    options.averageDecay = 0.9
    return options
  }

  static let kinds = ["message_passing", "pair"]
  private func model(_ kind: String) -> any PotentialModel {
    kind == "pair" ? PairModel() : Self.messagePassing()
  }
  private let others: [any PotentialModel.Type] = [PairModel.self]

  @Test(arguments: zip(kinds, [0.7, 0.8])) func trainingReducesTheErrors(
    kind: String, factor: Double
  ) throws {
    var options = Self.options
    (options.steps, options.validationInterval, options.batchSize) = (600, 600, 5)
    options.learningRate = kind == "pair" ? 3e-2 : 1e-2
    var trainer = try Trainer(model: model(kind), options: options, train: train, valid: valid)
    let before = try #require(try trainer.bestPotential().errors(on: valid).forcesMAE)
    while !trainer.isDone { try trainer.advance() }
    let after = try #require(try trainer.bestPotential().errors(on: valid).forcesMAE)
    #expect(after <= factor * before, "\(before) meV/Å before, \(after) after")
  }

  @Test(arguments: kinds) func aResumedTrainingIsTheUninterruptedOne(kind: String) throws {
    let path = folder.path("checkpoint.safetensors")
    var whole = try Trainer(
      model: model(kind), options: Self.options, train: train, valid: valid)
    var first = whole
    while !whole.isDone { try whole.advance() }
    for _ in 0..<13 { try first.advance() }
    try first.writeCheckpoint(to: path)
    var second = try Trainer(resuming: path, train: train, valid: valid, models: others)
    #expect(second.stepsDone == 13)
    while !second.isDone { try second.advance() }
    let (a, b) = (try whole.bestPotential(), try second.bestPotential())
    #expect(a.parameters.count == b.parameters.count)
    for (path, tensor) in a.parameters {
      #expect(try tensor.scalars(as: Float.self) == b.parameters[path]?.scalars(as: Float.self))
    }
    #expect(whole.history.records.map(\.validation) == second.history.records.map(\.validation))
  }

  private func written(_ kind: String) throws -> (potential: Potential, path: String) {
    var trainer = try Trainer(
      model: model(kind), options: Self.options, train: train, valid: [])
    try trainer.advance()
    let (potential, path) = (try trainer.bestPotential(), folder.path("\(kind).safetensors"))
    try potential.write(to: path)
    return (potential, path)
  }

  @Test(arguments: kinds) func filesHoldTheirModel(kind: String) throws {
    let (potential, path) = try written(kind)
    #expect(try SafetensorsFile(contentsOf: path).metadata["model"] == kind)
    let read = try Potential(contentsOf: path, models: others)
    #expect(type(of: read.model).kind == kind)
    #expect(try read.model.settings() == potential.model.settings())
    #expect(read.model.energyScale != 1)
    for (a, b) in matched(try potential.predict(valid), try read.predict(valid)) {
      #expect(a.energy == b.energy && a.forces == b.forces)
    }
  }

  /// Stress and second derivatives of a model that knows nothing of them.
  @Test func everythingElseIsWrittenOnce() throws {
    let potential = try written("pair").potential
    let frame = PeriodicTests.crystal(seed: 0, pbc: [true, true, true])
    let stress = try #require(try potential.predict([frame])[0].stress)
    #expect(stress.contains { abs($0) > 1e-6 })
    let hessian = try potential.hessian(of: frame)
    for row in 0..<9 {
      for column in 0..<9 {
        #expect(abs(hessian[9 * row + column] - hessian[9 * column + row]) <= 1e-10)
      }
    }
  }

  @Test func unknownKindsAreRefusedWithThoseThatAreKnown() throws {
    let path = try written("pair").path
    let error = #expect(throws: FileError.self) { try Potential(contentsOf: path) }
    for text in ["\"pair\"", "attention, message_passing"] {
      #expect(error?.description.contains(text) == true, "\(String(describing: error))")
    }
    let twice = #expect(throws: ArgumentError.self) {
      try Potential(contentsOf: path, models: others + [OtherPairModel.self])
    }
    #expect(twice?.argument == "models" && twice?.reason.contains("\"pair\"") == true)
  }

  @Test(arguments: [
    ("{\"cutoff\":4,\"energy_scale\":1,\"features\":6}", "\"energyScale\": is not there"),
    ("{\"cutoff\":4,\"energyScale\":1,\"features\":6,\"feature\":1}", "\"feature\": is no key"),
    ("{\"cutoff\":4,\"energyScale\":1,\"features\":\"6\"}", "\"features\": is of another kind"),
    ("{\"cutoff\":4,\"energyScale\":1,\"features\":0}", "\"features\": must be positive"),
    ("[]", "expected an object"), ("{\"cutoff\":4,\"cutoff\":4}", "twice"),
  ])
  func configurationsAreReadStrictly(text: String, expected: String) throws {
    let path = try written("pair").path
    let file = try SafetensorsFile(contentsOf: path)
    let tensors = try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0)) })
    var metadata = file.metadata
    metadata["config"] = text
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    let error = #expect(throws: FileError.self) {
      try Potential(contentsOf: path, models: others)
    }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    #expect(error?.description.contains("metadata 'config'") == true)
  }

  /// As versions before there was more than one kind wrote them.
  @Test func filesThatDoNotSayAreAttentionPotentials() throws {
    let path = folder.path("model.safetensors")
    let potential = try TinyPotential.make()
    try potential.write(to: path)
    let file = try SafetensorsFile(contentsOf: path)
    let tensors = try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0)) })
    var metadata = file.metadata
    #expect(metadata.removeValue(forKey: "model") == "attention")
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
    let read = try Potential(contentsOf: path)
    let frame = PeriodicTests.crystal(seed: 0, pbc: [false, false, false])
    let (a, b) = (try potential.predict([frame])[0], try read.predict([frame])[0])
    #expect(a.energy == b.energy && a.forces == b.forces)
  }

  @Test func settingsChangeByKey() throws {
    let model = try Self.messagePassing().changing(["features": .integer(5), "cutoff": .real(4.5)])
    #expect(model.features == 5 && model.cutoff == 4.5 && model.maxDegree == 1)
    let changes = try model.changes(from: Self.messagePassing())
    #expect(changes.map(\.name) == ["cutoff", "features"])
    #expect(changes.map(\.old) == ["5", "8"] && changes.map(\.new) == ["4.5", "5"])
    for (key, value, text) in [
      ("num_heads", JSON.integer(2), "message_passing, which has"),
      ("features", .string("x"), "cannot take the place"), ("features", .real(1.5), "cannot take"),
    ] {
      let error = #expect(throws: ArgumentError.self) {
        try Self.messagePassing().changing([key: value])
      }
      #expect(error?.argument == key && error?.reason.contains(text) == true)
    }
  }
}
