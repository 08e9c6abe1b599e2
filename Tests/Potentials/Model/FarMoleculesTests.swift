import E3xEngine
import E3xNN
import E3xPotentials
import TestSupport
import Testing

/// Where a molecule is, and what is far away, does not matter.
@Suite struct FarMoleculesTests {
  private static let species: [Int32] = [8, 1, 1, 6, 1]
  private static let molecule = [
    0.1, 0.05, -0.02, 0.96, 0.02, 0.01, -0.24, 0.93, 0.03, -0.7, -0.8, 0.9, -1.1, -0.3, 1.75,
  ]

  /// The numbers are multiples of 1/64 Å, so that moving them is exact even here.
  private static func moved(_ shift: [Double]) -> [Double] {
    molecule.enumerated().map { (64 * $1).rounded() / 64 + shift[$0 % 3] }
  }

  static let shifts: [[Double]] = [
    [10_000, 3000, -7000], [1e6, 0, 0], [-1e6, 1e6, 1e6], [0, 0, 1e9], [12, 0, 0],
  ]

  @Test(arguments: shifts) func twoEqualMoleculesHaveEqualForces(shift: [Double]) throws {
    let potential = try TinyPotential.make()
    let alone = try potential.predict(
      [LabelledFrame(atomicNumbers: Self.species, positions: Self.moved([0, 0, 0]))])[0]
    let both = try potential.predict([
      LabelledFrame(
        atomicNumbers: Self.species + Self.species,
        positions: Self.moved([0, 0, 0]) + Self.moved(shift))
    ])[0]
    let far = try potential.predict(
      [LabelledFrame(atomicNumbers: Self.species, positions: Self.moved(shift))])[0]
    let count = alone.forces.count
    #expect(alone.forces.contains { abs($0) > 0.01 })
    for index in 0..<count {
      #expect(abs(both.forces[index] - alone.forces[index]) <= 2e-6)
      #expect(abs(both.forces[count + index] - alone.forces[index]) <= 2e-6)
      #expect(abs(far.forces[index] - alone.forces[index]) <= 2e-6)
    }
    #expect(abs(far.energy - alone.energy) <= 1e-6)
    #expect(abs(both.energy - 2 * alone.energy) <= 2e-6)
  }

  /// The energy of very many atoms is as right as that of few: it is summed in double precision.
  @Test func energiesOfManyAtomsAddUp() throws {
    let potential = try TinyPotential.make()
    let copies = 200
    let one = try potential.predict(
      [LabelledFrame(atomicNumbers: Self.species, positions: Self.molecule)])[0].energy
    let many = LabelledFrame(
      atomicNumbers: (0..<copies).flatMap { _ in Self.species },
      positions: (0..<copies).flatMap { Self.moved([100 * Double($0), 0, 0]) })
    let single = LabelledFrame(atomicNumbers: Self.species, positions: Self.moved([0, 0, 0]))
    let rounded = try potential.predict([single])[0].energy
    #expect(abs(one - rounded) <= 1)
    let total = try potential.predict([many])[0].energy
    #expect(abs(total - Double(copies) * rounded) <= 1e-6 * Double(copies))
  }

  /// Predictions are the energies and the gradient of the network on positions.
  @Test(arguments: 0..<4) func predictionsAreThoseOfPositions(seed: Int) throws {
    let potential = try TinyPotential.make(seed: seed)
    let positions = try testValues([5, 3], seed: seed)
    let frame = LabelledFrame(atomicNumbers: Self.species, positions: try positions.scalars())
    let prediction = try potential.predict([frame])[0]
    let neighbors = try Neighbors(
      positions: frame.positions, cutoff: potential.model.cutoff)
    let parameters = try potential.parameters.mapTensors {
      try $0.cast(to: .float64).materialized()
    }
    let r = try positions.cast(to: .float64).materialized()
    let energy = try potential.model.atomicEnergies(
      parameters.scope, positions: r, species: Tensor(Self.species),
      dstIdx: Tensor(neighbors.destinations), srcIdx: Tensor(neighbors.sources)
    ).sum()
    let forces: [Double] = try (-gradient(of: energy, withRespectTo: [r])[0]).scalars()
    let elements = potential.elementEnergies.total(Self.species)
    #expect(abs(prediction.energy - elements - (try energy.item())) <= 1e-5)
    for (a, b) in matched(prediction.forces, forces) { #expect(abs(a - b) <= 1e-5) }
  }

  /// Vectors point from the atom that sees to the one that is seen, and are exact differences.
  @Test func vectorsOfPairs() throws {
    let positions = Self.moved([1e6, -1e6, 3])
    let neighbors = try Neighbors(positions: positions, cutoff: 1.6)
    #expect(neighbors.count > 0 && neighbors.displacements.count == 3 * neighbors.count)
    for pair in 0..<neighbors.count {
      let (i, j) = (Int(neighbors.destinations[pair]), Int(neighbors.sources[pair]))
      for axis in 0..<3 {
        #expect(
          neighbors.displacements[3 * pair + axis]
            == positions[3 * j + axis] - positions[3 * i + axis])
      }
    }
  }

  @Test func manyPairsAreComputedInParts() throws {
    let potential = try TinyPotential.make(cutoff: 50)
    // 90 atoms see each other: 8010 pairs a frame, so that two frames fit a part and three do not.
    let crowd = LabelledFrame(
      atomicNumbers: (0..<18).flatMap { _ in Self.species },
      positions: (0..<18).flatMap { Self.moved([2.5 * Double($0 % 3), 2.5 * Double($0 / 3), 0]) })
    let alone = try potential.predict([crowd])[0]
    let together = try potential.predict([crowd, crowd, crowd])
    #expect(together.count == 3)
    for prediction in together {
      #expect(abs(prediction.energy - alone.energy) <= 1e-3)
      for (a, b) in matched(prediction.forces, alone.forces) { #expect(abs(a - b) <= 1e-3) }
    }
    #expect(throws: ArgumentError.self) { try potential.predict([crowd], batchSize: 0) }
  }
}
