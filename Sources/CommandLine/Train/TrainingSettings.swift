internal import E3xPotentials

extension TrainingSetting {
  /// All keys, in the order of a file: all options of a training but those that say what is done
  /// with a run.
  static var all: [TrainingSetting] {
    [
      .paths("train", .data, \.trainFiles),
      .paths("valid", .data, \.validFiles),
      .paths("test", .data, \.testFiles),
      .real("valid_fraction", .data, \.dataOptions.validFraction) { _ in nil },
      .real("test_fraction", .data, \.dataOptions.testFraction) { _ in nil },
      .choice("split_by", .data, \.dataOptions.splitBy) { _ in .frame },
      .energies("element_energies", .data, \.dataOptions.elementEnergies),
      .flag("skip_bad_frames", .data, \.skipsBadFrames) { _ in false },
      .real("memory", .data, \.dataOptions.memory) { _ in nil },

      .text("energy_key", .labels, \.labelOptions.energyKey) { $0.labels.energy },
      .text("forces_key", .labels, \.labelOptions.forcesKey) { $0.labels.forces },
      .text("stress_key", .labels, \.labelOptions.stressKey) { $0.labels.stress },
      .text("virial_key", .labels, \.labelOptions.virialKey) { $0.labels.virial },
      .text("weight_key", .labels, \.labelOptions.weightKey) { $0.labels.weight },
      .text("group_key", .labels, \.labelOptions.groupKey) { $0.labels.group },

      .text("model", .network, \.numbers.model) { _ in AttentionPotential.kind },
      .path("from", .network, \.beginning.from) { _ in nil },
      .texts("freeze", .network, \.freezePatterns),
      .choice("preset", .network, \.numbers.preset) { $0.preset },
      .count("features", .network, \.numbers.features) { $0.configuration.features },
      .count("max_degree", .network, \.numbers.maxDegree) { $0.configuration.maxDegree },
      .count("num_layers", .network, \.numbers.layers) { $0.configuration.numLayers },
      .count("num_heads", .network, \.numbers.heads) { $0.configuration.numHeads },
      .count("num_basis", .network, \.numbers.basis) { $0.configuration.numBasis },
      .count("correlation", .network, \.numbers.correlation) { $0.configuration.correlation },
      .count("radial_features", .network, \.numbers.radialFeatures) {
        $0.configuration.radialFeatures
      },
      .flag("attention", .network, \.numbers.attention) { $0.configuration.attention },
      .flag("pseudotensors", .network, \.numbers.pseudotensors) { $0.configuration.pseudotensors },
      .real("cutoff", .network, \.numbers.cutoff) { $0.configuration.cutoff },
      .flag("smooth_at_cutoff", .network, \.numbers.smooth) { $0.configuration.smoothAtCutoff },
      .flag("repulsion", .network, \.numbers.repulsion) { $0.configuration.repulsion },
      .texts("set", .network, \.settingTexts),

      .count("steps", .training, \.numbers.steps) { $0.options.steps },
      .real("minutes", .training, \.numbers.minutes) { _ in nil },
      .count("batch_size", .training, \.numbers.batchSize) { _ in nil },
      .real("batch_growth", .training, \.numbers.batchGrowth) { $0.options.batchGrowth },
      .count("batch_pairs", .training, \.numbers.batchPairs) { $0.options.batchPairs },
      .real("learning_rate", .training, \.numbers.learningRate) { $0.options.learningRate },
      .count("warmup_steps", .training, \.numbers.warmupSteps) { $0.options.warmupSteps },
      .real("energy_weight", .training, \.numbers.energyWeight) { _ in nil },
      .real("forces_weight", .training, \.numbers.forcesWeight) { _ in nil },
      .real("stress_weight", .training, \.numbers.stressWeight) { _ in nil },
      .stages("stages", .training, \.trainingStages),
      .flag("energy_per_atom", .training, \.numbers.energyPerAtom) { _ in nil },
      .loss("energy_loss", .training, \.numbers.energyLoss) { $0.options.energyLoss },
      .loss("forces_loss", .training, \.numbers.forcesLoss) { $0.options.forcesLoss },
      .loss("stress_loss", .training, \.numbers.stressLoss) { $0.options.stressLoss },
      .choice("optimizer", .training, \.numbers.optimizer) { $0.options.optimizer },
      .flag("cautious", .training, \.numbers.cautious) { $0.options.cautious },
      .real("gradient_clip", .training, \.numbers.gradientClip) { $0.options.gradientClip },
      .real("second_moment_decay", .training, \.numbers.secondMomentDecay) {
        $0.options.secondMomentDecay
      },
      .real("average_decay", .training, \.numbers.averageDecay) { $0.options.averageDecay },
      .real("weight_decay", .training, \.numbers.weightDecay) { $0.options.weightDecay },
      .count("validation_interval", .training, \.numbers.validationInterval) {
        $0.options.validationInterval
      },
      .count("patience", .training, \.numbers.patience) { $0.options.patience },
      .count("seed", .training, \.numbers.seed) { $0.options.seed },
      .count("committee", .training, \.beginning.committee) { _ in nil },

      .path("output", .results, \.output) { _ in Train.usualOutput },
      .real("checkpoint_interval", .results, \.checkpointInterval) { _ in
        Train.usualCheckpointInterval
      },
    ]
  }

  /// Keys that say the same in two ways: where the command line has one, the file's other does not
  /// count.
  static let alternatives = [
    ("steps", "minutes"), ("valid", "valid_fraction"), ("test", "test_fraction"),
  ]
}

/// Options that are not there rather than empty, as the table wants them.
extension Train {
  fileprivate var trainFiles: [String]? {
    get { train.isEmpty ? nil : train }
    set { train = newValue ?? [] }
  }
  fileprivate var validFiles: [String]? {
    get { valid.isEmpty ? nil : valid }
    set { valid = newValue ?? [] }
  }
  fileprivate var testFiles: [String]? {
    get { test.isEmpty ? nil : test }
    set { test = newValue ?? [] }
  }
  fileprivate var freezePatterns: [String]? {
    get { beginning.freeze.isEmpty ? nil : beginning.freeze }
    set { beginning.freeze = newValue ?? [] }
  }
  fileprivate var trainingStages: [TrainingStage]? {
    get { numbers.stages.isEmpty ? nil : numbers.stages }
    set { numbers.stages = newValue ?? [] }
  }
  fileprivate var settingTexts: [String]? {
    get { numbers.settings.isEmpty ? nil : numbers.settings }
    set { numbers.settings = newValue ?? [] }
  }
  fileprivate var skipsBadFrames: Bool? {
    get { dataOptions.badFrames.skipBadFrames ? true : nil }
    set { dataOptions.badFrames.skipBadFrames = newValue ?? false }
  }
}
