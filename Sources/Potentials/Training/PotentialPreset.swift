/// Networks and trainings that go together, from the fastest prediction to the smallest errors.
/// Raw values are the names on the command line.
public enum PotentialPreset: String, CaseIterable, Codable, Hashable, Sendable {
  /// One layer with products of three sums: for large systems and long simulations.
  case fast
  /// Two layers with products of two sums: the best errors after minutes of training.
  case `default`
  /// Two layers with more features and products of three sums: the best errors after hours.
  case accurate
  /// As `default`, with attention in place of sums over neighbours: its weights can be looked at.
  case attention

  /// The network.
  public var configuration: PotentialConfiguration {
    var configuration = PotentialConfiguration()
    (configuration.attention, configuration.pseudotensors) = (self == .attention, false)
    configuration.radialFeatures = 16
    switch self {
    case .fast: (configuration.numLayers, configuration.correlation) = (1, 3)
    case .default, .attention: (configuration.numLayers, configuration.correlation) = (2, 2)
    case .accurate:
      (configuration.numLayers, configuration.correlation) = (2, 3)
      (configuration.features, configuration.radialFeatures) = (64, 32)
    }
    return configuration
  }

  /// How it is trained; the number of steps is what there is time for, and that of frames a step
  /// is for molecules of nine atoms, see ``TrainingOptions/usualBatchSize(_:)-([LabelledFrame])``.
  public var options: TrainingOptions {
    var options = TrainingOptions()
    (options.batchSize, options.learningRate) = (5, 1e-2)
    (options.optimizer, options.cautious) = (.muon, true)
    (options.energyLoss, options.forcesLoss, options.stressLoss) = (.absolute, .absolute, .absolute)
    options.takeUsualWeights(stress: false)
    options.steps = 60_000
    options.validationInterval = 2000
    return options
  }
}
