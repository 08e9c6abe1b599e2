import E3xEngine
import E3xExact
import E3xFiles
import E3xNN
import E3xPotentials
import E3xSO3
import Foundation
import TestSupport
import Testing

/// The network of e3x's tutorial; that its numbers are e3x's, golden cases show.
@Suite struct MessagePassingPotentialTests {
  private static let water: (positions: [Double], species: [Int32]) = (
    [0.0, 0.0, 0.119, 0.0, 0.763, -0.477, 0.1, -0.763, -0.477], [8, 1, 1]
  )

  private static func small(_ seed: Int) -> MessagePassingPotential {
    var (dice, model) = (Dice(seed: seed), MessagePassingPotential())
    model.features = 1 + dice.roll(5)
    model.maxDegree = dice.roll(4)
    model.numLayers = 1 + dice.roll(3)
    model.numBasis = 1 + dice.roll(6)
    model.cutoff = dice.pick([2, 3, 6])
    model.useFusedTensor = dice.flag()
    model.cartesianOrder = dice.flag()
    model.normalization = dice.pick(SphericalHarmonicsNormalization.allCases)
    return model
  }

  /// Random parameters in double precision, where they are drawn as zeros too.
  private static func parameters(_ model: MessagePassingPotential, seed: Int) throws -> Parameters {
    var number = 100 * seed
    return try model.initialParameters(seed: seed).mapTensors { tensor in
      number += 1
      return try (testValues(tensor.shape.known!, seed: number) * 0.5).materialized()
    }
  }

  private static func evaluate(
    _ model: MessagePassingPotential, _ parameters: Parameters, _ positions: [Double],
    _ species: [Int32]
  ) throws -> (energies: [Double], forces: [Double]) {
    let pairs = try Neighbors(positions: positions, cutoff: model.cutoff)
    let r = try Tensor(positions, shape: [species.count, 3])
    let energies = try model.atomicEnergies(
      parameters.scope, positions: r, species: Tensor(species), dstIdx: Tensor(pairs.destinations),
      srcIdx: Tensor(pairs.sources))
    let forces = try -gradient(of: energies.sum(), withRespectTo: [r])[0]
    return (try energies.scalars(), try forces.scalars())
  }

  @Test(arguments: 0..<6) func forcesAreTheGradientOfTheEnergy(seed: Int) throws {
    let model = Self.small(seed)
    let parameters = try Self.parameters(model, seed: seed)
    let (start, species) = Self.water
    let forces = try Self.evaluate(model, parameters, start, species).forces
    let largest = forces.map(abs).max()!
    #expect(largest > 1e-4)
    let step = 1e-5
    for coordinate in start.indices {
      let energies = try [step, -step].map { step in
        var positions = start
        positions[coordinate] += step
        return try Self.evaluate(model, parameters, positions, species).energies.reduce(0, +)
      }
      let error = abs(forces[coordinate] + (energies[0] - energies[1]) / (2 * step))
      #expect(error <= 1e-8 * max(largest, 1), "coordinate \(coordinate)")
    }
  }

  @Test(arguments: 0..<6) func energiesTurnAndChangePlacesWithTheAtoms(seed: Int) throws {
    let model = Self.small(seed)
    let parameters = try Self.parameters(model, seed: seed)
    let species: [Int32] = [8, 1, 1, 6, 7]
    let start = try testValues([5, 3], seed: seed)
    let plain = try Self.evaluate(model, parameters, start.scalars(), species)
    let largest = max(1, plain.forces.map(abs).max()!)
    let order = [3, 0, 4, 2, 1]
    let rotation = try randomRotation(RandomKey(seed: seed), dtype: .float64)
    for turn in [rotation, try -rotation] {
      let turned: [Double] = try start.matmul(turn).scalars()
      let positions = order.flatMap { turned[(3 * $0)..<(3 * $0 + 3)] }
      let other = try Self.evaluate(model, parameters, positions, order.map { species[$0] })
      let forces: [Double] = try Tensor(plain.forces, shape: [5, 3]).matmul(turn).scalars()
      for (place, atom) in order.enumerated() {
        #expect(abs(other.energies[place] - plain.energies[atom]) <= 1e-11 * largest)
        for axis in 0..<3 {
          let error = abs(other.forces[3 * place + axis] - forces[3 * atom + axis])
          #expect(error <= 1e-10 * largest)
        }
      }
    }
  }

  @Test func energiesAndForcesAreContinuousAtTheCutoff() throws {
    let model = Self.small(1)
    let parameters = try Self.parameters(model, seed: 1)
    let results = try [1 - 1e-7, 1 + 1e-7].map { factor in
      try Self.evaluate(
        model, parameters, [0, 0, 0, factor * model.cutoff, 0, 0, -0.4, 0.9, 0.3], [8, 1, 1])
    }
    for (a, b) in matched(results[0].energies, results[1].energies) { #expect(abs(a - b) <= 1e-6) }
    for (a, b) in matched(results[0].forces, results[1].forces) { #expect(abs(a - b) <= 1e-6) }
  }

  /// As Flax names what the tutorial's network is made of.
  @Test func parametersHaveTheTutorialsNames() throws {
    var model = MessagePassingPotential()
    (model.numLayers, model.maxDegree) = (2, 1)
    let paths = Set(try model.initialParameters(seed: 0).map(\.path))
    #expect(
      paths.isSuperset(of: [
        "Embed_0/embedding", "MessagePass_0/filter/1-/kernel", "Dense_0/0+/bias",
        "Dense_1/1-/kernel", "MessagePass_1/filter/0+/kernel", "Dense_3/0+/kernel",
        "Dense_4/kernel", "element_bias",
      ]))
    #expect(paths.allSatisfy { !$0.hasPrefix("Dense_2/1") && !$0.hasPrefix("Dense_5") })
  }

  @Test(arguments: ["features", "max_degree", "num_layers", "num_basis", "cutoff", "energy_scale"])
  func whatCannotBeIsRefused(argument: String) throws {
    var model = MessagePassingPotential()
    switch argument {
    case "features": model.features = 0
    case "max_degree": model.maxDegree = -1
    case "num_layers": model.numLayers = 65
    case "num_basis": model.numBasis = 0
    case "cutoff": model.cutoff = .nan
    default: model.energyScale = 0
    }
    let error = #expect(throws: ArgumentError.self) { try model.check() }
    #expect(error?.argument == argument)
    #expect(throws: ArgumentError.self) { try model.initialParameters(seed: 0) }
  }

  @Test func aNetworkBeyondMemoryIsRefused() throws {
    var model = MessagePassingPotential()
    model.features = 65_536
    let error = #expect(throws: ArgumentError.self) { try model.check() }
    #expect(error?.argument == "features" && error?.reason.contains("GB") == true)
  }
}
