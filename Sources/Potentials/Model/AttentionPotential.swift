public import E3xEngine
public import E3xNN

/// A potential of equivariant self-attention: embedded species, layers of attention with
/// atom-wise refinement, and an energy for each atom. Forces are its exact gradient.
///
/// Parameters: `embed/…`, `attention_t/…` and `dense_t/…` of each layer t, `energy/…`.
public struct AttentionPotential: Sendable {
  /// What it is made of.
  public var configuration: PotentialConfiguration

  /// A potential of this configuration.
  public init(_ configuration: PotentialConfiguration = PotentialConfiguration()) {
    self.configuration = configuration
  }

  /// The energies of atoms, in units of `configuration.energyScale`, without element energies.
  ///
  /// - Parameter positions: [N, 3], Å
  /// - Parameter species: int32 [N], atomic numbers
  /// - Parameter dstIdx, srcIdx: int32 [P], the pairs closer than the cutoff, both ways (others
  ///   have no effect); an index N is padding
  /// - Returns: [N]
  /// - Throws: `ArgumentError` naming what does not fit, or a parameter that is missing.
  public func atomicEnergies(
    _ scope: Scope, positions: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    let displacements =
      try gatherSrc(positions, srcIdx: srcIdx)
      - gatherDst(positions, dstIdx: dstIdx)
    return try atomicEnergies(
      scope, displacements: displacements, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
  }

  /// As ``atomicEnergies(_:positions:species:dstIdx:srcIdx:)``, from the vectors of the pairs.
  ///
  /// - Parameter displacements: [P, 3], from destination to source, Å
  /// - Throws: As `atomicEnergies(_:positions:species:dstIdx:srcIdx:)`.
  public func atomicEnergies(
    _ scope: Scope, displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    let configuration = configuration
    let expansion = try basis(
      displacements, maxDegree: configuration.maxDegree, num: configuration.numBasis,
      radialFn: .reciprocalBernstein,
      angularFn: .sphericalHarmonics(normalization: configuration.normalization),
      cutoffFn: .smooth(cutoff: configuration.cutoff), returnCutoff: true,
      cartesianOrder: configuration.cartesianOrder)
    let atoms = species.shape[0]
    var x = try Embed(
      numEmbeddings: configuration.numEmbeddings, features: configuration.features
    )(scope.child("embed"), species)
    for layer in 0..<configuration.numLayers {
      let isLast = layer == configuration.numLayers - 1
      let attention = SelfAttention(
        MultiHeadAttention(
          numHeads: configuration.numHeads, maxDegree: isLast ? 0 : configuration.maxDegree,
          includePseudotensors: configuration.pseudotensors && !isLast,
          cartesianOrder: configuration.cartesianOrder,
          useFusedTensor: configuration.useFusedTensor,
          attendsToNothing: configuration.smoothAtCutoff))
      let y = try attention(
        scope.child("attention_\(layer)"), x, basis: expansion.basis,
        cutoffValue: expansion.cutoff, dstIdx: dstIdx, srcIdx: srcIdx, numSegments: atoms)
      if isLast {
        x = try changeMaxDegreeOrType(x, maxDegree: 0, includePseudotensors: false)
      }
      x = try add(x, y)
      let refined = try Dense(features: configuration.features)(scope.child("dense_\(layer)"), x)
      x = try add(x, silu(refined))
    }
    let energies = try Dense(features: 1, useBias: false)(scope.child("energy"), x)
    return try energies.reshaped(to: [atoms])
  }
}
