internal import E3xEngine

/// Frames of any sizes as one set of atoms and pairs: no padding.
struct Batch {
  /// [P, 3], from destination to source, Å
  let displacements: Tensor
  /// int32 [N]
  let species: Tensor
  /// int32 [P]
  let dstIdx: Tensor
  let srcIdx: Tensor
  /// int32 [N]: which frame an atom belongs to
  let frames: Tensor
  /// [B]: the energies to be learned, in eV, without those of the elements; 0 where unknown
  let energies: Tensor
  /// [N, 3], eV/Å; 0 where unknown
  let forces: Tensor
  /// [B]: the number of atoms
  let sizes: Tensor
  /// Whether all frames have an energy, and forces.
  let hasEnergies: Bool
  let hasForces: Bool

  init(_ examples: some Collection<Example>) throws {
    var displacements: [Float] = []
    var (species, dst, src, frames): ([Int32], [Int32], [Int32], [Int32]) = ([], [], [], [])
    var (energies, forces, sizes): ([Float], [Float], [Float]) = ([], [], [])
    for (index, example) in examples.enumerated() {
      let start = Int32(species.count)
      displacements += example.displacements
      species += example.species
      dst += example.destinations.map { $0 + start }
      src += example.sources.map { $0 + start }
      frames += [Int32](repeating: Int32(index), count: example.species.count)
      energies.append(example.energy ?? 0)
      forces += example.forces ?? [Float](repeating: 0, count: 3 * example.species.count)
      sizes.append(Float(example.species.count))
    }
    self.displacements = try Tensor(displacements, shape: [dst.count, 3])
    self.species = Tensor(species)
    self.dstIdx = Tensor(dst)
    self.srcIdx = Tensor(src)
    self.frames = Tensor(frames)
    self.energies = Tensor(energies)
    self.forces = try Tensor(forces, shape: [species.count, 3])
    self.sizes = Tensor(sizes)
    hasEnergies = examples.allSatisfy { $0.energy != nil }
    hasForces = examples.allSatisfy { $0.forces != nil }
  }

  /// What the energies of atoms depend on, in the order of ``structureSpecification``.
  var structure: [Tensor] { [displacements, species, dstIdx, srcIdx] }
  /// What is to be learned, in the order of ``labelSpecification``.
  var labels: [Tensor] { [frames, sizes, energies, forces] }

  private static let (atoms, pairs, molecules) = (
    Dimension.rows("atoms"), Dimension.rows("pairs"), Dimension.rows("frames")
  )

  /// Shapes and element types of ``structure``.
  static var structureSpecification: [TensorSpecification] {
    [
      TensorSpecification([pairs, 3]), TensorSpecification([atoms], dtype: .int32),
      TensorSpecification([pairs], dtype: .int32), TensorSpecification([pairs], dtype: .int32),
    ]
  }

  /// Shapes and element types of ``labels``.
  static var labelSpecification: [TensorSpecification] {
    [
      TensorSpecification([atoms], dtype: .int32), TensorSpecification([molecules]),
      TensorSpecification([molecules]), TensorSpecification([atoms, 3]),
    ]
  }
}
