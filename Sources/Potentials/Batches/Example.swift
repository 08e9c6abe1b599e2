internal import E3xEngine

/// A frame prepared for a network: relative energy, pairs, single precision.
struct Example: Sendable {
  let species: [Int32]
  let destinations: [Int32]
  let sources: [Int32]
  /// Å, [P, 3]: rounded after they were formed in double precision
  let displacements: [Float]
  /// eV, without the energies of the elements
  let energy: Float?
  /// eV/Å, [N, 3]
  let forces: [Float]?

  init(species: [Int32], neighbors: Neighbors, energy: Float?, forces: [Float]?) {
    self.species = species
    destinations = neighbors.destinations
    sources = neighbors.sources
    displacements = neighbors.displacements.map { Float($0) }
    self.energy = energy
    self.forces = forces
  }

  init(_ frame: LabelledFrame, elementEnergies: ElementEnergies, cutoff: Double) {
    self.init(
      species: frame.atomicNumbers,
      neighbors: Neighbors(coordinates: frame.positions, cutoff: cutoff),
      energy: frame.energy.map { Float($0 - elementEnergies.total(frame.atomicNumbers)) },
      forces: frame.forces?.map { Float($0) })
  }

  /// The number of pairs.
  var pairCount: Int { destinations.count }
}
