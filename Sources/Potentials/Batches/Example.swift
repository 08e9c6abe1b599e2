internal import E3xEngine

/// A frame prepared for a network: relative energy, pairs, single precision.
struct Example: Sendable {
  let species: [Int32]
  let destinations: [Int32]
  let sources: [Int32]
  /// Å, [P, 3]: rounded after they were formed in double precision
  let displacements: [Float]
  /// Å³; nil for what has no stress
  let volume: Double?
  /// eV, without the energies of the elements
  let energy: Float?
  /// eV/Å, [N, 3]
  let forces: [Float]?
  /// eV/Å³, [6] in Voigt's order: xx, yy, zz, yz, xz, xy
  let stress: [Float]?
  /// How much its errors count.
  let weight: Double
  /// How many atoms contribute to the energy, which are the first.
  let contributing: Int

  /// - Parameter contributing: nil for all.
  init(
    species: [Int32], neighbors: Neighbors, volume: Double? = nil, energy: Float? = nil,
    forces: [Float]? = nil, stress: [Float]? = nil, weight: Double = 1, contributing: Int? = nil
  ) {
    self.species = species
    self.contributing = contributing ?? species.count
    destinations = neighbors.destinations
    sources = neighbors.sources
    displacements = neighbors.displacements.map { Float($0) }
    self.volume = volume
    self.energy = energy
    self.forces = forces
    self.stress = volume == nil ? nil : stress
    self.weight = weight
  }

  /// - Throws: `ArgumentError` naming what of the frame cannot be, or `cutoff` if memory does not
  ///   hold all pairs.
  init(
    _ frame: LabelledFrame, elementEnergies: ElementEnergies, cutoff: Double
  ) throws(ArgumentError) {
    let cell = try frame.periodicCell()
    self.init(
      species: frame.atomicNumbers,
      neighbors: try Neighbors(positions: frame.positions, cell: cell, cutoff: cutoff),
      volume: cell?.stressVolume,
      energy: frame.energy.map { Float($0 - elementEnergies.total(frame.atomicNumbers)) },
      forces: frame.forces?.map { Float($0) },
      stress: frame.stress.map { stress in Voigt.components(of: stress).map { Float($0) } },
      weight: frame.weight)
  }

  /// The number of pairs.
  var pairCount: Int { destinations.count }
}
