public import E3xExact
internal import E3xSO3
internal import Foundation

/// What an attention potential is made of: everything that its results depend on, but parameters.
/// Written to files in JSON with e3x's snake_case names.
public struct PotentialConfiguration: Codable, Hashable, Sendable {
  /// The number of features of atoms.
  public var features = 32
  /// The highest degree of features and basis functions.
  public var maxDegree = 2
  /// The number of attention layers.
  public var numLayers = 3
  /// The number of attention heads; divides `features`.
  public var numHeads = 4
  /// The number of radial basis functions.
  public var numBasis = 16
  /// Å; atoms farther apart do not see each other.
  public var cutoff = 5.0
  /// Whether features have both parities between the layers.
  public var pseudotensors = true
  /// Whether cheaper tensor products with fewer weights are used.
  public var useFusedTensor = E3xConfiguration.current.useFusedTensor
  /// Whether irreps are in Cartesian order.
  public var cartesianOrder = E3xConfiguration.current.cartesianOrder
  /// How the spherical harmonics of the basis functions are normalised.
  public var normalization = E3xConfiguration.current.normalization
  /// Energies and forces are continuous as any neighbour, the last one too, crosses the cutoff.
  /// Without it attention is e3x's, which jumps there.
  public var smoothAtCutoff = true
  /// The number of embeddings: atomic numbers below it are known.
  public var numEmbeddings = 119
  /// eV; the energy of the network's output 1, so that its parameters are of order 1.
  public var energyScale = 1.0

  /// The default configuration, with the conventions that hold here (`E3xConfiguration.current`).
  public init() {}

  /// Reads a configuration; what is missing has its default, whatever conventions hold here.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    (useFusedTensor, cartesianOrder, normalization) = (false, true, .racah)
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.features, &features)
    try read(.maxDegree, &maxDegree)
    try read(.numLayers, &numLayers)
    try read(.numHeads, &numHeads)
    try read(.numBasis, &numBasis)
    try read(.cutoff, &cutoff)
    try read(.pseudotensors, &pseudotensors)
    try read(.useFusedTensor, &useFusedTensor)
    try read(.cartesianOrder, &cartesianOrder)
    try read(.normalization, &normalization)
    try read(.smoothAtCutoff, &smoothAtCutoff)
    try read(.numEmbeddings, &numEmbeddings)
    try read(.energyScale, &energyScale)
  }

  private enum CodingKeys: String, CodingKey {
    case features, cutoff, pseudotensors, normalization
    case maxDegree = "max_degree"
    case numLayers = "num_layers"
    case numHeads = "num_heads"
    case numBasis = "num_basis"
    case useFusedTensor = "use_fused_tensor"
    case cartesianOrder = "cartesian_order"
    case smoothAtCutoff = "smooth_at_cutoff"
    case numEmbeddings = "num_embeddings"
    case energyScale = "energy_scale"
  }
}
