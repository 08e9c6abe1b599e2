public import E3xEngine
internal import E3xFiles

extension AttentionPotential {
  /// Reads a configuration; what is missing has its default.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    self.init(try PotentialConfiguration(from: decoder))
  }

  /// Writes the configuration.
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws { try configuration.encode(to: encoder) }

  /// Å; that of the configuration.
  public var cutoff: Double { configuration.cutoff }
  /// That of the configuration.
  public var numEmbeddings: Int { configuration.numEmbeddings }
  /// eV; that of the configuration.
  public var energyScale: Double { configuration.energyScale }

  /// Checks that every number is in its range; see ``PotentialConfiguration/check()``.
  /// - Throws: `ArgumentError` naming the argument, under the name that files have for it.
  public func check() throws(ArgumentError) { try configuration.check() }

  /// Takes over the scale of energies, and for that of messages about 1.4 over the square root of how
  /// many neighbours atoms have: what makes sums over them of order 1, half a unit for the eight of a
  /// small molecule.
  public mutating func adapt(to data: TrainingScales) {
    configuration.energyScale = data.energy
    configuration.messageScale = (2 / max(2, data.neighbors)).squareRoot()
  }
}

extension AttentionPotential: StrictlyReadModel {
  init(_ members: JSONMembers) throws(FileError) {
    self.init(try PotentialConfiguration(members))
  }
}

extension AttentionPotential: SizedModel {
  /// Measured: two numbers that live at a time for each feature in each layer.
  var numbersPerRow: Double {
    let parities: Double = configuration.pseudotensors ? 2 : 1
    let degrees = Double(configuration.maxDegree + 1)
    return 2 * parities * degrees * degrees * Double(configuration.features)
      * Double(configuration.numLayers)
  }

  var widestOption: (name: String, value: Int) { ("features", configuration.features) }
}
