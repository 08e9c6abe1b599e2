import E3xBundledData
import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Several models that are trained side by side and predict their mean, with its spread.
@Suite struct CommitteeTests {
  private let folder: TemporaryFolder
  private let train: [LabelledFrame]
  private let valid: [LabelledFrame]

  init() throws {
    folder = try TemporaryFolder()
    train = Array(try LabelledFrame.read(BundledData.ethanol(.train)).prefix(10))
    valid = Array(try LabelledFrame.read(BundledData.ethanol(.valid)).prefix(4))
  }

  static var model: AttentionPotential {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.maxDegree, configuration.numLayers) = (4, 1, 1)
    (configuration.numHeads, configuration.numBasis) = (1, 4)
    return AttentionPotential(configuration)
  }

  static func options(seed: Int = 5) -> TrainingOptions {
    var options = TrainingOptions()
    (options.steps, options.batchSize, options.validationInterval) = (12, 3, 4)
    (options.seed, options.averageDecay) = (seed, 0.9)
    return options
  }

  private func trained(
    _ members: Int, seed: Int = 5, valid: [LabelledFrame] = []
  ) throws -> Potential {
    var trainer = try Trainer(
      model: Self.model, options: Self.options(seed: seed), train: train, valid: valid,
      members: members)
    while !trainer.isDone { try trainer.advance() }
    return try trainer.bestPotential()
  }

  private static func numbers(_ parameters: Parameters) throws -> [String: [Float]] {
    try parameters.reduce(into: [:]) { $0[$1.path] = try $1.tensor.scalars(as: Float.self) }
  }

  @Test func membersAreTheTrainingsOfTheirSeeds() throws {
    let committee = try trained(3)
    #expect(committee.members == 3)
    var seen: Set<[Float]> = []
    for member in 0..<3 {
      let alone = try trained(1, seed: 5 + member)
      let (own, expected) = (
        try Self.numbers(committee.parameters(ofMember: member)),
        try Self.numbers(alone.parameters)
      )
      #expect(own == expected)
      seen.insert(try #require(own["embed/embedding"]))
    }
    #expect(seen.count == 3)
    #expect(committee.parameters.allSatisfy { $0.path.hasPrefix("member_") })
  }

  private func alone(_ committee: Potential) throws -> [Potential] {
    try (0..<committee.members).map { member in
      try Potential(
        model: committee.model, parameters: committee.parameters(ofMember: member),
        elementEnergies: committee.elementEnergies)
    }
  }

  @Test(arguments: [2, 3]) func predictionsAreMeansWithTheirSpread(members: Int) throws {
    let committee = try trained(members)
    let frames = valid + [PeriodicTests.crystal(seed: 0)]
    let all = try alone(committee).map { try $0.predict(frames) }
    let together = try committee.predict(frames)
    let count = Double(members)
    for (index, prediction) in together.enumerated() {
      let ones = all.map { $0[index] }
      func agrees(_ values: [Double]?, _ each: (Potential.Prediction) -> [Double]?) throws {
        let rows = try ones.map { try #require(each($0)) }
        let values = try #require(values)
        #expect(values.count == rows[0].count)
        for (position, value) in values.enumerated() {
          let mean = rows.reduce(0) { $0 + $1[position] } / count
          #expect(abs(value - mean) <= 1e-5 * max(1, abs(mean)))
        }
      }
      try agrees([prediction.energy]) { [$0.energy] }
      try agrees(prediction.forces) { $0.forces }
      try agrees(prediction.atomicEnergies) { $0.atomicEnergies }
      if frames[index].pbc.contains(true) {
        try agrees(prediction.stress) { $0.stress }
        try agrees(prediction.atomicVirials) { $0.atomicVirials }
      }
      // Var = (Σ x² − (Σ x)²/n) / (n − 1), of numbers near 0.
      func variance(_ values: [Double]) -> Double {
        let shifted = values.map { $0 - values[0] }
        let sum = shifted.reduce(0, +)
        return (shifted.reduce(0) { $0 + $1 * $1 } - sum * sum / count) / (count - 1)
      }
      let energy = variance(ones.map(\.energy)).squareRoot()
      #expect(energy > 1e-4)
      #expect(abs(try #require(prediction.energyDeviation) - energy) <= 1e-4)
      let forces = try #require(prediction.forcesDeviation)
      #expect(forces.count == frames[index].count)
      for (atom, deviation) in forces.enumerated() {
        let squares = (0..<3).reduce(0.0) { sum, axis in
          sum + variance(ones.map { $0.forces[3 * atom + axis] })
        }
        #expect(abs(deviation - squares.squareRoot()) <= 1e-4)
      }
    }
    let errors = try committee.errors(on: frames)
    let mean = together.compactMap(\.energyDeviation).reduce(0, +) / Double(frames.count)
    #expect(abs(try #require(errors.energyDeviation) - 1000 * mean) <= 1e-6)
    #expect(try #require(errors.forcesDeviation) > 0)
  }

  @Test func aSingleModelHasNoSpread() throws {
    let potential = try trained(1)
    let prediction = try potential.predict(valid)[0]
    #expect(prediction.energyDeviation == nil && prediction.forcesDeviation == nil)
    let errors = try potential.errors(on: valid)
    #expect(errors.energyDeviation == nil)
    #expect(try !String(decoding: JSONEncoder().encode(errors), as: UTF8.self).contains("_std"))
  }

  @Test func hessiansAreMeans() throws {
    let committee = try trained(2)
    let frame = PeriodicTests.crystal(seed: 1)
    let ones = try alone(committee).map { try $0.hessian(of: frame) }
    for (value, (a, b)) in matched(
      try committee.hessian(of: frame), Array(matched(ones[0], ones[1])))
    {
      #expect(abs(value - (a + b) / 2) <= 1e-10)
    }
  }

  @Test func filesHoldAllMembers() throws {
    let path = folder.path("model.safetensors")
    let committee = try trained(2)
    try committee.write(to: path)
    let read = try Potential(contentsOf: path)
    #expect(read.members == 2)
    for (a, b) in matched(try committee.predict(valid), try read.predict(valid)) {
      #expect(a.energy == b.energy && a.forces == b.forces)
      #expect(a.energyDeviation == b.energyDeviation && a.forcesDeviation == b.forcesDeviation)
    }
    let file = try SafetensorsFile(contentsOf: path)
    let tensors = try Dictionary(uniqueKeysWithValues: file.names.map { ($0, try file.tensor($0)) })
    func error(
      _ members: String?, without name: String? = nil
    ) throws -> String {
      var (metadata, tensors) = (file.metadata, tensors)
      metadata["members"] = members
      if let name { tensors[name] = nil }
      try SafetensorsFile.write(tensors, metadata: metadata, to: path)
      return #expect(throws: FileError.self) { try Potential(contentsOf: path) }?.description ?? ""
    }
    for text in ["1", "0", "-2", "x", "1001", "2.0"] {
      #expect(try error(text).contains("metadata 'members'"))
    }
    #expect(try error("3").contains("member_2/embed/embedding"))
    #expect(try error(nil).contains("embed/embedding"))
    #expect(
      try error("2", without: "params.member_1/embed/embedding")
        .contains("member_1/embed/embedding"))
  }

  @Test func aResumedCommitteeIsTheUninterruptedOne() throws {
    let path = folder.path("checkpoint.safetensors")
    var whole = try Trainer(
      model: Self.model, options: Self.options(), train: train, valid: valid, members: 2)
    var first = whole
    while !whole.isDone { try whole.advance() }
    for _ in 0..<6 { try first.advance() }
    try first.writeCheckpoint(to: path)
    var second = try Trainer(resuming: path, train: train, valid: valid)
    #expect(second.members == 2 && second.stepsDone == 6)
    while !second.isDone { try second.advance() }
    #expect(
      try Self.numbers(whole.bestPotential().parameters)
        == Self.numbers(second.bestPotential().parameters))
    #expect(whole.history.records.map(\.validation) == second.history.records.map(\.validation))
    #expect(whole.history.records.allSatisfy { $0.validation?.energyDeviation != nil })
  }

  @Test(arguments: [0, -1, 1001]) func countsThatCannotBe(members: Int) throws {
    let error = #expect(throws: ArgumentError.self) {
      try Trainer(
        model: Self.model, options: Self.options(), train: train, valid: [], members: members)
    }
    #expect(error?.argument == "committee")
  }
}
