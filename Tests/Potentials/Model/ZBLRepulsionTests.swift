import E3xEngine
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

@Suite struct ZBLRepulsionTests {
  /// The difference that the repulsion makes to the energy of two atoms, eV.
  private func repulsion(_ species: [Int32], _ distance: Double) throws -> Double {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numLayers) = (4, 1, 1)
    configuration.energyScale = 2.5
    func energy(_ hasRepulsion: Bool) throws -> Double {
      var configuration = configuration
      configuration.repulsion = hasRepulsion
      let small = try SmallPotential(configuration)
      return try small.evaluate([0, 0, 0, 0.6 * distance, 0, 0.8 * distance], species: species)
        .energy * configuration.energyScale
    }
    return try energy(true) - energy(false)
  }

  /// The formula, written anew, where the envelope is nearly 1 and where it is not.
  @Test(
    arguments: [
      ([29, 29], 0.05), ([29, 29], 0.8), ([8, 1], 0.3), ([6, 6], 1.2), ([1, 1], 0.5),
    ] as [([Int32], Double)])
  func isThatOfTheFormula(species: [Int32], distance: Double) throws {
    let radii: [Int32: Double] = [1: 0.31, 6: 0.76, 8: 0.66, 29: 1.32]
    let z = species.map(Double.init)
    let x = distance * (pow(z[0], 0.23) + pow(z[1], 0.23)) / (0.8854 * 0.52917721)
    let screening =
      0.18175 * exp(-3.1998 * x) + 0.50986 * exp(-0.94229 * x) + 0.28022 * exp(-0.4029 * x)
      + 0.02817 * exp(-0.20162 * x)
    let y = min(1, distance / (radii[species[0]]! + radii[species[1]]!))
    let expected =
      14.399645 * z[0] * z[1] / distance * screening * pow(1 - y, 3) * (1 + 3 * y + 6 * y * y)
    let found = try repulsion(species, distance)
    #expect(abs(found - expected) <= 1e-8 * max(1, abs(expected)), "\(found) \(expected)")
  }

  @Test func endsWhereRadiiDo() throws {
    #expect(abs(try repulsion([6, 1], 1.0699)) < 1e-6)
    #expect(try repulsion([6, 1], 1.0701) == 0)
    #expect(try repulsion([6, 1], 1.0) > 1e-3)
  }

  @Test func forcesAreTheGradientOfTheEnergy() throws {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numLayers) = (4, 1, 1)
    configuration.repulsion = true
    let small = try SmallPotential(configuration)
    let positions = [0.0, 0, 0, 0.5, 0.3, -0.2, -0.4, 0.6, 0.1]
    let forces = try small.evaluate(positions, species: [6, 1, 8]).forces
    let step = 1e-5
    for index in positions.indices {
      var (ahead, behind) = (positions, positions)
      ahead[index] += step
      behind[index] -= step
      let slope =
        (try small.evaluate(ahead, species: [6, 1, 8]).energy
          - small.evaluate(behind, species: [6, 1, 8]).energy) / (2 * step)
      #expect(abs(forces[index] + slope) <= 1e-6 * max(1, abs(slope)))
    }
    // Nuclei at one place have a finite energy, and no direction to push each other to.
    let (energy, none) = try small.evaluate([1, 2, 3, 1, 2, 3], species: [6, 6])
    #expect(energy.isFinite && none.allSatisfy(\.isFinite))
  }
}
