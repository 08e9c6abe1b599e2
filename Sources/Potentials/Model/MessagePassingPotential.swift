public import E3xEngine
public import E3xExact
public import E3xNN
internal import E3xSO3

/// A potential of message passing: embedded species, iterations of messages with atom-wise
/// refinement, and an energy for each atom, to which each element adds a learned one.
///
/// The network of e3x's tutorial for force fields ("MD17: Ethanol"), with the same parameters and
/// energies: its parameters are read as they are. Messages are summed plainly over the neighbours,
/// and all of them vanish smoothly at the cutoff.
///
/// Parameters, under the names that Flax gives the tutorial's modules: `Embed_0/…`; of each iteration
/// t `MessagePass_t/…`, `Dense_2t/…` and `Dense_2t+1/…`; `Dense_2T/kernel` [features, 1] of T
/// iterations; `element_bias` [num_embeddings].
public struct MessagePassingPotential: LayeredModel, Hashable {
  /// `message_passing`.
  public static let kind = "message_passing"

  /// The number of features of atoms.
  public var features = 32
  /// The highest degree of features and basis functions.
  public var maxDegree = 2
  /// The number of iterations of message passing.
  public var numLayers = 3
  /// The number of radial basis functions.
  public var numBasis = 8
  /// Å; atoms farther apart do not see each other.
  public var cutoff = 5.0
  /// Whether cheaper tensor products with fewer weights are used.
  public var useFusedTensor = E3xConfiguration.current.useFusedTensor
  /// Whether irreps are in Cartesian order.
  public var cartesianOrder = E3xConfiguration.current.cartesianOrder
  /// How the spherical harmonics of the basis functions are normalised.
  public var normalization = E3xConfiguration.current.normalization
  /// The number of embeddings: atomic numbers below it are known.
  public var numEmbeddings = 119
  /// eV; the energy of the network's output 1, so that its parameters are of order 1.
  public var energyScale = 1.0

  /// The tutorial's configuration, with the conventions that hold here (`E3xConfiguration.current`).
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case features, cutoff, normalization
    case maxDegree = "max_degree"
    case numLayers = "num_layers"
    case numBasis = "num_basis"
    case useFusedTensor = "use_fused_tensor"
    case cartesianOrder = "cartesian_order"
    case numEmbeddings = "num_embeddings"
    case energyScale = "energy_scale"
  }

  /// Takes over the scale of energies.
  public mutating func adapt(to data: TrainingScales) { energyScale = data.energy }

  /// Spherical harmonics times radial functions that vanish smoothly at the cutoff.
  /// - Throws: `ArgumentError` naming a number of the configuration that is out of range.
  public func expansion(_ graph: PairGraph) throws -> RadialAngularBasis {
    try basis(
      graph.displacements, maxDegree: maxDegree, num: numBasis, radialFn: .reciprocalBernstein,
      angularFn: .sphericalHarmonics(normalization: normalization),
      cutoffFn: .smooth(cutoff: cutoff), cartesianOrder: cartesianOrder)
  }

  /// A vector for each element.
  /// - Throws: `ArgumentError` if the parameter is missing.
  public func embedding(_ scope: Scope, _ graph: PairGraph) throws -> Tensor {
    try Embed(
      numEmbeddings: numEmbeddings, features: features, dtype: graph.displacements.dtype
    )(scope.child("Embed_0"), graph.species)
  }

  /// Messages and refinement.
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  public func layer(
    _ index: Int, _ scope: Scope, _ x: Tensor, _ expansion: RadialAngularBasis, _ graph: PairGraph
  ) throws -> Tensor {
    let pairs = Pairs(
      dstIdx: graph.dstIdx, srcIdx: graph.srcIdx, numSegments: graph.atoms, adjIdx: nil,
      where: nil)
    var x = x
    // After the last messages only scalars are used.
    let isLast = index == numLayers - 1
    let messages = try MessagePass(
      maxDegree: isLast ? 0 : nil, includePseudotensors: !isLast,
      cartesianOrder: cartesianOrder, useFusedTensor: useFusedTensor
    )(scope.child("MessagePass_\(index)"), x, basis: expansion, pairs: pairs)
    if isLast { x = try changeMaxDegreeOrType(x, maxDegree: 0, includePseudotensors: false) }
    let hidden = try Dense(features: features)(
      scope.child("Dense_\(2 * index)"), add(x, messages))
    let refinement = try Dense(features: features, kernelInit: .zeros)(
      scope.child("Dense_\(2 * index + 1)"), silu(hidden))
    return try add(x, refinement)
  }

  /// A linear map of the scalars, and what each element adds.
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  public func atomicEnergies(_ scope: Scope, _ x: Tensor, _ graph: PairGraph) throws -> Tensor {
    let bias = try scope.parameter(
      "element_bias", shape: [numEmbeddings], dtype: .float32, initializer: .zeros)
    let kernel = try scope.child("Dense_\(2 * numLayers)").parameter(
      "kernel", shape: [features, 1], dtype: .float32, initializer: .zeros)
    let energies = try x.reshaped(to: [graph.atoms, Dimension(features)])
      .matmul(kernel.cast(to: x.dtype)).reshaped(to: [graph.atoms])
    return try energies + bias.cast(to: x.dtype).gathered(at: graph.species)
  }
}
