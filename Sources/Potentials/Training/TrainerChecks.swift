internal import E3xEngine
internal import E3xLimits

/// What a training requires before its first step.
extension Trainer {
  /// Requires that configuration and options are in their ranges.
  /// - Throws: `ArgumentError` naming the first that is not, under its name in files.
  package static func check(
    _ configuration: PotentialConfiguration, _ options: TrainingOptions
  ) throws(ArgumentError) {
    try options.check()
    guard Size.product(options.steps, options.batchSize) != nil else {
      throw ArgumentError(
        "train", "steps",
        "\(options.steps) steps of \(options.batchSize) frames are more than can be counted")
    }
    try configuration.checkForTraining()
  }

  /// Requires that all frames can be trained on and validated with.
  /// - Throws: `ArgumentError` naming the set and the frame.
  static func check(
    _ train: [LabelledFrame], _ valid: [LabelledFrame], _ configuration: PotentialConfiguration,
    _ options: TrainingOptions, elements: Set<Int32>? = nil
  ) throws(ArgumentError) {
    guard !train.isEmpty else {
      throw ArgumentError("train", "train", "there are no frames to train on")
    }
    let checks = FrameChecks(configuration, options)
    let elements = elements ?? Set(train.flatMap(\.atomicNumbers))
    try refuse(checks.firstFault(train, known: elements), "train")
    try refuse(checks.firstHugeLabel(train, energies: nil), "train")
    try refuse(checks.firstFault(valid, known: elements), "valid")
  }

  /// Requires that the labels of training frames can be learned, relative to the elements.
  /// - Throws: `ArgumentError` naming the frame.
  static func checkLabels(
    _ train: [LabelledFrame], _ energies: ElementEnergies, _ configuration: PotentialConfiguration
  ) throws(ArgumentError) {
    let checks = FrameChecks(configuration, TrainingOptions())
    try refuse(checks.firstHugeLabel(train, energies: energies), "train")
  }

  private static func refuse(_ fault: FrameFault?, _ set: String) throws(ArgumentError) {
    if let fault { throw ArgumentError("train", set, "frame \(fault.index + 1): \(fault.reason)") }
  }
}

extension FrameChecks {
  init(_ configuration: PotentialConfiguration, _ options: TrainingOptions) {
    self.init(
      needsEnergies: options.energyWeight > 0, needsForces: options.forcesWeight > 0,
      numEmbeddings: configuration.numEmbeddings)
  }
}

extension PotentialConfiguration {
  /// The values with their names in files; none may change when a training goes on.
  package var numbers: [OptionNumber] {
    [
      .count("features", features, in: 1...65_536),
      .count("max_degree", maxDegree, in: 0...12),
      .count("num_layers", numLayers, in: 1...64),
      .count("num_heads", numHeads, in: 1...65_536),
      .count("num_basis", numBasis, in: 1...10_000),
      .real("cutoff", cutoff, atMost: 1000),
      .flag("smooth_at_cutoff", smoothAtCutoff),
    ]
  }

  func checkForTraining() throws(ArgumentError) {
    try numbers.check()
    guard features % numHeads == 0 else {
      throw ArgumentError(
        "train", "num_heads",
        "features (\(features)) must be divisible by num_heads (\(numHeads))")
    }
  }
}
