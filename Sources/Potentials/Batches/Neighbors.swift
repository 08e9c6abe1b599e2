public import E3xEngine

/// All ordered pairs of atoms closer than a cutoff, sorted by the first.
public struct Neighbors: Sendable, Equatable {
  /// The atom that sees, for each pair.
  public var destinations: [Int32] = []
  /// The atom that is seen.
  public var sources: [Int32] = []

  /// The pairs of a molecule.
  ///
  /// - Parameter positions: 3N Cartesian coordinates, Å
  /// - Parameter cutoff: Å
  /// - Throws: `ArgumentError` naming `positions` unless there are three for each atom.
  /// - Complexity: O(N²)
  public init(positions: [Double], cutoff: Double) throws(ArgumentError) {
    guard positions.count % 3 == 0 else {
      throw ArgumentError(
        "Neighbors", "positions",
        "expected three coordinates for each atom, received \(positions.count) numbers")
    }
    self.init(coordinates: positions, cutoff: cutoff)
  }

  /// The pairs of a frame, whose coordinates are known to come in threes.
  init(coordinates positions: [Double], cutoff: Double) {
    let count = positions.count / 3
    let limit = cutoff * cutoff
    for i in 0..<count {
      for j in 0..<count where j != i {
        var square = 0.0
        for axis in 0..<3 {
          let difference = positions[3 * i + axis] - positions[3 * j + axis]
          square += difference * difference
        }
        if square < limit {
          destinations.append(Int32(i))
          sources.append(Int32(j))
        }
      }
    }
  }

  /// All pairs of `count` atoms.
  init(all count: Int) {
    for i in 0..<count {
      for j in 0..<count where j != i {
        destinations.append(Int32(i))
        sources.append(Int32(j))
      }
    }
  }

  /// The number of pairs.
  public var count: Int { destinations.count }
}

/// Frames of any sizes as one set of atoms and pairs: no padding.
struct Batch {
  /// [N, 3]
  let positions: Tensor
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

  init(_ examples: some Collection<Example>) throws {
    var positions: [Float] = []
    var (species, dst, src, frames): ([Int32], [Int32], [Int32], [Int32]) = ([], [], [], [])
    var (energies, forces, sizes): ([Float], [Float], [Float]) = ([], [], [])
    for (index, example) in examples.enumerated() {
      let start = Int32(species.count)
      positions += example.positions
      species += example.species
      dst += example.neighbors.destinations.map { $0 + start }
      src += example.neighbors.sources.map { $0 + start }
      frames += [Int32](repeating: Int32(index), count: example.species.count)
      energies.append(example.energy ?? 0)
      forces += example.forces ?? [Float](repeating: 0, count: example.positions.count)
      sizes.append(Float(example.species.count))
    }
    self.positions = try Tensor(positions, shape: [species.count, 3])
    self.species = Tensor(species)
    self.dstIdx = Tensor(dst)
    self.srcIdx = Tensor(src)
    self.frames = Tensor(frames)
    self.energies = Tensor(energies)
    self.forces = try Tensor(forces, shape: [species.count, 3])
    self.sizes = Tensor(sizes)
  }

  /// The structure: what a prediction needs, in the order of `structureSpecification`.
  var structure: [Tensor] { [positions, species, dstIdx, srcIdx, frames, sizes] }
  /// What is to be learned, in the order of `labelSpecification`.
  var labels: [Tensor] { [energies, forces] }

  /// Shapes and element types of the arguments of compiled functions.
  static func specifications() -> (structure: [TensorSpecification], labels: [TensorSpecification])
  {
    let atoms = Dimension.rows("atoms")
    let pairs = Dimension.rows("pairs")
    let frames = Dimension.rows("frames")
    return (
      [
        TensorSpecification([atoms, 3]), TensorSpecification([atoms], .int32),
        TensorSpecification([pairs], .int32), TensorSpecification([pairs], .int32),
        TensorSpecification([atoms], .int32), TensorSpecification([frames]),
      ],
      [TensorSpecification([frames]), TensorSpecification([atoms, 3])]
    )
  }
}

/// A frame prepared for a network: relative energy, pairs, single precision.
struct Example: Sendable {
  let positions: [Float]
  let species: [Int32]
  let neighbors: Neighbors
  /// eV, without the energies of the elements
  let energy: Float?
  /// eV/Å
  let forces: [Float]?

  init(
    positions: [Float], species: [Int32], neighbors: Neighbors, energy: Float?, forces: [Float]?
  ) {
    self.positions = positions
    self.species = species
    self.neighbors = neighbors
    self.energy = energy
    self.forces = forces
  }

  init(_ frame: LabelledFrame, elementEnergies: ElementEnergies, cutoff: Double) {
    // Coordinates are taken relative to the first atom: small numbers keep single precision.
    let origin = Array(frame.positions.prefix(3))
    positions = frame.positions.enumerated().map { Float($1 - origin[$0 % 3]) }
    species = frame.atomicNumbers
    neighbors = Neighbors(coordinates: frame.positions, cutoff: cutoff)
    energy = frame.energy.map { Float($0 - elementEnergies.total(frame.atomicNumbers)) }
    forces = frame.forces?.map { Float($0) }
  }
}
