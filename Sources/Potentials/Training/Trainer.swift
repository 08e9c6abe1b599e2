public import E3xEngine
internal import E3xNN
internal import E3xParallel
internal import Foundation

/// Trains an attention potential on energies and forces, step by step.
///
/// A trainer is a value: its state after a number of steps depends on data, configuration and
/// options alone, so that interrupted runs go on exactly where they stopped.
///
///     var trainer = try Trainer(
///       configuration: configuration, options: options, train: train, valid: valid)
///     while !trainer.isDone { try trainer.advance() }
///     try trainer.bestPotential().write(to: "model.safetensors")
///
/// Where a loss is not finite, the training goes back to the last good validation and goes on with
/// half the rate (``TrainingHistory/setbacks``), at most five times.
///
/// Whatever ``advance()`` throws, the trainer stays at the last step that was good:
/// ``bestPotential()`` and ``writeCheckpoint(to:run:)`` may be called then, and never write what is
/// not a number.
public struct Trainer: Sendable {
  /// The parameters that did best.
  public struct Best: Sendable {
    /// The number of steps done when they did.
    public var step: Int
    /// With a validation set the sum of its mean squared errors of energies (meV²), force
    /// components (meV²/Å²) and stress components (meV²/Å⁶) times their weights; without one the
    /// training loss.
    public var score: Double
    /// Averaged over steps; one vector.
    public var parameters: Tensor
  }

  /// The network.
  public let configuration: PotentialConfiguration
  /// How it is trained.
  public private(set) var options: TrainingOptions
  /// The energies of the elements.
  public let elementEnergies: ElementEnergies
  /// The number of steps done.
  public internal(set) var stepsDone = 0
  /// What was recorded on the way.
  public internal(set) var history = TrainingHistory()
  /// The best so far: of all validations, or the latest parameters where there is no validation
  /// set. Nil before the first.
  public internal(set) var best: Best?

  let layout: ParameterLayout
  private let trainSet: [Example]
  let validSet: [LabelledFrame]
  var step: TrainingStep
  /// The processes that share each batch.
  var processes: any Communicator = SingleProcess()
  /// Whether stress has a weight, and some training frame has one.
  package let learnsStress: Bool
  /// Parameters, first and second moments, averaged parameters; a vector each.
  var state: [Tensor]
  /// Loss and errors since the last record.
  var recent = RecentErrors()
  /// What the last step began with: its loss was a number.
  var previous: Snapshot?
  /// What the training goes back to where a loss is not finite.
  var safe = Snapshot(stepsDone: 0, state: [], recent: RecentErrors(), history: TrainingHistory())
  /// The loss of the first step, before anything was learned.
  var firstLoss: Double?
  /// How often the rate was halved since it was given.
  var halvings = 0
  private var order: (epoch: Int, frames: [Int32]) = (-1, [])

  /// What a step changes.
  struct Snapshot: Sendable {
    var stepsDone: Int
    var state: [Tensor]
    var recent: RecentErrors
    var history: TrainingHistory
  }

  /// A new training.
  ///
  /// - Parameter train: frames with the labels that have a weight.
  /// - Parameter valid: frames by which the best parameters are chosen; may be empty.
  /// - Parameter elementEnergies: of all elements of the frames; nil for those that are fitted to the
  ///   training energies.
  /// - Throws: `ArgumentError` if the data or the options cannot be trained with, naming the option
  ///   or the set and frame.
  public init(
    configuration: PotentialConfiguration, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame], elementEnergies: ElementEnergies? = nil
  ) throws {
    try Trainer.check(configuration, options)
    try Trainer.check(
      train, valid, configuration, options,
      elements: elementEnergies.map { Set($0.energies.keys) })
    var configuration = configuration
    configuration.energyScale = Trainer.energyScale(train)
    configuration.messageScale = try Trainer.messageScale(train, cutoff: configuration.cutoff)
    let energies = elementEnergies ?? ElementEnergies.fit(train)
    try Trainer.checkLabels(train, energies, configuration)
    let parameters = try Trainer.initialParameters(configuration, seed: options.seed)
    try self.init(
      configuration, options, elementEnergies: energies, layout: ParameterLayout(parameters),
      train: train, valid: valid)
    let theta = try layout.vector(parameters).materialized()
    state = try beginning(with: theta)
    safe.state = state
  }

  /// The state before the first step.
  func beginning(with parameters: Tensor) throws -> [Tensor] {
    try step.state(beginningWith: parameters)
  }

  /// A training without a state yet, of data that were checked.
  init(
    _ configuration: PotentialConfiguration, _ options: TrainingOptions,
    elementEnergies: ElementEnergies, layout: ParameterLayout, train: [LabelledFrame],
    valid: [LabelledFrame]
  ) throws {
    self.configuration = configuration
    self.options = options
    self.elementEnergies = elementEnergies
    self.layout = layout
    trainSet = try train.map { frame in
      try Example(frame, elementEnergies: elementEnergies, cutoff: configuration.cutoff)
    }
    validSet = valid
    learnsStress = options.stressWeight > 0 && trainSet.contains { $0.stress != nil }
    try TrainingCost(parameters: layout.count, examples: trainSet).check(configuration, options)
    step = try Objective(potential: AttentionPotential(configuration), layout: layout)
      .step(options, hasStress: learnsStress)
    state = []
  }

  static func initialParameters(
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

  /// About 1.4 over the square root of how many neighbours atoms have: what makes sums over them of
  /// order 1, half a unit for the eight of a small molecule.
  private static func messageScale(
    _ frames: [LabelledFrame], cutoff: Double
  ) throws(ArgumentError) -> Double {
    (2 / max(2, try MeanCounts(frames, cutoff: cutoff).neighbors)).squareRoot()
  }

  /// Whether all steps are done, or the training has ended early.
  public var isDone: Bool { stepsDone >= options.steps || endedEarly }

  /// Whether the training ended before its last step, as so many validations as
  /// ``TrainingOptions/patience`` says gave no better score.
  public var endedEarly: Bool {
    guard options.patience > 0, stepsDone < options.steps, let best else { return false }
    return history.records.reversed().prefix { $0.step > best.step }.count >= options.patience
  }

  /// The number of parameters.
  public var parameterCount: Int { layout.count }

  /// The number of pairs of atoms within the cutoff, over all training frames, both ways.
  public var pairCount: Int { trainSet.reduce(0) { $0 + $1.pairCount } }

  /// Takes over how many steps there are, how many of them lie between validations, and in how many
  /// the rate rises at most: what a ``TimeBudget`` says.
  /// - Parameter steps: those that are done included, of which there are fewer.
  public mutating func schedule(steps: Int, validationInterval: Int, warmupSteps: Int) {
    options.steps = max(steps, stepsDone + 1)
    options.validationInterval = max(validationInterval, 1)
    options.warmupSteps = min(options.warmupSteps, max(warmupSteps, 0))
  }

  /// Does one step; validates when it is time to.
  ///
  /// - Throws: `ArgumentError` naming `learning_rate` if the loss is no longer a number, and lower
  ///   rates did not help, and `valid` if the errors on the validation set are not; the trainer is
  ///   then at the last good step.
  public mutating func advance() throws {
    let examples = try nextExamples()
    let (next, loss, errors, counts) =
      try processes.size == 1 ? outcome(examples) : sharedOutcome(examples)
    guard loss.isFinite else { return try goBack(from: stepsDone + 1) }
    if stepsDone == 0 { firstLoss = loss }
    previous = Snapshot(stepsDone: stepsDone, state: state, recent: recent, history: history)
    state = next
    recent.add(
      loss: loss, energies: errors[0], forces: errors[1], stress: learnsStress ? errors[2] : 0,
      counts)
    stepsDone += 1
    if stepsDone % options.validationInterval == 0 || isDone { try validate() }
  }

  /// The last state that is all numbers.
  func lastGood() throws -> Snapshot {
    let current = Snapshot(stepsDone: stepsDone, state: state, recent: recent, history: history)
    for snapshot in [current, previous].compactMap(\.self) where try Self.isFinite(snapshot.state) {
      return snapshot
    }
    throw ArgumentError("train", "learning_rate", "the parameters are not finite")
  }

  static func isFinite(_ state: [Tensor]) throws -> Bool {
    try state.allSatisfy { try $0.scalars(as: Float.self).allSatisfy(\.isFinite) }
  }

  /// What a step gives: the state after it, the loss, the sums of errors, and of how many numbers.
  typealias Outcome = (state: [Tensor], loss: Double, errors: [Double], counts: BatchLabels.Counts)

  private func outcome(_ examples: [Example]) throws -> Outcome {
    let batch = try Batch(examples)
    let labels = try BatchLabels(examples, energyIsPerAtom: options.energyPerAtom)
    let (next, loss, errors) = try step(
      state, options.numbers(step, stepsDone, rateFactor: rateFactor),
      batch.structure + labels.tensors(hasStress: learnsStress))
    return (next, loss, try errors.map { try $0.item() }, labels.counts)
  }

  /// Frames in an order that every epoch shuffles anew.
  private mutating func nextExamples() throws -> [Example] {
    let count = trainSet.count
    let first = stepsDone * options.batchSize
    var examples: [Example] = []
    for position in first..<(first + options.batchSize) {
      let epoch = position / count
      if order.epoch != epoch {
        let key = RandomKey(seed: options.seed).folding(in: UInt32(truncatingIfNeeded: epoch + 1))
        order = (epoch, try key.permutation(count))
      }
      examples.append(trainSet[Int(order.frames[position % count])])
    }
    return examples
  }

  private mutating func validate() throws {
    guard try Self.isFinite(state) else { return try goBack(from: stepsDone) }
    let progress = progress
    var record = TrainingHistory.Record(
      step: stepsDone, loss: progress.loss, learningRate: options.rate(stepsDone - 1) * rateFactor,
      trainEnergyMAE: progress.energyMAE, trainForcesMAE: progress.forcesMAE,
      trainStressMAE: progress.stressMAE)
    if validSet.isEmpty {
      record.score = record.loss
      record.isBest = true
    } else {
      let validation = try errors(of: state[3])
      record.validation = validation.errors
      record.score = validation.score
      record.isBest = validation.score < best?.score ?? .infinity
    }
    recent = RecentErrors()
    history.records.append(record)
    if record.isBest == true, let score = record.score {
      best = Best(step: stepsDone, score: score, parameters: state[3])
    }
    if let score = record.score, !score.isFinite {
      throw ArgumentError(
        "train", "valid",
        "the errors on the validation set are not finite after step \(stepsDone)")
    }
    keepIfGood()
  }

  /// Errors on the validation set, and what they count.
  private func errors(
    of parameters: Tensor
  ) throws -> (errors: PredictionErrors, score: Double) {
    let potential = try potential(parameters)
    let errors =
      try processes.size == 1 ? potential.errors(on: validSet) : sharedErrors(potential)
    return (errors, Self.score(errors, options))
  }

  /// What errors on the validation set count, see ``Best/score``.
  static func score(_ errors: PredictionErrors, _ options: TrainingOptions) -> Double {
    func part(_ weight: Double, _ error: Double?) -> Double {
      error.map { weight > 0 ? weight * $0 * $0 : 0 } ?? 0
    }
    return part(
      options.energyWeight,
      options.energyPerAtom ? errors.energyPerAtomRMSE : errors.energyRMSE)
      + part(options.forcesWeight, errors.forcesRMSE)
      + part(options.stressWeight, errors.stressRMSE)
  }

  /// Scores the best parameters on the present validation set, after it was changed.
  mutating func scoreBestAnew() throws {
    guard let best, !validSet.isEmpty else { return }
    let score = try errors(of: best.parameters).score
    self.best =
      score.isFinite ? Best(step: best.step, score: score, parameters: best.parameters) : nil
  }

  private func potential(_ vector: Tensor) throws -> Potential {
    try Potential(
      configuration: configuration,
      parameters: try layout.parameters(vector).mapTensors { try $0.materialized() },
      elementEnergies: elementEnergies)
  }

  /// The potential with the parameters that did best on the validation set (averaged over steps);
  /// the last good ones before the first validation.
  /// - Throws: `ArgumentError` if no parameters are numbers: never after a step that was good.
  public func bestPotential() throws -> Potential {
    try potential(best?.parameters ?? lastGood().state[3])
  }

  /// The step that ``bestPotential()`` is of.
  public var bestStep: Int { best?.step ?? (try? lastGood().stepsDone) ?? stepsDone }

  /// Mean loss and errors since the last record; nil for labels that the frames since then lack.
  public var progress: TrainingProgress { recent.progress }
}
