import E3x

/// A potential of one's own, after Behler and Parrinello (Phys. Rev. Lett. 98, 146401, 2007): numbers
/// that describe the surroundings of an atom, and a network that makes its energy of them.
///
/// The surroundings are a density of neighbours, expanded in radial functions and spherical harmonics
/// with learned weights for the elements. The squares of its coefficients, summed over each degree,
/// do not change when all turns: its power spectrum.
struct PowerSpectrumPotential: PotentialModel {
  static let kind = "power_spectrum"

  // What the program's options and files call these is what their coding keys say.
  var cutoff = 5.0
  var maxDegree = 3
  var numBasis = 12
  var features = 48
  var energyScale = 1.0

  enum CodingKeys: String, CodingKey {
    case cutoff, features
    case maxDegree = "max_degree"
    case numBasis = "num_basis"
    case energyScale = "energy_scale"
  }

  /// Before training: the network's output is of order 1.
  mutating func adapt(to data: TrainingScales) { energyScale = data.energy }

  /// The energies of atoms, [N], from the vectors of pairs; forces and all else follow from them.
  func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    // [P, 1, (L+1)², K], and 0 at the cutoff
    let expansion = try basis(
      displacements, maxDegree: maxDegree, num: numBasis, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: cutoff)
    ).basis
    // What a neighbour's element counts, [N, 1, 1, K].
    let elements = try Embed(
      numEmbeddings: numEmbeddings, features: numBasis, dtype: displacements.dtype
    )(scope.child("weights"), species)
    let atoms = species.shape[0]
    let density = try (expansion * gatherSrc(elements, srcIdx: srcIdx))
      .segmentSum(dstIdx, count: atoms)  // [N, 1, (L+1)², K]

    // The density's mean over all directions, and the power of each degree, [N, 1, 1, (L+2) K].
    let squares = try density.square()
    var invariants = [try density[0..., 0..., 0..<1]]
    for degree in 0...maxDegree {
      let components = (degree * degree)..<((degree + 1) * (degree + 1))
      try invariants.append(squares.sliced(components, axis: 2).sum([2], keepDimensions: true))
    }
    var x = try Tensor.concatenate(invariants, axis: -1)

    // A network of two hidden layers, which knows the atom's element.
    let own = try Embed(
      numEmbeddings: numEmbeddings, features: features, dtype: displacements.dtype
    )(scope.child("element"), species)
    x = try silu(Dense(features: features)(scope.child("hidden_0"), x) + own)
    x = try silu(Dense(features: features)(scope.child("hidden_1"), x))
    return try Dense(features: 1, useBias: false)(scope.child("energy"), x).reshaped(to: [atoms])
  }
}
