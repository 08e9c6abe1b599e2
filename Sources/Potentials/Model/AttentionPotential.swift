public import E3xEngine
public import E3xNN

/// A potential of equivariant self-attention: embedded species, layers of attention with
/// atom-wise refinement, and an energy for each atom. Forces are its exact gradient.
///
/// A layer sums messages of the neighbours (weighted by attention, or plainly), multiplies the
/// sums with each other (if the correlation order is above 1) and refines each atom's features.
///
/// Parameters: `embed/…`; of each layer t `attention_t/…` (or `value_t/…`, `message_t/…` and
/// `out_t/…` without attention) and `dense_t/…`, with products `factors_t/…` and
/// `product_t_n/tensor/…` of each order n, with radial networks `radial_t/…`,
/// `radial_src_t/…` and `radial_dst_t/…`; `energy/…`.
public struct AttentionPotential: PotentialModel {
  /// `attention`: files that do not say what they hold have it.
  public static let kind = "attention"

  /// What it is made of.
  public var configuration: PotentialConfiguration

  /// A potential of this configuration.
  public init(_ configuration: PotentialConfiguration) {
    self.configuration = configuration
  }

  /// A potential of the default configuration.
  public init() { self.init(PotentialConfiguration()) }

  /// The energies of atoms, in units of `configuration.energyScale`, without element energies.
  ///
  /// - Parameter displacements: [P, 3], from destination to source, Å
  /// - Parameter species: int32 [N], atomic numbers
  /// - Parameter dstIdx, srcIdx: int32 [P], the pairs closer than the cutoff, both ways (others
  ///   have no effect); an index N is padding
  /// - Returns: [N]
  /// - Throws: `ArgumentError` naming what does not fit, a number of the configuration that is out
  ///   of range, or a parameter that is missing.
  public func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    try configuration.check()
    try check(displacements: displacements, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
    let configuration = configuration
    let expansion = try basis(
      displacements, maxDegree: configuration.maxDegree, num: configuration.numBasis,
      radialFn: .reciprocalBernstein,
      angularFn: .sphericalHarmonics(normalization: configuration.normalization),
      cutoffFn: .smooth(cutoff: configuration.cutoff), returnCutoff: true,
      cartesianOrder: configuration.cartesianOrder)
    let atoms = species.shape[0]
    let pairs = PotentialLayer.AtomPairs(dstIdx: dstIdx, srcIdx: srcIdx, atoms: atoms)
    var x = try Embed(
      numEmbeddings: configuration.numEmbeddings, features: configuration.features,
      dtype: displacements.dtype
    )(scope.child("embed"), species)
    for index in 0..<configuration.numLayers {
      let layer = PotentialLayer(configuration: configuration, index: index)
      x = try layer(scope, x, basis: expansion, pairs: pairs)
    }
    let energies = try Dense(features: 1, useBias: false)(scope.child("energy"), x)
      .reshaped(to: [atoms])
    guard configuration.repulsion else { return energies }
    let repulsion = try ZBLRepulsion(numEmbeddings: configuration.numEmbeddings).atomicEnergies(
      displacements: displacements, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
    return try energies + repulsion / configuration.energyScale
  }
}
