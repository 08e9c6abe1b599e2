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
  /// - Throws: `ArgumentError` naming what does not fit, a number of the configuration that is out
  ///   of range, or a parameter that is missing.
  public func atomicEnergies(
    _ scope: Scope, positions: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor
  ) throws -> Tensor {
    try check("species", species, .int32)
    try check("positions", positions, rows: species.shape[0])
    try check("dst_idx", dstIdx, .int32)
    try check("src_idx", srcIdx, .int32, rows: dstIdx.shape[0])
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
    try configuration.check()
    try check("species", species, .int32)
    try check("dst_idx", dstIdx, .int32)
    try check("src_idx", srcIdx, .int32, rows: dstIdx.shape[0])
    try check("displacements", displacements, rows: dstIdx.shape[0])
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

  /// Checks an index list, or vectors if no element type is given.
  private func check(
    _ argument: String, _ tensor: Tensor, _ dtype: DType? = nil, rows: Dimension? = nil
  ) throws {
    let hasType = dtype.map { tensor.dtype == $0 } ?? tensor.dtype.isFloatingPoint
    let isVectors = dtype == nil
    guard hasType, tensor.rank == (isVectors ? 2 : 1), !isVectors || tensor.shape[1] == 3,
      rows == nil || tensor.shape[0] == rows
    else {
      let axes = [rows.map { "\($0)" } ?? "any number"] + (isVectors ? ["3"] : [])
      throw ArgumentError(
        "AttentionPotential", argument,
        "expected \(dtype.map { "\($0)" } ?? "floating-point") [\(axes.joined(separator: ", "))], "
          + "received \(tensor.dtype) \(tensor.shape)")
    }
  }
}
