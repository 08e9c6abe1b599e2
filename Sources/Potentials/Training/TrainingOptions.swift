public import E3xEngine
package import E3xFiles
internal import E3xNN
internal import E3xSystem

/// How a potential is trained.
public struct TrainingOptions: Codable, Hashable, Sendable {
  /// The number of steps.
  public var steps = 12_000
  /// Frames a step.
  public var batchSize = 10
  /// How many times as many frames a step has at the end as at the beginning; in between they
  /// grow evenly with the steps.
  public var batchGrowth = 1.0
  /// As many pairs of atoms within the cutoff as a step may have: where frames have more together,
  /// it takes fewer frames, but always one. 0: any number.
  public var batchPairs = 0
  /// The highest learning rate.
  public var learningRate = 3e-3
  /// Steps in which the rate rises to it; then it falls as a cosine to 1 % of it.
  public var warmupSteps = 100
  /// The weight of what errors of energies count on average (``energyLoss``): in 1/eV² if that is their
  /// squares, in 1/eV if it is their size.
  public var energyWeight = 1.0
  /// The weight of what errors of force components count on average (``forcesLoss``): in Å²/eV² or Å/eV.
  public var forcesWeight = 10.0
  /// The weight of what errors of stress components count on average (``stressLoss``): in Å⁶/eV² or
  /// Å³/eV.
  public var stressWeight = 0.0
  /// Late parts in which labels have other weights, in their order.
  public var stages: [TrainingStage] = []
  /// What an error of an energy counts, in eV, or in eV per atom with ``energyPerAtom``.
  public var energyLoss = TrainingLoss.squared
  /// What an error of a force counts, in eV/Å.
  public var forcesLoss = TrainingLoss.squared
  /// What an error of a stress component counts, in eV/Å³.
  public var stressLoss = TrainingLoss.squared
  /// Whether errors of energies are those per atom; otherwise of whole frames.
  public var energyPerAtom = false
  /// Gradients of a larger norm are scaled down to it.
  public var gradientClip = 10.0
  /// How parameters follow their gradients.
  public var optimizer = OptimizerName.adam
  /// What parameters lose of themselves in each step, in units of the learning rate; see
  /// `Adam.weightDecay`.
  public var weightDecay = 0.0
  /// β₂ of Adam.
  public var secondMomentDecay = 0.999
  /// Whether only parameters move whose running mean and gradient have the same sign; see
  /// `Adam.isCautious`.
  public var cautious = false
  /// The decay of the averaged parameters a step.
  public var averageDecay = 0.998
  /// Steps between validations.
  public var validationInterval = 500
  /// Validations in a row without a better score after which the training ends early; 0: it never
  /// does.
  public var patience = 0
  /// The seed of initial parameters and of the order of frames.
  public var seed = 0

  /// An optimiser, by its name in files.
  public enum OptimizerName: String, Codable, CaseIterable, Hashable, Sendable {
    /// `Adam` for all parameters.
    case adam
    /// `Muon` for matrices, Adam for the others.
    case muon
  }

  /// Takes the weights that go with the losses, and with each other: where errors of forces are
  /// 10 meV/Å, those of energies are some 1 meV an atom and those of stress some 0.3 meV/Å³.
  ///
  /// - Parameter stress: whether stress has a weight.
  public mutating func takeUsualWeights(stress: Bool) {
    energyWeight =
      energyPerAtom
      ? energyLoss.weight(absolute: 0.5, squared: 300)
      : energyLoss.weight(absolute: 0.03, squared: 1)
    forcesWeight = forcesLoss.weight(absolute: 1, squared: 10)
    stressWeight = stress ? stressLoss.weight(absolute: 1.5, squared: 3000) : 0
  }

  /// How many frames have about 45 atoms together, as five ethanol molecules do, but no more than
  /// one of 25: what a step of the presets learns from. Of few frames smaller batches learn what is
  /// true of others too.
  public static func usualBatchSize(_ frames: [LabelledFrame]) -> Int {
    usualBatchSize(StoredFrames(frames))
  }

  /// As ``usualBatchSize(_:)-([LabelledFrame])``, of frames of which memory need not hold all.
  public static func usualBatchSize(_ frames: StoredFrames) -> Int {
    let wanted = 45 * Double(frames.count) / Double(max(1, frames.atomCount))
    return max(1, Int(min(wanted.rounded(), Double(frames.count / 25))))
  }

  /// The default options.
  public init() {}

  /// Reads options; what is missing, as in files of versions that did not have it, has its default.
  /// - Throws: `DecodingError` for a value of another type.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func read<Value: Decodable>(_ key: CodingKeys, _ value: inout Value) throws {
      value = try values.decodeIfPresent(Value.self, forKey: key) ?? value
    }
    try read(.steps, &steps)
    try read(.batchSize, &batchSize)
    try read(.batchGrowth, &batchGrowth)
    try read(.batchPairs, &batchPairs)
    try read(.learningRate, &learningRate)
    try read(.warmupSteps, &warmupSteps)
    try read(.energyWeight, &energyWeight)
    try read(.forcesWeight, &forcesWeight)
    try read(.stressWeight, &stressWeight)
    try read(.stages, &stages)
    try read(.energyPerAtom, &energyPerAtom)
    try read(.energyLoss, &energyLoss)
    try read(.forcesLoss, &forcesLoss)
    try read(.stressLoss, &stressLoss)
    try read(.cautious, &cautious)
    try read(.weightDecay, &weightDecay)
    try read(.optimizer, &optimizer)
    try read(.gradientClip, &gradientClip)
    try read(.secondMomentDecay, &secondMomentDecay)
    try read(.averageDecay, &averageDecay)
    try read(.validationInterval, &validationInterval)
    try read(.patience, &patience)
    try read(.seed, &seed)
  }

  private enum CodingKeys: String, CodingKey {
    case steps, seed, cautious, optimizer, patience, stages
    case batchSize = "batch_size"
    case batchGrowth = "batch_growth"
    case batchPairs = "batch_pairs"
    case learningRate = "learning_rate"
    case warmupSteps = "warmup_steps"
    case energyWeight = "energy_weight"
    case forcesWeight = "forces_weight"
    case stressWeight = "stress_weight"
    case energyPerAtom = "energy_per_atom"
    case energyLoss = "energy_loss"
    case forcesLoss = "forces_loss"
    case stressLoss = "stress_loss"
    case gradientClip = "gradient_clip"
    case weightDecay = "weight_decay"
    case secondMomentDecay = "second_moment_decay"
    case averageDecay = "average_decay"
    case validationInterval = "validation_interval"
  }

  /// The greatest number of steps, of frames a step and of steps between validations.
  static let greatestCount = 1_000_000_000

  /// The options with their ranges. Steps, rates and intervals may change when a training goes on.
  package var numbers: [OptionNumber] {
    let counts = 1...Self.greatestCount
    return [
      .count("steps", steps, in: counts, mayChange: true),
      .count("batch_size", batchSize, in: counts),
      .real("batch_growth", batchGrowth, atMost: 1e6),
      .count("batch_pairs", batchPairs, in: 0...Self.greatestCount),
      .real("learning_rate", learningRate, atMost: 1e6, mayChange: true),
      .count("warmup_steps", warmupSteps, in: 0...Self.greatestCount, mayChange: true),
      .real("energy_weight", energyWeight, atMost: 1e12, mayBeZero: true),
      .real("forces_weight", forcesWeight, atMost: 1e12, mayBeZero: true),
      .real("stress_weight", stressWeight, atMost: 1e15, mayBeZero: true),
      .stages("stages", stages),
      .flag("energy_per_atom", energyPerAtom),
      .loss("energy_loss", energyLoss),
      .loss("forces_loss", forcesLoss),
      .loss("stress_loss", stressLoss),
      .real("gradient_clip", gradientClip, atMost: 1e30),
      .choice("optimizer", optimizer),
      .real("weight_decay", weightDecay, atMost: 1e6, mayBeZero: true),
      .decay("second_moment_decay", secondMomentDecay),
      .flag("cautious", cautious),
      .decay("average_decay", averageDecay),
      .count("validation_interval", validationInterval, in: counts, mayChange: true),
      .count("patience", patience, in: 0...Self.greatestCount, mayChange: true),
      .count("seed", seed, in: .min ... .max),
    ]
  }

  /// Requires that a training can begin with these options.
  ///
  /// Counts are at most 10⁹, rates at most 10⁶, weights at most 10¹².
  /// - Throws: `ArgumentError` naming the first that is out of its range, under its name in files.
  public func check() throws(ArgumentError) {
    try numbers.check()
    guard !weightedLabels.isEmpty else {
      throw ArgumentError(
        "train", "energy_weight", "energies, forces or stress must have a weight")
    }
  }

  /// The labels that have a weight.
  package var weightedLabels: [Label] {
    let weights = greatestWeights
    return Label.allCases.filter { weights[$0] > 0 }
  }

  /// Reads options from JSON in a file.
  /// - Throws: `FileError` naming the key that is not there, is none, or whose value is of another
  ///   kind or out of its range.
  package init(_ members: JSONMembers) throws(FileError) {
    var members = members
    func there<Value>(_ value: Value?, _ key: CodingKeys) throws(FileError) -> Value {
      guard let value else { throw members.failure(key.rawValue, "is not there") }
      return value
    }
    func read(_ key: CodingKeys, _ value: inout Int) throws(FileError) {
      value = try there(members.integer(key.rawValue), key)
    }
    func read(_ key: CodingKeys, _ value: inout Double) throws(FileError) {
      value = try there(members.real(key.rawValue), key)
    }
    try read(.steps, &steps)
    try read(.batchSize, &batchSize)
    try read(.learningRate, &learningRate)
    try read(.warmupSteps, &warmupSteps)
    try read(.energyWeight, &energyWeight)
    try read(.forcesWeight, &forcesWeight)
    // What follows is not there in checkpoints of earlier versions.
    batchGrowth = try members.real(CodingKeys.batchGrowth.rawValue) ?? batchGrowth
    batchPairs = try members.integer(CodingKeys.batchPairs.rawValue) ?? batchPairs
    stages = try (members.strings(CodingKeys.stages.rawValue) ?? []).map {
      text throws(FileError) in
      guard let stage = TrainingStage(text) else {
        throw members.failure(
          CodingKeys.stages.rawValue, "has '\(text)', expected \(TrainingStage.forms)")
      }
      return stage
    }
    stressWeight = try members.real(CodingKeys.stressWeight.rawValue) ?? stressWeight
    energyPerAtom = try members.bool(CodingKeys.energyPerAtom.rawValue) ?? energyPerAtom
    func loss(_ key: CodingKeys) throws(FileError) -> TrainingLoss? {
      guard let text = try members.string(key.rawValue) else { return nil }
      guard let loss = TrainingLoss(text) else {
        throw members.failure(key.rawValue, "is '\(text)', expected \(TrainingLoss.forms)")
      }
      return loss
    }
    energyLoss = try loss(.energyLoss) ?? energyLoss
    forcesLoss = try loss(.forcesLoss) ?? forcesLoss
    stressLoss = try loss(.stressLoss) ?? stressLoss
    try read(.gradientClip, &gradientClip)
    optimizer = try members.choice(CodingKeys.optimizer.rawValue) ?? optimizer
    try read(.secondMomentDecay, &secondMomentDecay)
    cautious = try members.bool(CodingKeys.cautious.rawValue) ?? cautious
    weightDecay = try members.real(CodingKeys.weightDecay.rawValue) ?? weightDecay
    try read(.averageDecay, &averageDecay)
    try read(.validationInterval, &validationInterval)
    patience = try members.integer(CodingKeys.patience.rawValue) ?? patience
    try read(.seed, &seed)
    try members.finish()
    do {
      try check()
    } catch {
      throw members.failure(error.argument, error.reason)
    }
  }

  /// Frames of a step, counted from 0.
  public func batchSize(at step: Int) -> Int {
    if batchGrowth == 1 { return batchSize }
    let progress = min(1, Double(step) / Double(max(1, steps)))
    let size = Double(batchSize) * (1 + (batchGrowth - 1) * progress)
    return max(1, Int(min(size.rounded(), Double(Self.greatestCount))))
  }

  /// The learning rate of a step, counted from 0.
  public func rate(_ step: Int) -> Double {
    if step < warmupSteps { return learningRate * Double(step + 1) / Double(warmupSteps) }
    let progress = Double(step - warmupSteps) / Double(max(1, steps - warmupSteps))
    return learningRate * (0.01 + 0.99 * 0.5 * (1 + cos(.pi * min(1, progress))))
  }

  /// The optimiser of these options; the rate of each step is that of ``rate(_:)``.
  var update: any Optimizer {
    let adam = Adam(
      learningRate: learningRate, secondMomentDecay: secondMomentDecay, gradientClip: gradientClip,
      isCautious: cautious, weightDecay: weightDecay)
    return switch optimizer {
    case .adam: adam
    case .muon: Muon(adam)
    }
  }

  /// What changes from step to step: the optimiser's numbers, and how far the averaged parameters
  /// move towards the new ones.
  /// - Parameters:
  ///   - index: of the step, counted from 0.
  ///   - rateFactor: what the rate is multiplied by.
  func numbers(_ step: TrainingStep, _ index: Int, rateFactor: Double = 1) -> Tensor {
    let t = Double(index + 1)
    // The average forgets its beginning faster at first.
    return step.numbers(
      step: index, learningRate: rate(index) * rateFactor,
      averageDecay: min(averageDecay, t / (t + 9)))
  }
}
