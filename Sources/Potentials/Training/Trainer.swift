public import E3xEngine
internal import E3xNN
internal import E3xParallel
internal import E3xSystem

/// Trains a potential on energies and forces, step by step.
///
/// A trainer is a value: its state after a number of steps depends on data, configuration and
/// options alone, so that interrupted runs go on exactly where they stopped.
///
///     var trainer = try Trainer(
///       model: AttentionPotential(), options: options, train: train, valid: valid)
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
    /// With a validation set what its mean absolute errors of energies (eV), force components (eV/Å)
    /// and stress components (eV/Å³) count by the losses of the labels, times their weights at the
    /// end: unlike mean squared errors it is not ruled by a few frames that are far off. Without one
    /// the training loss.
    public var score: Double
    /// Averaged over steps; one vector, in which those of members follow each other.
    public var parameters: Tensor
  }

  /// What is trained.
  public let model: any PotentialModel
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

  /// How many members the committee that is trained has; 1: it is a single model.
  public let members: Int
  /// Patterns of the paths of parameters that do not move, see ``init(from:options:train:valid:elementEnergies:members:freezing:)-(_,_,StoredFrames,_,_,_,_)``.
  public let frozen: [String]

  /// Of the parameters of one member.
  let layout: ParameterLayout
  private let trainSet: TrainingExamples
  let validSet: StoredFrames
  var step: TrainingStep
  /// The processes that share each batch.
  var processes: any Communicator = SingleProcess()
  /// Whether stress has a weight, and some training frame has one.
  package let learnsStress: Bool
  /// Of each member parameters, first and second moments, averaged parameters; a vector each.
  var states: [[Tensor]]
  /// Loss and errors since the last record.
  var recent = RecentErrors()
  /// What the last step began with: its loss was a number.
  var previous: Snapshot?
  /// What the training goes back to where a loss is not finite.
  var safe: Snapshot
  /// The loss of the first step, before anything was learned.
  var firstLoss: Double?
  /// How often the rate was halved since it was given.
  var halvings = 0
  /// Of the frames, of each member.
  var orders: [FrameOrder]

  /// What a step changes.
  struct Snapshot: Sendable {
    var stepsDone: Int
    var states: [[Tensor]]
    var recent: RecentErrors
    var history: TrainingHistory
    /// How many frames each member has taken.
    var taken: [Int]
  }

  /// A new training.
  ///
  /// - Parameter model: what is trained; it takes over the scales of the data, see
  ///   ``PotentialModel/adapt(to:)``.
  /// - Parameter train: frames with the labels that have a weight. Pairs of atoms are kept for as
  ///   many as memory may hold; those of others are looked for at each step that takes them, which
  ///   changes no bit.
  /// - Parameter valid: frames by which the best parameters are chosen; may be empty.
  /// - Parameter elementEnergies: of all elements of the frames; nil for those that are fitted to the
  ///   training energies.
  /// - Parameter members: how many members a committee has, at most 1000; 1 for a single model.
  ///   Member i begins with the parameters, and goes through the frames in the order, of the seed of
  ///   the options plus i. All do their steps side by side; the best of a validation is the committee
  ///   whose mean errs least.
  /// - Throws: `ArgumentError` if the data or the options cannot be trained with, naming the option
  ///   or the set and frame; `FileError` for frames that cannot be read.
  public init(
    model: any PotentialModel, options: TrainingOptions, train: StoredFrames,
    valid: StoredFrames, elementEnergies: ElementEnergies? = nil, members: Int = 1
  ) throws {
    try Trainer.check(members: members)
    try Trainer.check(model, options)
    try Trainer.check(
      train, valid, model, options, elements: elementEnergies.map { Set($0.energies.keys) })
    var model = model
    model.adapt(to: try TrainingScales(train, cutoff: model.cutoff))
    let energies = try elementEnergies ?? ElementEnergies.fit(train)
    try Trainer.checkLabels(train, energies, model)
    let parameters = try (0..<members).map { member in
      try model.initialParameters(seed: options.seed &+ member)
    }
    try self.init(
      model, options, elementEnergies: energies, layout: ParameterLayout(parameters[0]),
      train: train, valid: valid, members: members)
    try begin(with: parameters)
  }

  /// Takes the state before the first step.
  mutating func begin(with parameters: [Parameters]) throws {
    states = try beginning(with: parameters)
    safe.states = states
  }

  /// The state before the first step.
  func beginning(with parameters: [Parameters]) throws -> [[Tensor]] {
    try parameters.map { parameters in
      try step.state(beginningWith: layout.vector(parameters).materialized())
    }
  }

  /// A training without a state yet, of data that were checked.
  init(
    _ model: any PotentialModel, _ options: TrainingOptions,
    elementEnergies: ElementEnergies, layout: ParameterLayout, train: StoredFrames,
    valid: StoredFrames, members: Int, frozen: [String] = []
  ) throws {
    self.model = model
    self.options = options
    self.elementEnergies = elementEnergies
    self.layout = layout
    (self.members, self.frozen) = (members, frozen)
    let isFrozen = try FrozenParameters(frozen, of: layout).paths
    let counts = try MeanCounts(train, cutoff: model.cutoff)
    try TrainingCost(parameters: members * layout.count, rows: counts.rows).check(model, options)
    trainSet = try TrainingExamples(
      train, elementEnergies: elementEnergies, cutoff: model.cutoff)
    validSet = valid
    learnsStress = options.greatestWeights.stress > 0 && train.counts.withVolumeAndStress > 0
    step = try Objective(potential: model, layout: layout, frozen: isFrozen)
      .step(options, hasStress: learnsStress)
    states = []
    orders = (0..<members).map { FrameOrder(seed: options.seed &+ $0, count: train.count) }
    safe = Snapshot(
      stepsDone: 0, states: [], recent: RecentErrors(), history: TrainingHistory(),
      taken: orders.map(\.position))
  }

  /// Whether all steps are done, or the training has ended early.
  public var isDone: Bool { stepsDone >= options.steps || endedEarly }

  /// Whether the training ended before its last step, as so many validations as
  /// ``TrainingOptions/patience`` says gave no better score.
  public var endedEarly: Bool {
    guard options.patience > 0, stepsDone < options.steps, let best else { return false }
    return history.records.reversed().prefix { $0.step > best.step }.count >= options.patience
  }

  /// The number of parameters, of all members together.
  public var parameterCount: Int { members * layout.count }

  /// Whether some training frame has a pair of atoms within the cutoff.
  /// - Throws: `FileError` for frames that cannot be read.
  package func hasPairs() throws -> Bool { try trainSet.havePairs() }

  /// Takes over how many steps there are, how many of them lie between validations, and in how many
  /// the rate rises at most: what a ``TimeBudget`` says.
  /// - Parameter steps: those that are done included, of which there are fewer.
  public mutating func schedule(steps: Int, validationInterval: Int, warmupSteps: Int) {
    options.steps = max(steps, stepsDone + 1)
    options.validationInterval = max(validationInterval, 1)
    options.warmupSteps = min(options.warmupSteps, max(warmupSteps, 0))
  }

  /// Does one step, of each member; validates when it is time to.
  ///
  /// - Throws: `ArgumentError` naming `learning_rate` if the loss is no longer a number, and lower
  ///   rates did not help, and `valid` if the errors on the validation set are not; `FileError` for
  ///   frames that cannot be read; the trainer is then at the last good step.
  public mutating func advance() throws {
    var (nextStates, nextRecent, nextOrders) = (states, recent, orders)
    for member in states.indices {
      let examples = try nextOrders[member].next(
        options.batchSize(at: stepsDone), mostPairs: options.batchPairs
      ) { try trainSet.example($0) }
      let (next, loss, errors, counts) =
        try processes.size == 1
        ? outcome(examples, of: member) : sharedOutcome(examples, of: member)
      guard loss.isFinite else { return try goBack(from: stepsDone + 1) }
      if stepsDone == 0 { firstLoss = max(firstLoss ?? 0, loss) }
      nextStates[member] = next
      nextRecent.add(
        loss: loss, energies: errors[0], forces: errors[1], stress: learnsStress ? errors[2] : 0,
        counts)
    }
    previous = snapshot
    (states, recent, orders) = (nextStates, nextRecent, nextOrders)
    stepsDone += 1
    if stepsDone % options.validationInterval == 0 || isDone { try validate() }
  }

  /// The present state.
  var snapshot: Snapshot {
    Snapshot(
      stepsDone: stepsDone, states: states, recent: recent, history: history,
      taken: orders.map(\.position))
  }

  /// Goes back to a state.
  mutating func restore(_ snapshot: Snapshot) {
    (stepsDone, states) = (snapshot.stepsDone, snapshot.states)
    (recent, history) = (snapshot.recent, snapshot.history)
    for (member, taken) in snapshot.taken.enumerated() { orders[member].position = taken }
  }

  /// The last state that is all numbers.
  func lastGood() throws -> Snapshot {
    for snapshot in [snapshot, previous].compactMap(\.self)
    where try snapshot.states.allSatisfy(Self.isFinite) {
      return snapshot
    }
    throw ArgumentError("train", "learning_rate", "the parameters are not finite")
  }

  static func isFinite(_ state: [Tensor]) throws -> Bool {
    try state.allSatisfy { try $0.scalars(as: Float.self).allSatisfy(\.isFinite) }
  }

  /// What a step gives: the state after it, the loss, the sums of errors, and of how many numbers.
  typealias Outcome = (state: [Tensor], loss: Double, errors: [Double], counts: BatchLabels.Counts)

  private func outcome(_ examples: [Example], of member: Int) throws -> Outcome {
    let batch = try Batch(examples)
    let labels = try BatchLabels(
      examples, energyIsPerAtom: options.energyPerAtom, factors: options.factors(at: stepsDone))
    let (next, loss, errors) = try step(
      states[member], options.numbers(step, stepsDone, rateFactor: rateFactor),
      batch.structure + labels.tensors(hasStress: learnsStress))
    return (next, loss, try errors.map { try $0.item() }, labels.counts)
  }

  private mutating func validate() throws {
    guard try states.allSatisfy(Self.isFinite) else { return try goBack(from: stepsDone) }
    let progress = progress
    var record = TrainingHistory.Record(
      step: stepsDone, loss: progress.loss, learningRate: options.rate(stepsDone - 1) * rateFactor,
      trainEnergyMAE: progress.energyMAE, trainForcesMAE: progress.forcesMAE,
      trainStressMAE: progress.stressMAE)
    if validSet.isEmpty {
      record.score = record.loss
      record.isBest = true
    } else {
      let validation = try errors(of: Self.vector(3, of: states))
      record.validation = validation.errors
      record.score = validation.score
      record.isBest = validation.score < best?.score ?? .infinity
    }
    recent = RecentErrors()
    history.records.append(record)
    if record.isBest == true, let score = record.score {
      best = Best(step: stepsDone, score: score, parameters: try Self.vector(3, of: states))
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
    let weights = options.lastWeights
    func part(_ weight: Double, _ loss: TrainingLoss, _ error: Double?) -> Double {
      error.map { weight > 0 ? weight * loss.count(of: 1e-3 * $0) : 0 } ?? 0
    }
    return part(
      weights.energy, options.energyLoss,
      options.energyPerAtom ? errors.energyPerAtomMAE : errors.energyMAE)
      + part(weights.forces, options.forcesLoss, errors.forcesMAE)
      + part(weights.stress, options.stressLoss, errors.stressMAE)
  }

  /// Scores the best parameters on the present validation set, after it was changed.
  mutating func scoreBestAnew() throws {
    guard let best, !validSet.isEmpty else { return }
    let score = try errors(of: best.parameters).score
    self.best =
      score.isFinite ? Best(step: best.step, score: score, parameters: best.parameters) : nil
  }

  private func potential(_ vector: Tensor) throws -> Potential {
    let trees = try members(of: vector).map { vector in
      try layout.parameters(vector).mapTensors { try $0.materialized() }
    }
    return try Potential(
      model: model, parameters: Committee.tree(trees), elementEnergies: elementEnergies,
      members: members)
  }

  /// One of the vectors of a state, those of all members one after the other.
  static func vector(_ index: Int, of states: [[Tensor]]) throws -> Tensor {
    if states.count == 1 { return states[0][index] }
    return try Tensor.concatenate(states.map { $0[index] }, axis: 0).materialized()
  }

  /// The parts of such a vector that belong to members.
  func members(of vector: Tensor) throws -> [Tensor] {
    if members == 1 { return [vector] }
    return try (0..<members).map { member in
      try vector.sliced((member * layout.count)..<((member + 1) * layout.count), axis: 0)
        .materialized()
    }
  }

  /// The potential with the parameters that did best on the validation set (averaged over steps);
  /// the last good ones before the first validation.
  /// - Throws: `ArgumentError` if no parameters are numbers: never after a step that was good.
  public func bestPotential() throws -> Potential {
    try potential(best?.parameters ?? Self.vector(3, of: lastGood().states))
  }

  /// The step that ``bestPotential()`` is of.
  public var bestStep: Int { best?.step ?? (try? lastGood().stepsDone) ?? stepsDone }

  /// Mean loss and errors since the last record; nil for labels that the frames since then lack.
  public var progress: TrainingProgress { recent.progress }
}
