import E3xEngine
import E3xExact
import E3xNN
import E3xPotentials
import E3xSO3
import TestSupport
import Testing

/// A potential in double precision with random parameters, small enough for finite differences.
struct SmallPotential {
  let potential: AttentionPotential
  let parameters: Parameters

  init(
    smooth: Bool = true, maxDegree: Int = 2, pseudotensors: Bool = true, fused: Bool = false,
    seed: Int = 0
  ) throws {
    var configuration = PotentialConfiguration()
    configuration.features = 8
    configuration.maxDegree = maxDegree
    configuration.numLayers = 2
    configuration.numHeads = 2
    configuration.numBasis = 6
    configuration.cutoff = 3
    configuration.pseudotensors = pseudotensors
    configuration.smoothAtCutoff = smooth
    configuration.useFusedTensor = fused
    try self.init(configuration, seed: seed)
  }

  init(_ configuration: PotentialConfiguration, seed: Int = 0) throws {
    potential = AttentionPotential(configuration)
    let potential = potential
    parameters = try Parameters.initialize(seed: seed) { scope in
      try potential.atomicEnergies(
        scope, positions: Tensor([0, 0, 0, 1, 0, 0] as [Float], shape: [2, 3]),
        species: Tensor([1, 1] as [Int32]), dstIdx: Tensor([0, 1] as [Int32]),
        srcIdx: Tensor([1, 0] as [Int32]))
    }.mapTensors { try $0.cast(to: .float64).materialized() }
  }

  /// Energy and forces; positions are flat, in Å.
  func evaluate(_ positions: [Double], species: [Int32]) throws -> (
    energy: Double, forces: [Double]
  ) {
    let neighbors = try Neighbors(positions: positions, cutoff: potential.configuration.cutoff)
    let r = try Tensor(positions, shape: [species.count, 3])
    let energy = try potential.atomicEnergies(
      parameters.scope, positions: r, species: Tensor(species),
      dstIdx: Tensor(neighbors.destinations), srcIdx: Tensor(neighbors.sources)
    ).sum()
    let forces = try -gradient(of: energy, withRespectTo: [r])[0]
    return (try energy.item(), try forces.scalars())
  }
}

private let water: (positions: [Double], species: [Int32]) = (
  [0.0, 0.0, 0.119, 0.0, 0.763, -0.477, 0.1, -0.763, -0.477], [8, 1, 1]
)

@Suite struct AttentionPotentialTests {
  /// Parameters are drawn with positions of either precision, and are the same.
  @Test func initializesInDoublePrecision() throws {
    var configuration = PotentialConfiguration()
    configuration.features = 8
    configuration.numLayers = 2
    configuration.numHeads = 2
    let potential = AttentionPotential(configuration)
    func initialize(_ dtype: DType) throws -> (parameters: Parameters, energies: Tensor) {
      var energies: Tensor?
      let parameters = try Parameters.initialize(seed: 5) { scope in
        let found = try potential.atomicEnergies(
          scope,
          positions: Tensor([0, 0, 0, 1, 0, 0.5] as [Double], shape: [2, 3]).cast(to: dtype),
          species: Tensor([1, 8] as [Int32]), dstIdx: Tensor([0, 1] as [Int32]),
          srcIdx: Tensor([1, 0] as [Int32]))
        energies = found
        return found
      }
      return (parameters, energies!)
    }
    let (single, double) = (try initialize(.float32), try initialize(.float64))
    #expect(single.energies.dtype == .float32 && double.energies.dtype == .float64)
    try expectAgreement(
      single.energies.cast(to: .float64), with: double.energies, tolerance: 1e-5)
    for (path, _) in single.parameters {
      let (a, b) = (single.parameters[path]!, double.parameters[path]!)
      #expect(try a.scalars(as: Float.self) == b.scalars(as: Float.self), "\(path)")
    }
  }

  @Test(arguments: [true, false], 0...3)
  func forcesAreTheGradientOfTheEnergy(smooth: Bool, maxDegree: Int) throws {
    let small = try SmallPotential(smooth: smooth, maxDegree: maxDegree, seed: maxDegree)
    let forces = try small.evaluate(water.positions, species: water.species).forces
    let largest = forces.map(abs).max()!
    let step = 1e-5
    for coordinate in water.positions.indices {
      var (ahead, behind) = (water.positions, water.positions)
      ahead[coordinate] += step
      behind[coordinate] -= step
      let difference =
        try small.evaluate(ahead, species: water.species).energy
        - small.evaluate(behind, species: water.species).energy
      let error = abs(forces[coordinate] + difference / (2 * step))
      #expect(error <= 1e-8 * max(largest, 1), "coordinate \(coordinate)")
    }
  }

  /// The largest jump of the energy and of a force component as the last of two atoms leaves the
  /// cutoff, or as one of three does.
  private func jump(others: Int) throws -> (energy: Double, forces: Double) {
    let small = try SmallPotential()
    var results: [(energy: Double, forces: [Double])] = []
    for distance in [3 - 1e-7, 3 + 1e-7] {
      var positions: [Double] = [0, 0, 0, distance, 0, 0]
      if others == 2 { positions += [-0.4, 0.9, 0.3] }
      let species: [Int32] = [8, 1, 1]
      results.append(
        try small.evaluate(positions, species: Array(species.prefix(1 + others))))
    }
    let forces = matched(results[0].forces, results[1].forces).map { abs($0 - $1) }.max()!
    return (abs(results[0].energy - results[1].energy), forces)
  }

  @Test(arguments: [1, 2])
  func energiesAndForcesAreContinuousAtTheCutoff(others: Int) throws {
    let jump = try jump(others: others)
    #expect(jump.energy <= 1e-6)
    #expect(jump.forces <= 1e-6)
  }

  @Test(arguments: [true, false])
  func anAtomWithoutNeighboursIsWellDefined(smooth: Bool) throws {
    let small = try SmallPotential(smooth: smooth)
    let alone = try small.evaluate([0, 0, 0], species: [8])
    #expect(alone.energy.isFinite)
    #expect(alone.forces == [0, 0, 0])
    let both = try small.evaluate([0, 0, 0, 50, 0, 0], species: [8, 8])
    #expect(abs(both.energy - 2 * alone.energy) <= 1e-12)
  }

  @Test(arguments: 0..<12, [DType.float64, .float32])
  func forcesTurnWithTheAtoms(seed: Int, dtype: DType) throws {
    var dice = Dice(seed: seed)
    var configuration = PotentialConfiguration()
    configuration.features = dice.pick([4, 8])
    configuration.maxDegree = dice.roll(4)
    configuration.numLayers = 1 + dice.roll(3)
    configuration.numHeads = dice.pick([1, 2])
    configuration.numBasis = 1 + dice.roll(6)
    configuration.cutoff = dice.pick([1, 3, 6])
    configuration.pseudotensors = dice.flag()
    configuration.useFusedTensor = dice.flag()
    configuration.smoothAtCutoff = dice.flag()
    configuration.cartesianOrder = dice.flag()
    configuration.normalization = dice.pick(SphericalHarmonicsNormalization.allCases)
    configuration.attention = dice.flag()
    configuration.correlation = 1 + dice.roll(4)
    configuration.radialFeatures = dice.pick([0, 5])
    let potential = AttentionPotential(configuration)
    let species: [Int32] = [8, 1, 1, 6, 7]
    let start = try testValues([5, 3], seed: seed)
    let pairs = try sparsePairwiseIndices(5)
    func energy(_ scope: Scope, _ r: Tensor) throws -> Tensor {
      try potential.atomicEnergies(
        scope, positions: r, species: Tensor(species), dstIdx: pairs.dstIdx, srcIdx: pairs.srcIdx)
    }
    let parameters = try Parameters.initialize(seed: seed) {
      try energy($0, start.cast(to: .float32))
    }
    .mapTensors { try $0.cast(to: dtype).materialized() }
    func evaluate(_ r: Tensor) throws -> (energies: Tensor, forces: Tensor) {
      let r = try r.cast(to: dtype).materialized()
      let energies = try energy(parameters.scope, r)
      let forces = try -gradient(of: energies.sum(), withRespectTo: [r])[0]
      return (try energies.cast(to: .float64), try forces.cast(to: .float64))
    }
    let plain = try evaluate(start)
    let tolerance = dtype == .float64 ? 1e-11 : 2e-4
    let rot = try randomRotation(RandomKey(seed: seed), dtype: .float64)
    for turn in [rot, try -rot] {
      let turned = try evaluate(start.matmul(turn))
      try expectAgreement(
        turned.energies, with: plain.energies, tolerance: tolerance, "\(configuration)")
      try expectAgreement(
        turned.forces, with: plain.forces.matmul(turn), tolerance: tolerance, "\(configuration)")
    }
  }

  @Test(arguments: [true, false])
  func rotationsReflectionsAndOrderChangeNothing(pseudotensors: Bool) throws {
    let small = try SmallPotential(pseudotensors: pseudotensors)
    let (energy, forces) = try small.evaluate(water.positions, species: water.species)
    // x, y, z -> -y, z, x has determinant -1; then the atoms in another order.
    func turned(_ vectors: [Double]) -> [Double] {
      var result: [Double] = []
      for atom in [2, 0, 1] {
        result += [-vectors[3 * atom + 1], vectors[3 * atom + 2], vectors[3 * atom]]
      }
      return result
    }
    let other = try small.evaluate(turned(water.positions), species: [1, 8, 1])
    #expect(abs(other.energy - energy) <= 1e-12)
    for (a, b) in matched(other.forces, turned(forces)) { #expect(abs(a - b) <= 1e-12) }
  }
}
