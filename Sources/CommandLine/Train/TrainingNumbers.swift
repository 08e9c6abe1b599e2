internal import ArgumentParser
internal import E3xEngine
internal import E3xPotentials

/// The numbers of a training on the command line; what is not given keeps its value.
struct TrainingNumbers: ParsableArguments {
  private static let options = PotentialPreset.default.options
  private static let network = PotentialPreset.default.configuration

  @Option(
    help: """
      Network and training to begin with, of which other options change parts: \(presetNames). \
      (default: default; other presets have other defaults than the options below)
      """, transform: preset)
  var preset: PotentialPreset?
  @Option(
    help: """
      The kind of model: \(CommandModels.names.joined(separator: ", ")). (default: attention, of which \
      the presets are)
      """)
  var model: String?
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: """
      KEY=VALUE of the model's configuration, under its name in files; for what there is no option \
      for. May be repeated.
      """)
  var settings: [String] = []
  @Option(help: "Training steps. (default: \(options.steps))")
  var steps: Int?
  @Option(
    help: """
      Minutes that the run takes, report included: steps and schedule are fitted to them. If not \
      given, --steps says when to end.
      """)
  var minutes: Double?
  @Option(
    help: "Frames a step. (default: as many as have about 45 atoms together, at most one of 25)")
  var batchSize: Int?
  @Option(
    help: """
      How many times as many frames a step has at the end as at the beginning. (default: \
      \(options.batchGrowth))
      """)
  var batchGrowth: Double?
  @Option(
    help: """
      Pairs of atoms within the cutoff that a step may have: where frames have more together, it \
      takes fewer of them, but always one; 0 for any number. (default: \(options.batchPairs))
      """)
  var batchPairs: Int?
  @Option(help: "The highest learning rate. (default: \(options.learningRate))")
  var learningRate: Double?
  @Option(
    help: """
      Steps in which the learning rate rises to its highest; with --minutes a twentieth of all at \
      most. (default: \(options.warmupSteps))
      """)
  var warmupSteps: Int?
  @Option(
    help: """
      Weight of energies in the loss; 0 needs none in the data. (default: what goes with the losses: \
      \(options.energyWeight), or 0.5 per atom)
      """)
  var energyWeight: Double?
  @Option(
    help:
      "Weight of forces in the loss; 0 needs none in the data. (default: \(options.forcesWeight))")
  var forcesWeight: Double?
  @Option(
    help: """
      Weight of stress in the loss. (default: 1.5 where training frames have a stress)
      """)
  var stressWeight: Double?
  @Option(
    name: .customLong("stage"), parsing: .singleValue,
    help: """
      A late part of the training in which labels have other weights, \
      START:LABEL=WEIGHT,LABEL=WEIGHT: 0.75:energy=30,forces=1 from three quarters of the steps on. \
      May be repeated. The best parameters are chosen by the last weights.
      """, transform: stage)
  var stages: [TrainingStage] = []
  @Option(
    help: """
      What an error of energies (eV, or eV per atom) counts: \(TrainingLoss.forms). (default: \
      \(options.energyLoss))
      """, transform: loss)
  var energyLoss: TrainingLoss?
  @Option(
    help: "What an error of a force (eV/Å) counts, likewise. (default: \(options.forcesLoss))",
    transform: loss)
  var forcesLoss: TrainingLoss?
  @Option(
    help: """
      What an error of a stress component (eV/Å³) counts, likewise. (default: \(options.stressLoss))
      """, transform: loss)
  var stressLoss: TrainingLoss?
  @Flag(
    inversion: .prefixedNo,
    help: """
      Count errors of energies per atom, not of whole frames. (default: where training frames are \
      periodic)
      """)
  var energyPerAtom: Bool?
  @Option(
    help: """
      How parameters follow their gradients: \(optimizerNames). (default: \(options.optimizer.rawValue))
      """, transform: optimizer)
  var optimizer: TrainingOptions.OptimizerName?
  @Flag(
    inversion: .prefixedNo,
    help: """
      Move only parameters whose mean gradient and present one agree in sign. (default: \
      --cautious)
      """)
  var cautious: Bool?
  @Option(
    help: "Gradients of a larger norm are scaled down to it. (default: \(options.gradientClip))")
  var gradientClip: Double?
  @Option(
    help: """
      How much of the mean of squared gradients a step keeps, Adam's β₂. (default: \
      \(options.secondMomentDecay))
      """)
  var secondMomentDecay: Double?
  @Option(
    help: """
      How much of the averaged parameters a step keeps, which are those that are written: 0.998 \
      averages over 500 steps. (default: \(options.averageDecay))
      """)
  var averageDecay: Double?
  @Option(
    help: """
      What parameters lose of themselves in each step, in units of the learning rate. (default: \
      \(options.weightDecay))
      """)
  var weightDecay: Double?
  @Option(help: "Steps between validations. (default: \(options.validationInterval))")
  var validationInterval: Int?
  @Option(
    help: """
      Validations in a row without a better score after which the run ends early; 0 never. \
      (default: \(options.patience))
      """)
  var patience: Int?
  @Option(help: "Seed of initial parameters and of the order of frames. (default: \(options.seed))")
  var seed: Int?
  @Option(help: "Features of an atom. (default: \(network.features))")
  var features: Int?
  @Option(help: "Highest degree of features. (default: \(network.maxDegree))")
  var maxDegree: Int?
  @Option(help: "Layers of the network. (default: \(network.numLayers))")
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
    help: """
      Add the repulsion of nuclei (ZBL), which keeps atoms apart where there are no data. (default: \
      --no-repulsion)
      """)
  var repulsion: Bool?
  @Flag(
    inversion: .prefixedNo,
    help: "Weight messages by attention; or sum them. (default: --no-attention)")
  var attention: Bool?
  @Flag(
    inversion: .prefixedNo,
    help: "Features of both parities for each degree. (default: --no-pseudotensors)")
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

  static let presetNames =
    PotentialPreset.allCases.map(\.rawValue).joined(separator: ", ")

  static func preset(_ name: String) throws -> PotentialPreset {
    guard let preset = PotentialPreset(rawValue: name) else {
      throw ValidationError("expected one of \(presetNames), received '\(name)'")
    }
    return preset
  }

  private static func loss(_ text: String) throws -> TrainingLoss {
    guard let loss = TrainingLoss(text) else {
      throw ValidationError("expected \(TrainingLoss.forms), received '\(text)'")
    }
    return loss
  }

  private static func stage(_ text: String) throws -> TrainingStage {
    guard let stage = TrainingStage(text) else {
      throw ValidationError("expected \(TrainingStage.forms), received '\(text)'")
    }
    return stage
  }

  private static let optimizerNames =
    TrainingOptions.OptimizerName.allCases.map(\.rawValue).joined(separator: ", ")

  private static func optimizer(_ name: String) throws -> TrainingOptions.OptimizerName {
    guard let optimizer = TrainingOptions.OptimizerName(rawValue: name) else {
      throw ValidationError("expected one of \(optimizerNames), received '\(name)'")
    }
    return optimizer
  }

  /// Sets what was given.
  func apply(to options: inout TrainingOptions) {
    options.steps = steps ?? options.steps
    options.batchSize = batchSize ?? options.batchSize
    options.batchGrowth = batchGrowth ?? options.batchGrowth
    options.batchPairs = batchPairs ?? options.batchPairs
    options.learningRate = learningRate ?? options.learningRate
    options.energyWeight = energyWeight ?? options.energyWeight
    options.forcesWeight = forcesWeight ?? options.forcesWeight
    options.stressWeight = stressWeight ?? options.stressWeight
    options.energyPerAtom = energyPerAtom ?? options.energyPerAtom
    if !stages.isEmpty { options.stages = stages }
    options.energyLoss = energyLoss ?? options.energyLoss
    options.forcesLoss = forcesLoss ?? options.forcesLoss
    options.stressLoss = stressLoss ?? options.stressLoss
    options.optimizer = optimizer ?? options.optimizer
    options.cautious = cautious ?? options.cautious
    options.warmupSteps = warmupSteps ?? options.warmupSteps
    options.gradientClip = gradientClip ?? options.gradientClip
    options.secondMomentDecay = secondMomentDecay ?? options.secondMomentDecay
    options.averageDecay = averageDecay ?? options.averageDecay
    options.weightDecay = weightDecay ?? options.weightDecay
    options.validationInterval = validationInterval ?? options.validationInterval
    options.patience = patience ?? options.patience
    options.seed = seed ?? options.seed
  }

  /// Checks options that exclude each other, and the time.
  /// - Throws: `ValidationError` naming the option.
  func checkUsage() throws {
    guard let minutes else { return }
    if steps != nil {
      throw ValidationError("--minutes and --steps both say when to end: give one of them")
    }
    guard minutes > 0, minutes <= 1e6 else {
      throw ValidationError(
        "--minutes: must be positive and at most 1000000, received \(minutes)")
    }
  }

  /// Sets what depends on the data and was not given.
  func adapt(_ options: inout TrainingOptions, to set: FrameSet, cutoff: Double) throws {
    options.adapt(to: set.frames, energyPerAtom: energyPerAtom)
    options.batchSize = batchSize ?? options.batchSize
    options.energyWeight = energyWeight ?? options.energyWeight
    options.forcesWeight = forcesWeight ?? options.forcesWeight
    options.stressWeight = stressWeight ?? options.stressWeight
  }

  /// The option for a name in files: `--batch-size` for `batch_size`.
  static func option(_ name: String) -> String {
    switch name {
    case "num_layers": "--layers"
    case "num_heads": "--heads"
    case "num_basis": "--basis"
    case "smooth_at_cutoff": "--smooth"
    case "stages": "--stage"
    default: "--" + name.replacing("_", with: "-")
    }
  }

  /// Errors of a training under the names that the command line has.
  static func naming(_ error: any Error) -> any Error {
    guard let error = error as? ArgumentError, error.function == "train" else { return error }
    return PlainError("\(option(error.argument)): \(error.reason)")
  }
}
