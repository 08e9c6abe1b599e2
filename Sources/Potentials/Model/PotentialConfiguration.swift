internal import E3xEngine
public import E3xExact
package import E3xFiles
internal import E3xSO3

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
  /// Whether messages are weighted by attention; without it they are summed, and `numHeads` has no
  /// meaning. Sums grow with the number of neighbours, weights share 1 out among them.
  public var attention = true
  /// The correlation order: how many sums over neighbours are multiplied with each other after the
  /// messages of each layer. 1: none are.
  public var correlation = 1
  /// The number of radial functions that a network makes of the radial basis functions and both
  /// atoms' scalars, in each layer; 0: filters are linear maps of the basis functions, the same for
  /// all elements.
  public var radialFeatures = 0
  /// Å; atoms farther apart do not see each other.
  public var cutoff = 5.0
  /// Whether the repulsion of nuclei (ZBL) is added, so that atoms stay apart where there are no
  /// training data.
  public var repulsion = false
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
  /// What plain sums of messages are multiplied by, so that they are of order 1 however many
  /// neighbours atoms have.
  public var messageScale = 0.5
  /// eV; the energy of the network's output 1, so that its parameters are of order 1.
  public var energyScale = 1.0

  /// The default configuration, with the conventions that hold here (`E3xConfiguration.current`).
  public init() {}

  /// Reads a configuration; what is missing has its default, whatever conventions hold here.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    var settings = DecodedSettings(values: try decoder.container(keyedBy: CodingKeys.self))
    try self.init(reading: &settings)
  }

  /// Reads a configuration from JSON in a file; what is missing has its default, whatever
  /// conventions hold here.
  /// - Throws: `FileError` naming the key whose value is of another type or out of range, or that
  ///   is none.
  package init(_ members: JSONMembers) throws(FileError) {
    var settings = WrittenSettings(members: members)
    try self.init(reading: &settings)
    try settings.members.finish()
    do {
      try check()
    } catch {
      throw members.failure(error.argument, error.reason)
    }
  }

  private init<Source: SettingsSource>(reading source: inout Source) throws(Source.Failure) {
    (useFusedTensor, cartesianOrder, normalization) = (false, true, .racah)
    try source.read(.features, &features)
    try source.read(.maxDegree, &maxDegree)
    try source.read(.numLayers, &numLayers)
    try source.read(.numHeads, &numHeads)
    try source.read(.numBasis, &numBasis)
    try source.read(.attention, &attention)
    try source.read(.correlation, &correlation)
    try source.read(.radialFeatures, &radialFeatures)
    try source.read(.repulsion, &repulsion)
    try source.read(.cutoff, &cutoff)
    try source.read(.pseudotensors, &pseudotensors)
    try source.read(.useFusedTensor, &useFusedTensor)
    try source.read(.cartesianOrder, &cartesianOrder)
    try source.read(.normalization, &normalization)
    try source.read(.smoothAtCutoff, &smoothAtCutoff)
    try source.read(.numEmbeddings, &numEmbeddings)
    try source.read(.messageScale, &messageScale)
    try source.read(.energyScale, &energyScale)
  }

  fileprivate enum CodingKeys: String, CodingKey {
    case features, attention, correlation, repulsion, cutoff, pseudotensors, normalization
    case radialFeatures = "radial_features"
    case maxDegree = "max_degree"
    case numLayers = "num_layers"
    case numHeads = "num_heads"
    case numBasis = "num_basis"
    case useFusedTensor = "use_fused_tensor"
    case cartesianOrder = "cartesian_order"
    case smoothAtCutoff = "smooth_at_cutoff"
    case numEmbeddings = "num_embeddings"
    case messageScale = "message_scale"
    case energyScale = "energy_scale"
  }
}

/// Where the values of a configuration come from; what is not there stays as it is.
private protocol SettingsSource {
  typealias Key = PotentialConfiguration.CodingKeys
  associatedtype Failure: Error

  mutating func read(_ key: Key, _ value: inout Int) throws(Failure)
  mutating func read(_ key: Key, _ value: inout Double) throws(Failure)
  mutating func read(_ key: Key, _ value: inout Bool) throws(Failure)
  mutating func read(
    _ key: Key, _ value: inout SphericalHarmonicsNormalization
  ) throws(Failure)
}

/// Values from any decoder.
private struct DecodedSettings: SettingsSource {
  let values: KeyedDecodingContainer<Key>

  func read(_ key: Key, _ value: inout Int) throws { try decode(key, &value) }
  func read(_ key: Key, _ value: inout Double) throws { try decode(key, &value) }
  func read(_ key: Key, _ value: inout Bool) throws { try decode(key, &value) }
  func read(_ key: Key, _ value: inout SphericalHarmonicsNormalization) throws {
    try decode(key, &value)
  }

  private func decode<Value: Decodable>(_ key: Key, _ value: inout Value) throws {
    value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
  }
}

/// Values from JSON in a file.
private struct WrittenSettings: SettingsSource {
  var members: JSONMembers

  mutating func read(_ key: Key, _ value: inout Int) throws(FileError) {
    value = try members.integer(key.rawValue) ?? value
  }
  mutating func read(_ key: Key, _ value: inout Double) throws(FileError) {
    value = try members.real(key.rawValue) ?? value
  }
  mutating func read(_ key: Key, _ value: inout Bool) throws(FileError) {
    value = try members.bool(key.rawValue) ?? value
  }
  mutating func read(
    _ key: Key, _ value: inout SphericalHarmonicsNormalization
  ) throws(FileError) {
    value = try members.choice(key.rawValue) ?? value
  }
}
