public import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import Foundation

/// Trains an attention potential on energies and forces, step by step.
///
/// A trainer is a value: its state after a number of steps depends on data, configuration and
/// options alone, so that interrupted runs go on exactly where they stopped.
public struct Trainer: Sendable {
  /// The network.
  public let configuration: PotentialConfiguration
  /// How it is trained.
  public let options: TrainingOptions
  /// The energies of the elements, fitted to the training energies.
  public let elementEnergies: ElementEnergies
  /// The number of steps done.
  public private(set) var stepsDone = 0
  /// What was recorded on the way.
  public private(set) var history = TrainingHistory()
  /// The best validation so far, and the averaged parameters that gave it, one vector. The score is
  /// the weighted sum of the mean squared errors of energies (meV²) and forces (meV²/Å²).
  public private(set) var best: (score: Double, parameters: Tensor)?

  private let layout: ParameterLayout
  private let trainSet: [Example]
  private let validSet: [LabelledFrame]
  private let step: CompiledFunction
  private var state: [Tensor]
  private var order: (epoch: Int, frames: [Int32]) = (-1, [])
  /// Loss and errors since the last record.
  private var recent = RecentErrors()

  /// A new training.
  ///
  /// - Parameter train: frames with the labels that have a weight.
  /// - Parameter valid: frames by which the best parameters are chosen; may be empty.
  /// - Throws: `ArgumentError` if the data or the options cannot be trained with.
  public init(
    configuration: PotentialConfiguration, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame]
  ) throws {
    try Trainer.check(configuration, options, train, valid)
    var configuration = configuration
    configuration.energyScale = Trainer.energyScale(train)
    let parameters = try Trainer.initialParameters(configuration, seed: options.seed)
    try self.init(
      configuration, options, elementEnergies: ElementEnergies.fit(train),
      layout: ParameterLayout(parameters), train: train, valid: valid)
    let theta = try layout.vector(parameters).materialized()
    let zeros = try Tensor.zeros(theta.shape).materialized()
    state = [theta, zeros, zeros, theta]
  }

  private init(
    _ configuration: PotentialConfiguration, _ options: TrainingOptions,
    elementEnergies: ElementEnergies, layout: ParameterLayout, train: [LabelledFrame],
    valid: [LabelledFrame]
  ) throws {
    self.configuration = configuration
    self.options = options
    self.elementEnergies = elementEnergies
    self.layout = layout
    trainSet = train.map {
      Example($0, elementEnergies: elementEnergies, cutoff: configuration.cutoff)
    }
    validSet = valid
    step = try Objective(potential: AttentionPotential(configuration), layout: layout)
      .step(options)
    state = []
  }

  private static func initialParameters(
    _ configuration: PotentialConfiguration, seed: Int
  ) throws -> Parameters {
    try Parameters.initialize(seed: seed) { scope in
      try AttentionPotential(configuration).atomicEnergies(
        scope, positions: Tensor([0, 0, 0, 1, 0, 0] as [Float], shape: [2, 3]),
        species: Tensor([1, 1] as [Int32]), dstIdx: Tensor([0, 1] as [Int32]),
        srcIdx: Tensor([1, 0] as [Int32]))
    }
  }

  /// The root mean square of the force components in eV/Å times 1 Å: of the order of what a
  /// neighbour does to an energy.
  private static func energyScale(_ frames: [LabelledFrame]) -> Double {
    let forces = frames.compactMap(\.forces).joined()
    guard !forces.isEmpty else { return 1 }
    let scale = (forces.reduce(0) { $0 + $1 * $1 } / Double(forces.count)).squareRoot()
    return scale > 1e-3 ? scale : 1
  }

  private static func check(
    _ configuration: PotentialConfiguration, _ options: TrainingOptions, _ train: [LabelledFrame],
    _ valid: [LabelledFrame]
  ) throws {
    func refuse(_ argument: String, _ reason: String) -> ArgumentError {
      ArgumentError("train", argument, reason)
    }
    guard !train.isEmpty else { throw refuse("train", "there are no frames to train on") }
    for (name, value) in [
      ("steps", options.steps), ("batch_size", options.batchSize),
      ("validation_interval", options.validationInterval), ("features", configuration.features),
      ("num_layers", configuration.numLayers), ("num_heads", configuration.numHeads),
      ("num_basis", configuration.numBasis),
    ] where value < 1 {
      throw refuse(name, "must be at least 1, received \(value)")
    }
    for (name, value) in [
      ("learning_rate", options.learningRate), ("cutoff", configuration.cutoff),
      ("gradient_clip", options.gradientClip),
    ] where !(value > 0) {
      throw refuse(name, "must be positive, received \(value)")
    }
    for (name, value) in [
      ("energy_weight", options.energyWeight), ("forces_weight", options.forcesWeight),
    ] where !(value >= 0) {
      throw refuse(name, "must not be negative, received \(value)")
    }
    guard options.energyWeight > 0 || options.forcesWeight > 0 else {
      throw refuse("energy_weight", "energies or forces must have a weight")
    }
    guard configuration.maxDegree >= 0 else {
      throw refuse("max_degree", "must be positive or zero, received \(configuration.maxDegree)")
    }
    guard configuration.features % configuration.numHeads == 0 else {
      throw refuse(
        "num_heads",
        "features (\(configuration.features)) must be divisible by num_heads "
          + "(\(configuration.numHeads))")
    }
    for (set, frames) in [("train", train), ("valid", valid)] {
      for (index, frame) in frames.enumerated() {
        if options.energyWeight > 0 && frame.energy == nil {
          throw refuse(set, "frame \(index + 1) has no energy")
        }
        if options.forcesWeight > 0 && frame.forces == nil {
          throw refuse(set, "frame \(index + 1) has no forces")
        }
        if frame.pbc.contains(true) {
          throw refuse(
            set, "frame \(index + 1) is periodic; only molecules (pbc F F F) are supported")
        }
        if let number = frame.atomicNumbers.first(where: {
          $0 < 0 || Int($0) >= configuration.numEmbeddings
        }) {
          throw refuse(
            set,
            "frame \(index + 1) has atomic number \(number), outside 0 ..< "
              + "\(configuration.numEmbeddings)")
        }
      }
    }
  }

  /// Whether all steps are done.
  public var isDone: Bool { stepsDone >= options.steps }

  /// The number of parameters.
  public var parameterCount: Int { layout.count }

  /// Does one step; validates when it is time to.
  /// - Throws: `ArgumentError` if the loss is no longer a number.
  public mutating func advance() throws {
    let batch = try nextBatch()
    let results = try step(
      state + [options.numbers(stepsDone)] + batch.structure + batch.labels)
    let loss = try results[4].item()
    guard loss.isFinite else {
      throw ArgumentError(
        "train", "learning_rate",
        "the loss is not finite after step \(stepsDone + 1): a lower rate may help, received "
          + "\(options.learningRate)")
    }
    state = Array(results[0..<4])
    recent.add(
      loss: loss, energies: try results[5].item(), forces: try results[6].item(),
      frames: batch.sizes.shape[0].known!, components: 3 * batch.species.shape[0].known!)
    stepsDone += 1
    if stepsDone % options.validationInterval == 0 || isDone { try validate() }
  }

  /// Frames in an order that every epoch shuffles anew.
  private mutating func nextBatch() throws -> Batch {
    let count = trainSet.count
    let first = stepsDone * options.batchSize
    var examples: [Example] = []
    for position in first..<(first + options.batchSize) {
      let epoch = position / count
      if order.epoch != epoch {
        let key = RandomKey(seed: options.seed).folding(in: UInt32(truncatingIfNeeded: epoch + 1))
        order = (epoch, key.permutation(count))
      }
      examples.append(trainSet[Int(order.frames[position % count])])
    }
    return try Batch(examples)
  }

  private mutating func validate() throws {
    var record = TrainingHistory.Record(
      step: stepsDone, loss: recent.meanLoss, learningRate: options.rate(stepsDone - 1),
      trainEnergyMAE: recent.energyMAE, trainForcesMAE: recent.forcesMAE)
    recent = RecentErrors()
    if validSet.isEmpty {
      best = (record.loss, state[3])
    } else {
      let errors = try potential(state[3]).errors(on: validSet)
      record.validation = errors
      let score =
        options.energyWeight * (errors.energyRMSE ?? 0) * (errors.energyRMSE ?? 0)
        + options.forcesWeight * (errors.forcesRMSE ?? 0) * (errors.forcesRMSE ?? 0)
      if best == nil || score < best!.score { best = (score, state[3]) }
    }
    history.records.append(record)
  }

  private func potential(_ vector: Tensor) throws -> Potential {
    try Potential(
      configuration: configuration,
      parameters: try layout.parameters(vector).mapTensors { try $0.materialized() },
      elementEnergies: elementEnergies)
  }

  /// The potential with the parameters that did best on the validation set (averaged over steps);
  /// the current ones before the first validation.
  /// - Throws: `ArgumentError` if the parameters do not fit the configuration: never in practice.
  public func bestPotential() throws -> Potential {
    try potential(best?.parameters ?? state[3])
  }

  /// Mean loss and errors since the last record: meV and meV/Å.
  public var progress: (loss: Double, energyMAE: Double, forcesMAE: Double) {
    (recent.meanLoss, recent.energyMAE, recent.forcesMAE)
  }
}

/// Sums over the steps since the last record.
struct RecentErrors: Sendable, Codable {
  var loss = 0.0
  var energies = 0.0
  var forces = 0.0
  var steps = 0
  var frames = 0
  var components = 0

  mutating func add(loss: Double, energies: Double, forces: Double, frames: Int, components: Int) {
    self.loss += loss
    self.energies += energies
    self.forces += forces
    self.frames += frames
    self.components += components
    steps += 1
  }

  var meanLoss: Double { loss / Double(max(1, steps)) }
  /// meV
  var energyMAE: Double { 1000 * energies / Double(max(1, frames)) }
  /// meV/Å
  var forcesMAE: Double { 1000 * forces / Double(max(1, components)) }
}

/// What was recorded at every validation.
public struct TrainingHistory: Codable, Sendable {
  /// One validation.
  public struct Record: Codable, Sendable {
    /// The number of steps done.
    public var step: Int
    /// The mean training loss since the last record.
    public var loss: Double
    /// The learning rate of the last step.
    public var learningRate: Double
    /// The mean absolute error of training energies since the last record, meV.
    public var trainEnergyMAE: Double
    /// The mean absolute error of training forces since the last record, meV/Å.
    public var trainForcesMAE: Double
    /// The errors on the validation set, of averaged parameters.
    public var validation: PredictionErrors?
  }
  /// In the order of steps.
  public var records: [Record] = []
}

// MARK: Checkpoints

extension Trainer {
  private static let format = "swift-e3x checkpoint 1"

  private struct Counters: Codable {
    var stepsDone: Int
    var recent: RecentErrors
    var bestScore: Double?
    var history: TrainingHistory
  }

  /// Writes all that a training needs to go on: parameters, moments, averages, history.
  /// - Throws: `FileError` for what the system reports.
  public func writeCheckpoint(to path: String) throws {
    var tensors: [String: SafetensorsTensor] = [:]
    for (name, tensor) in zip(["parameters", "first_moment", "second_moment", "average"], state) {
      tensors[name] = SafetensorsTensor(try tensor.scalars(as: Float.self), shape: [layout.count])
    }
    if let best {
      tensors["best"] = SafetensorsTensor(
        try best.parameters.scalars(as: Float.self), shape: [layout.count])
    }
    let counters = Counters(
      stepsDone: stepsDone, recent: recent, bestScore: best?.score, history: history)
    try SafetensorsFile.write(
      tensors,
      metadata: [
        "format": Self.format, "config": try json(configuration), "options": try json(options),
        "counters": try json(counters),
      ], to: path)
  }

  /// The configuration and options of a checkpoint.
  /// - Throws: `FileError` if the file is none.
  public static func checkpointOptions(
    _ path: String
  ) throws -> (configuration: PotentialConfiguration, options: TrainingOptions) {
    let file = try checkpoint(path)
    return (try decode(file, "config"), try decode(file, "options"))
  }

  private static func checkpoint(_ path: String) throws -> SafetensorsFile {
    let file = try SafetensorsFile(contentsOf: path)
    guard file.metadata["format"] == format else {
      throw FileError(
        file: path, place: "metadata",
        reason: "not a checkpoint: 'format' must be '\(format)', found "
          + (file.metadata["format"].map { "'\($0)'" } ?? "nothing"))
    }
    return file
  }

  /// Goes on from a checkpoint, with the data that it was trained on.
  /// - Throws: `FileError` if the file is no checkpoint or does not fit.
  public init(
    resuming path: String, train: [LabelledFrame], valid: [LabelledFrame]
  ) throws {
    let file = try Self.checkpoint(path)
    let configuration: PotentialConfiguration = try decode(file, "config")
    let options: TrainingOptions = try decode(file, "options")
    try Trainer.check(configuration, options, train, valid)
    let layout = try ParameterLayout(
      Trainer.initialParameters(configuration, seed: options.seed))
    try self.init(
      configuration, options, elementEnergies: ElementEnergies.fit(train), layout: layout,
      train: train, valid: valid)
    func vector(_ name: String) throws -> Tensor {
      let stored = try file.tensor(name)
      guard stored.shape == [layout.count] else {
        throw FileError(
          file: path, place: "tensor '\(name)'",
          reason: "has shape \(stored.shape), expected [\(layout.count)]")
      }
      return try Tensor(try stored.floats(), shape: stored.shape)
    }
    state = try ["parameters", "first_moment", "second_moment", "average"].map(vector)
    let counters: Counters = try decode(file, "counters")
    guard counters.stepsDone >= 0 else {
      throw FileError(file: path, place: "metadata 'counters'", reason: "negative steps")
    }
    stepsDone = counters.stepsDone
    recent = counters.recent
    history = counters.history
    if let score = counters.bestScore { best = (score, try vector("best")) }
  }
}
