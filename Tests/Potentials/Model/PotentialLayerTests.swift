import E3xEngine
import E3xExact
import E3xFiles
import E3xNN
import E3xPotentials
import E3xSO3
import TestSupport
import Testing

/// What layers may have beside attention: plain sums of messages, products, radial networks.
@Suite struct PotentialLayerTests {
  /// Options that are not the defaults, alone and together.
  enum Option: CaseIterable, Sendable {
    case sums, products, highProducts, radialNetworks, all, allWithPseudotensors, fused

    var configuration: PotentialConfiguration {
      var configuration = PotentialConfiguration()
      (configuration.features, configuration.numHeads, configuration.numBasis) = (6, 2, 5)
      (configuration.numLayers, configuration.cutoff) = (2, 3)
      configuration.pseudotensors = self == .allWithPseudotensors
      configuration.useFusedTensor = self == .fused
      configuration.attention = ![.sums, .all, .allWithPseudotensors].contains(self)
      switch self {
      case .sums, .radialNetworks: break
      case .products: configuration.correlation = 2
      case .highProducts: configuration.correlation = 4
      case .all, .allWithPseudotensors, .fused: configuration.correlation = 3
      }
      if ![.sums, .products, .highProducts].contains(self) { configuration.radialFeatures = 7 }
      return configuration
    }
  }

  private static let species: [Int32] = [8, 1, 6, 1]
  private static let positions: [Double] = [
    0.0, 0.0, 0.119, 0.0, 0.763, -0.477, 1.1, -0.763, -0.477, -0.8, -0.5, 1.1,
  ]

  /// A case that ends up as the default could not fail.
  @Test(arguments: Option.allCases) func parametersAreOfTheOption(option: Option) throws {
    let paths = try SmallPotential(option.configuration).parameters.map(\.path)
    func has(_ start: String) -> Bool { paths.contains { $0.hasPrefix(start) } }
    let configuration = option.configuration
    #expect(has("attention_1") == configuration.attention)
    #expect(has("message_1") == !configuration.attention)
    #expect(has("factors_1") == (configuration.correlation > 1))
    #expect(configuration.correlation == 1 || has("product_1_\(configuration.correlation)"))
    #expect(!has("product_1_\(configuration.correlation + 1)"))
    #expect(has("radial_src_1") == (configuration.radialFeatures > 0))
  }

  @Test(arguments: Option.allCases)
  func forcesAreTheGradientOfTheEnergy(option: Option) throws {
    let small = try SmallPotential(option.configuration)
    let forces = try small.evaluate(Self.positions, species: Self.species).forces
    let largest = forces.map(abs).max()!
    #expect(largest > 1e-3)
    let step = 1e-5
    for coordinate in Self.positions.indices {
      var (ahead, behind) = (Self.positions, Self.positions)
      ahead[coordinate] += step
      behind[coordinate] -= step
      let difference =
        try small.evaluate(ahead, species: Self.species).energy
        - small.evaluate(behind, species: Self.species).energy
      let error = abs(forces[coordinate] + difference / (2 * step))
      #expect(error <= 1e-8 * max(largest, 1), "coordinate \(coordinate)")
    }
  }

  @Test(arguments: Option.allCases)
  func rotationsReflectionsAndOrderChangeNothing(option: Option) throws {
    let small = try SmallPotential(option.configuration)
    let (energy, forces) = try small.evaluate(Self.positions, species: Self.species)
    let order = [2, 0, 3, 1]
    let turn = try randomRotation(RandomKey(seed: 4), dtype: .float64)
    for matrix in [turn, try -turn] {
      func turned(_ vectors: [Double]) throws -> [Double] {
        let rows = order.flatMap { vectors[(3 * $0)..<(3 * $0 + 3)] }
        return try Tensor(rows, shape: [4, 3]).matmul(matrix).scalars()
      }
      let other = try small.evaluate(
        turned(Self.positions), species: order.map { Self.species[$0] })
      #expect(abs(other.energy - energy) <= 1e-11)
      for (a, b) in matched(other.forces, try turned(forces)) { #expect(abs(a - b) <= 1e-11) }
    }
  }

  /// As one of the atoms leaves the others' cutoff, the last neighbour or one of two.
  @Test(arguments: Option.allCases, [1, 2])
  func energiesAndForcesAreContinuousAtTheCutoff(option: Option, others: Int) throws {
    let small = try SmallPotential(option.configuration)
    let results = try [3 - 1e-7, 3 + 1e-7].map { distance in
      let positions = [0, 0, 0, distance, 0, 0, -0.4, 0.9, 0.3]
      return try small.evaluate(
        Array(positions.prefix(3 * (1 + others))), species: Array([8, 1, 6].prefix(1 + others)))
    }
    #expect(abs(results[0].energy - results[1].energy) <= 1e-6)
    for (a, b) in matched(results[0].forces, results[1].forces) { #expect(abs(a - b) <= 1e-6) }
  }

  @Test(arguments: Option.allCases) func anAtomWithoutNeighboursIsWellDefined(option: Option) throws
  {
    let small = try SmallPotential(option.configuration)
    let alone = try small.evaluate([0, 0, 0], species: [8])
    #expect(alone.energy.isFinite && alone.forces == [0, 0, 0])
    let both = try small.evaluate([0, 0, 0, 50, 0, 0], species: [8, 8])
    #expect(abs(both.energy - 2 * alone.energy) <= 1e-12)
  }

  /// Pairs with the index of no atom have no effect.
  @Test(arguments: Option.allCases) func paddingHasNoEffect(option: Option) throws {
    let small = try SmallPotential(option.configuration)
    let displacements = try Tensor(
      [1, 0.2, 0, -1, -0.2, 0, 0.3, 0.1, 0.4] as [Double], shape: [3, 3])
    func energies(_ dst: [Int32], _ src: [Int32]) throws -> [Double] {
      try small.potential.atomicEnergies(
        small.parameters.scope, displacements: displacements.sliced(0..<dst.count, axis: 0),
        species: Tensor([8, 1] as [Int32]), dstIdx: Tensor(dst), srcIdx: Tensor(src)
      ).scalars()
    }
    let plain = try energies([0, 1], [1, 0])
    for (a, b) in matched(plain, try energies([0, 1, 2], [1, 0, 2])) {
      #expect(abs(a - b) <= 1e-12)
    }
  }

  /// What files of before did not have.
  @Test func configurationsOfOldFiles() throws {
    let old = try PotentialConfiguration(
      JSONMembers(parsing: #"{"features": 8}"#, file: "f", place: "metadata"))
    #expect(old.attention && old.correlation == 1 && old.radialFeatures == 0)
  }
}
