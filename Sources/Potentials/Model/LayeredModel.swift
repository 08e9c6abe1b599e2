public import E3xEngine
public import E3xNN

/// Atoms, and the pairs of them that see each other.
public struct PairGraph: Sendable {
  /// [P, 3], from destination to source, Å.
  public let displacements: Tensor
  /// int32 [N], atomic numbers.
  public let species: Tensor
  /// int32 [P]: the atom that sees.
  public let dstIdx: Tensor
  /// int32 [P]: the atom that is seen.
  public let srcIdx: Tensor

  /// The number of atoms.
  public var atoms: Dimension { species.shape[0] }

  /// A graph of these parts.
  public init(displacements: Tensor, species: Tensor, dstIdx: Tensor, srcIdx: Tensor) {
    (self.displacements, self.species) = (displacements, species)
    (self.dstIdx, self.srcIdx) = (dstIdx, srcIdx)
  }
}

/// A model of layers, each of which makes an atom's features of its own and of those of the atoms
/// within one cutoff.
///
/// What is known as layers can be divided among processes that hand features of atoms over between
/// them; then each needs atoms of others within one cutoff only, and not within ``PotentialModel/hops``.
public protocol LayeredModel: PotentialModel {
  /// The number of layers.
  var numLayers: Int { get }

  /// The expansion of the pairs' vectors that all layers use.
  /// - Throws: `ArgumentError` naming a number of the configuration that is out of range.
  func expansion(_ graph: PairGraph) throws -> RadialAngularBasis

  /// The features that atoms begin with.
  /// - Returns: [N, P, (L+1)², F]
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  func embedding(_ scope: Scope, _ graph: PairGraph) throws -> Tensor

  /// The features of atoms after a layer.
  /// - Parameter index: of the layer, from 0.
  /// - Parameter features: of all atoms before it, [N, P, (L+1)², F].
  /// - Returns: [N, P', (L'+1)², F']; right for atoms that see all within the cutoff.
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  func layer(
    _ index: Int, _ scope: Scope, _ features: Tensor, _ expansion: RadialAngularBasis,
    _ graph: PairGraph
  ) throws -> Tensor

  /// The energies of atoms of their features after the last layer, in units of
  /// ``PotentialModel/energyScale``.
  /// - Returns: [N]
  /// - Throws: `ArgumentError` naming a parameter that is missing.
  func atomicEnergies(_ scope: Scope, _ features: Tensor, _ graph: PairGraph) throws -> Tensor
}

extension LayeredModel {
  /// One of each layer.
  public var hops: Int? { numLayers }

  /// The energies of atoms, in units of ``PotentialModel/energyScale``, without element energies: of
  /// all layers, one after the other.
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
    try check()
    try check(displacements: displacements, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
    let graph = PairGraph(
      displacements: displacements, species: species, dstIdx: dstIdx, srcIdx: srcIdx)
    let expansion = try expansion(graph)
    var features = try embedding(scope, graph)
    for index in 0..<numLayers {
      features = try layer(index, scope, features, expansion, graph)
    }
    return try atomicEnergies(scope, features, graph)
  }
}
