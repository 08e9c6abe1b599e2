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

  init(_ examples: some Collection<Example>) throws {
    var displacements: [Float] = []
    var (species, dst, src): ([Int32], [Int32], [Int32]) = ([], [], [])
    let pairs = examples.reduce(0) { $0 + $1.pairCount }
    displacements.reserveCapacity(3 * pairs)
    dst.reserveCapacity(pairs)
    src.reserveCapacity(pairs)
    for example in examples {
      let start = Int32(species.count)
      displacements += example.displacements
      species += example.species
      dst += example.destinations.lazy.map { $0 + start }
      src += example.sources.lazy.map { $0 + start }
    }
    self.displacements = try Tensor(displacements, shape: [dst.count, 3])
    self.species = Tensor(species)
    self.dstIdx = Tensor(dst)
    self.srcIdx = Tensor(src)
  }

  /// What the energies of atoms depend on, in the order of ``specification``.
  var structure: [Tensor] { [displacements, species, dstIdx, srcIdx] }

  static let (atoms, pairs, frames) = (
    Dimension.rows("atoms"), Dimension.rows("pairs"), Dimension.rows("frames")
  )

  /// Shapes and element types of ``structure``.
  static var specification: [TensorSpecification] {
    [
      TensorSpecification([pairs, 3]), TensorSpecification([atoms], dtype: .int32),
      TensorSpecification([pairs], dtype: .int32), TensorSpecification([pairs], dtype: .int32),
    ]
  }
}
