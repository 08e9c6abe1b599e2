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
public struct AttentionPotential: LayeredModel {
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

  /// The number of layers of the configuration.
  public var numLayers: Int { configuration.numLayers }

  /// One of each layer; the repulsion needs one.
  public var hops: Int? { max(configuration.numLayers, configuration.repulsion ? 1 : 0) }

  /// Spherical harmonics times radial functions, with the values of the cutoff function.
  /// - Throws: `ArgumentError` naming a number of the configuration that is out of range.
  public func expansion(_ graph: PairGraph) throws -> RadialAngularBasis {
    try basis(
      graph.displacements, maxDegree: configuration.maxDegree, num: configuration.numBasis,
      radialFn: .reciprocalBernstein,
      angularFn: .sphericalHarmonics(normalization: configuration.normalization),
      cutoffFn: .smooth(cutoff: configuration.cutoff), returnCutoff: true,
      cartesianOrder: configuration.cartesianOrder)
  }

  /// A vector for each element.
  /// - Throws: `ArgumentError` if the parameter is missing.
  public func embedding(_ scope: Scope, _ graph: PairGraph) throws -> Tensor {
    try Embed(
      numEmbeddings: configuration.numEmbeddings, features: configuration.features,
      dtype: graph.displacements.dtype
    )(scope.child("embed"), graph.species)
  }

  /// Messages, products and refinement.
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  public func layer(
    _ index: Int, _ scope: Scope, _ features: Tensor, _ expansion: RadialAngularBasis,
    _ graph: PairGraph
  ) throws -> Tensor {
    try PotentialLayer(configuration: configuration, index: index)(
      scope, features, basis: expansion, pairs: graph)
  }

  /// A linear map of the scalars, and the repulsion if there is one.
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  public func atomicEnergies(
    _ scope: Scope, _ features: Tensor, _ graph: PairGraph
  ) throws -> Tensor {
    let energies = try Dense(features: 1, useBias: false)(scope.child("energy"), features)
      .reshaped(to: [graph.atoms])
    guard configuration.repulsion else { return energies }
    let repulsion = try ZBLRepulsion(numEmbeddings: configuration.numEmbeddings).atomicEnergies(
      displacements: graph.displacements, species: graph.species, dstIdx: graph.dstIdx,
      srcIdx: graph.srcIdx)
    return try energies + repulsion / configuration.energyScale
  }
}
