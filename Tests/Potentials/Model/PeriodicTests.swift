import E3xEngine
import E3xNN
import E3xPotentials
import TestSupport
import Testing

/// Energies, forces and stress of structures that repeat.
@Suite struct PeriodicTests {
  /// A crystal of two elements in a skewed cell that is smaller than the cutoff.
  static func crystal(seed: Int, pbc: [Bool] = [true, true, true]) -> LabelledFrame {
    var dice = Dice(seed: seed)
    let shear = dice.uniform(9, -0.4, 0.4)
    let cell = [2.9, 0, 0, 0.3, 3.1, 0, -0.2, 0.5, 3.3].indices.map {
      [2.9, 0, 0, 0.3, 3.1, 0, -0.2, 0.5, 3.3][$0] + shear[$0]
    }
    let sites = [0.02, 0.01, 0.05, 0.48, 0.53, 0.1, 0.55, 0.05, 0.45]
    let noise = dice.uniform(9, -0.05, 0.05)
    let positions = (0..<9).map { index in
      (0..<3).reduce(0.0) { sum, axis in
        let fraction = sites[3 * (index / 3) + axis] + noise[3 * (index / 3) + axis]
        return sum + fraction * cell[3 * axis + index % 3]
      }
    }
    return LabelledFrame(atomicNumbers: [8, 1, 6], positions: positions, cell: cell, pbc: pbc)
  }

  /// The frame after the linear map `matrix`, row by row.
  private static func mapped(_ frame: LabelledFrame, _ matrix: [Double]) -> LabelledFrame {
    func map(_ vectors: [Double]) -> [Double] {
      vectors.indices.map { index in
        (0..<3).reduce(0.0) { $0 + matrix[3 * (index % 3) + $1] * vectors[index / 3 * 3 + $1] }
      }
    }
    var frame = frame
    frame.positions = map(frame.positions)
    frame.cell = frame.cell.map(map)
    return frame
  }

  /// The energy of the network in double precision, without elements.
  private static func energy(_ potential: Potential, _ frame: LabelledFrame) throws -> Double {
    let pairs = try Neighbors(
      positions: frame.positions, cell: frame.periodicCell(),
      cutoff: potential.model.cutoff)
    let parameters = try potential.parameters.mapTensors {
      try $0.cast(to: .float64).materialized()
    }
    return try potential.model.atomicEnergies(
      parameters.scope, displacements: Tensor(pairs.displacements, shape: [pairs.count, 3]),
      species: Tensor(frame.atomicNumbers), dstIdx: Tensor(pairs.destinations),
      srcIdx: Tensor(pairs.sources)
    ).sum().item()
  }

  private static func volume(_ cell: [Double]) -> Double {
    abs(
      cell[0] * (cell[4] * cell[8] - cell[5] * cell[7])
        - cell[1] * (cell[3] * cell[8] - cell[5] * cell[6])
        + cell[2] * (cell[3] * cell[7] - cell[4] * cell[6]))
  }

  static let periods = [[true, true, true], [true, true, false], [false, true, false]]

  /// Stress is the derivative with respect to strain over the volume, forces that with respect to
  /// positions: both against differences of energies in double precision.
  @Test(arguments: 0..<3, periods) func derivativesOfTheEnergy(seed: Int, pbc: [Bool]) throws {
    let potential = try TinyPotential.make(seed: seed, cutoff: 3.7)
    let frame = Self.crystal(seed: seed, pbc: pbc)
    let prediction = try potential.predict([frame])[0]
    let stress = try #require(prediction.stress)
    let step = 1e-4
    for (row, column) in [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)] {
      func strained(_ size: Double) throws -> Double {
        var matrix = [1.0, 0, 0, 0, 1, 0, 0, 0, 1]
        matrix[3 * row + column] += size / 2
        matrix[3 * column + row] += size / 2
        return try Self.energy(potential, Self.mapped(frame, matrix))
      }
      let slope = (try strained(step) - strained(-step)) / (2 * step)
      let expected = slope / Self.volume(frame.cell!)
      #expect(abs(stress[3 * row + column] - expected) <= 2e-6 + 2e-5 * abs(expected))
      #expect(stress[3 * row + column] == stress[3 * column + row])
    }
    for index in frame.positions.indices {
      func moved(_ size: Double) throws -> Double {
        var moved = frame
        moved.positions[index] += size
        return try Self.energy(potential, moved)
      }
      let expected = -(try moved(step) - moved(-step)) / (2 * step)
      #expect(abs(prediction.forces[index] - expected) <= 2e-5 + 2e-5 * abs(expected))
    }
  }

  /// Parts add up to the whole.
  @Test(arguments: 0..<3) func energiesAndVirialsOfAtomsAddUp(seed: Int) throws {
    let potential = try TinyPotential.make(seed: seed)
    let frame = Self.crystal(seed: seed)
    let prediction = try potential.predict([frame])[0]
    #expect(abs(prediction.atomicEnergies.reduce(0, +) - prediction.energy) <= 1e-9)
    let virials = try #require(prediction.atomicVirials)
    let stress = try #require(prediction.stress)
    #expect(virials.count == 27 && prediction.atomicEnergies.count == 3)
    for component in 0..<9 {
      let sum = (0..<3).reduce(0.0) { $0 + virials[9 * $1 + component] }
      #expect(abs(sum + Self.volume(frame.cell!) * stress[component]) <= 1e-9)
    }
    for axis in 0..<3 {
      let sum = (0..<3).reduce(0.0) { $0 + prediction.forces[3 * $1 + axis] }
      #expect(abs(sum) <= 1e-5)
    }
  }

  /// A cell repeated along its vectors has as many times the energy, the same forces and stress.
  @Test(arguments: 0..<3) func supercells(seed: Int) throws {
    let potential = try TinyPotential.make(seed: seed)
    let frame = Self.crystal(seed: seed)
    let (cell, counts) = (frame.cell!, [2, 1, 3])
    var large = frame
    (large.atomicNumbers, large.positions) = ([], [])
    for x in 0..<counts[0] {
      for z in 0..<counts[2] {
        large.atomicNumbers += frame.atomicNumbers
        large.positions += frame.positions.indices.map {
          frame.positions[$0] + Double(x) * cell[$0 % 3] + Double(z) * cell[6 + $0 % 3]
        }
      }
    }
    large.cell = cell.indices.map { cell[$0] * Double(counts[$0 / 3]) }
    let (small, all) = (try potential.predict([frame])[0], try potential.predict([large])[0])
    #expect(abs(all.energy - 6 * small.energy) <= 2e-5)
    for index in all.forces.indices {
      #expect(abs(all.forces[index] - small.forces[index % 9]) <= 5e-6)
    }
    for (a, b) in matched(try #require(all.stress), try #require(small.stress)) {
      #expect(abs(a - b) <= 1e-6)
    }
  }

  /// Which images of atoms are given, and where the origin is, does not matter.
  @Test(arguments: 0..<3, periods) func imagesOfAtoms(seed: Int, pbc: [Bool]) throws {
    let potential = try TinyPotential.make(seed: seed)
    let frame = Self.crystal(seed: seed, pbc: pbc)
    var dice = Dice(seed: 100 + seed)
    var moved = frame
    for atom in 0..<frame.count {
      for axis in 0..<3 where pbc[axis] {
        let times = Double(dice.int(-40...40))
        for column in 0..<3 {
          moved.positions[3 * atom + column] += times * frame.cell![3 * axis + column]
        }
      }
    }
    for index in moved.positions.indices { moved.positions[index] += [1e3, -2e4, 3e2][index % 3] }
    let (here, there) = (try potential.predict([frame])[0], try potential.predict([moved])[0])
    #expect(abs(here.energy - there.energy) <= 5e-6)
    for (a, b) in matched(here.forces, there.forces) { #expect(abs(a - b) <= 5e-6) }
    for (a, b) in matched(try #require(here.stress), try #require(there.stress)) {
      #expect(abs(a - b) <= 1e-6)
    }
  }

  /// Energies stay, forces and stress turn with the structure; reflections included.
  @Test(arguments: 0..<3) func rotationsAndReflections(seed: Int) throws {
    let potential = try TinyPotential.make(seed: seed)
    let frame = Self.crystal(seed: seed)
    let (c, s) = (0.6, 0.8)
    for q in [
      [c, -s, 0, s, c, 0, 0, 0, 1], [0, 0, 1, c, s, 0, -s, c, 0], [-1, 0, 0, 0, c, s, 0, s, -c],
    ] {
      let (a, b) = (
        try potential.predict([frame])[0], try potential.predict([Self.mapped(frame, q)])[0]
      )
      #expect(abs(a.energy - b.energy) <= 5e-6)
      let (before, after) = (try #require(a.stress), try #require(b.stress))
      for row in 0..<3 {
        for column in 0..<3 {
          var turned = 0.0
          for i in 0..<3 {
            for j in 0..<3 { turned += q[3 * row + i] * before[3 * i + j] * q[3 * column + j] }
          }
          #expect(abs(turned - after[3 * row + column]) <= 1e-6)
        }
        for atom in 0..<3 {
          let turned = (0..<3).reduce(0.0) { $0 + q[3 * row + $1] * a.forces[3 * atom + $1] }
          #expect(abs(turned - b.forces[3 * atom + row]) <= 5e-6)
        }
      }
    }
  }

  /// A molecule has no stress, whatever box is drawn around it, nor has a slab without a third
  /// vector; they are not changed by that either.
  @Test func whatHasNoStress() throws {
    let potential = try TinyPotential.make()
    var molecule = Self.crystal(seed: 1)
    (molecule.cell, molecule.pbc) = (nil, [false, false, false])
    var boxed = molecule
    boxed.cell = [20, 0, 0, 0, 20, 0, 0, 0, 20]
    let (a, b) = (try potential.predict([molecule])[0], try potential.predict([boxed])[0])
    #expect(a.stress == nil && b.stress == nil)
    #expect(a.energy == b.energy && a.forces == b.forces)
    #expect(a.atomicVirials == nil)
    let virials = try potential.predict([molecule], virials: true)[0]
    #expect(virials.atomicVirials?.count == 27 && virials.stress == nil)

    var slab = Self.crystal(seed: 1, pbc: [true, true, false])
    let withVolume = try potential.predict([slab])[0]
    slab.cell!.replaceSubrange(6..<9, with: [0, 0, 0])
    let without = try potential.predict([slab])[0]
    #expect(withVolume.stress != nil && without.stress == nil)
    #expect(abs(withVolume.energy - without.energy) <= 1e-6)
    // Molecules and crystals in one call keep what each has.
    let both = try potential.predict([molecule, Self.crystal(seed: 1), molecule])
    #expect(both.map { $0.stress != nil } == [false, true, false])
    #expect(abs(both[2].energy - a.energy) <= 1e-6)
  }

  @Test func cellsThatAreNone() throws {
    let potential = try TinyPotential.make()
    var frame = Self.crystal(seed: 0)
    for (cell, word) in [
      (nil, "cell"), ([1, 0, 0, 0, 1, 0, 1, 1, 0] as [Double]?, "independent"),
      ([0, 0, 0, 0, 0, 0, 0, 0, 0], "independent"), ([1, 2], "nine"),
      ([.nan, 0, 0, 0, 1, 0, 0, 0, 1], "finite"),
    ] {
      frame.cell = cell
      let error = #expect(throws: ArgumentError.self) { try potential.predict([frame]) }
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
    frame = Self.crystal(seed: 0)
    frame.pbc = [true]
    #expect(throws: ArgumentError.self) { try potential.predict([frame]) }
  }
}
