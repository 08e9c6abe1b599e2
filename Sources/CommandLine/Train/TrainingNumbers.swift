internal import ArgumentParser
internal import E3xEngine
internal import E3xPotentials

/// The numbers of a training on the command line; what is not given keeps its value.
struct TrainingNumbers: ParsableArguments {
  private static let options = TrainingOptions()
  private static let network = PotentialConfiguration()

  @Option(
    help: """
      Network and training to begin with, in place of the defaults of the other options: \
      \(presetNames).
      """, transform: preset)
  var preset: PotentialPreset?
  @Option(help: "Training steps. (default: \(options.steps))")
  var steps: Int?
  @Option(help: "Frames a step. (default: \(options.batchSize))")
  var batchSize: Int?
  @Option(help: "The highest learning rate. (default: \(options.learningRate))")
  var learningRate: Double?
  @Option(
    help:
      "Weight of energies in the loss; 0 needs none in the data. (default: \(options.energyWeight))"
  )
  var energyWeight: Double?
  @Option(
    help:
      "Weight of forces in the loss; 0 needs none in the data. (default: \(options.forcesWeight))")
  var forcesWeight: Double?
  @Flag(
    inversion: .prefixedNo,
    help: """
      Move only parameters whose mean gradient and present one agree in sign. (default: \
      --no-cautious)
      """)
  var cautious: Bool?
  @Option(help: "Steps between validations. (default: \(options.validationInterval))")
  var validationInterval: Int?
  @Option(help: "Seed of initial parameters and of the order of frames. (default: \(options.seed))")
  var seed: Int?
  @Option(help: "Features of an atom. (default: \(network.features))")
  var features: Int?
  @Option(help: "Highest degree of features. (default: \(network.maxDegree))")
  var maxDegree: Int?
  @Option(help: "Attention layers. (default: \(network.numLayers))")
  var layers: Int?
  @Option(help: "Attention heads. (default: \(network.numHeads))")
  var heads: Int?
  @Option(help: "Radial basis functions. (default: \(network.numBasis))")
  var basis: Int?
  @Option(
    help: """
      Sums over neighbours that are multiplied with each other. (default: \(network.correlation))
      """)
  var correlation: Int?
  @Option(
    help: """
      Radial functions that a network makes for each pair of elements; 0 for the same filters for \
      all. (default: \(network.radialFeatures))
      """)
  var radialFeatures: Int?
  @Flag(
    inversion: .prefixedNo,
    help: "Weight messages by attention; or sum them. (default: --attention)")
  var attention: Bool?
  @Flag(
    inversion: .prefixedNo,
    help: "Features of both parities for each degree. (default: --pseudotensors)")
  var pseudotensors: Bool?
  @Option(help: "Cutoff radius (Å). (default: \(network.cutoff))")
  var cutoff: Double?
  @Flag(
    inversion: .prefixedNo,
    help: """
      Keep energies and forces continuous as the last neighbour crosses the cutoff. (default: \
      --smooth)
      """)
  var smooth: Bool?

  private static let presetNames =
    PotentialPreset.allCases.map(\.rawValue).joined(separator: ", ")

  private static func preset(_ name: String) throws -> PotentialPreset {
    guard let preset = PotentialPreset(rawValue: name) else {
      throw ValidationError("expected one of \(presetNames), received '\(name)'")
    }
    return preset
  }

  /// Sets what was given.
  func apply(to configuration: inout PotentialConfiguration, _ options: inout TrainingOptions) {
    if let preset { (configuration, options) = (preset.configuration, preset.options) }
    options.steps = steps ?? options.steps
    options.batchSize = batchSize ?? options.batchSize
    options.learningRate = learningRate ?? options.learningRate
    options.energyWeight = energyWeight ?? options.energyWeight
    options.forcesWeight = forcesWeight ?? options.forcesWeight
    options.cautious = cautious ?? options.cautious
    options.validationInterval = validationInterval ?? options.validationInterval
    options.seed = seed ?? options.seed
    configuration.features = features ?? configuration.features
    configuration.maxDegree = maxDegree ?? configuration.maxDegree
    configuration.numLayers = layers ?? configuration.numLayers
    configuration.numHeads = heads ?? configuration.numHeads
    configuration.numBasis = basis ?? configuration.numBasis
    configuration.correlation = correlation ?? configuration.correlation
    configuration.radialFeatures = radialFeatures ?? configuration.radialFeatures
    configuration.attention = attention ?? configuration.attention
    configuration.pseudotensors = pseudotensors ?? configuration.pseudotensors
    configuration.cutoff = cutoff ?? configuration.cutoff
    configuration.smoothAtCutoff = smooth ?? configuration.smoothAtCutoff
  }

  /// The option for a name in files: `--batch-size` for `batch_size`.
  static func option(_ name: String) -> String {
    switch name {
    case "num_layers": "--layers"
    case "num_heads": "--heads"
    case "num_basis": "--basis"
    case "smooth_at_cutoff": "--smooth"
    default: "--" + name.replacing("_", with: "-")
    }
  }

  /// Errors of a training and of its network under the names that the command line has.
  static func naming(_ error: any Error) -> any Error {
    guard let error = error as? ArgumentError,
      ["train", "PotentialConfiguration"].contains(error.function)
    else { return error }
    return PlainError("\(option(error.argument)): \(error.reason)")
  }
}
