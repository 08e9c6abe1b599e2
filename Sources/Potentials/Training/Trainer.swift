public import E3xEngine
internal import E3xNN
internal import Foundation

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
/// Whatever ``advance()`` throws, the trainer stays at the last step that was good:
/// ``bestPotential()`` and ``writeCheckpoint(to:run:)`` may be called then, and never write what is
/// not a number.
public struct Trainer: Sendable {
  /// The parameters that did best.
  public struct Best: Sendable {
    /// The number of steps done when they did.
    public var step: Int
    /// With a validation set the sum of the squares of its mean absolute errors of energies (meV),
    /// force components (meV/Å) and stress components (meV/Å³) times their weights: unlike mean
    /// squared errors it is not ruled by a few frames that are far off. Without one the training
    /// loss.
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
  /// Patterns of the paths of parameters that do not move, see ``init(from:options:train:valid:elementEnergies:members:freezing:)``.
  public let frozen: [String]

  /// Of the parameters of one member.
  let layout: ParameterLayout
  private let trainSet: [Example]
  private let validSet: [LabelledFrame]
  private let step: TrainingStep
  /// Whether stress has a weight, and some training frame has one.
  package let learnsStress: Bool
  /// Of each member parameters, first and second moments, averaged parameters; a vector each.
  var states: [[Tensor]]
  /// Loss and errors since the last record.
  var recent = RecentErrors()
  /// What the last step began with: its loss was a number.
  private var previous: Snapshot?
  /// Of each member.
  private var orders: [(epoch: Int, frames: [Int32])]

  /// What a step changes.
  struct Snapshot: Sendable {
    var stepsDone: Int
    var states: [[Tensor]]
    var recent: RecentErrors
    var history: TrainingHistory
  }

  /// A new training.
  ///
  /// - Parameter model: what is trained; it takes over the scales of the data, see
  ///   ``PotentialModel/adapt(to:)``.
  /// - Parameter train: frames with the labels that have a weight.
  /// - Parameter valid: frames by which the best parameters are chosen; may be empty.
  /// - Parameter elementEnergies: of all elements of the frames; nil for those that are fitted to the
  ///   training energies.
  /// - Parameter members: how many members a committee has, at most 1000; 1 for a single model.
  ///   Member i begins with the parameters, and goes through the frames in the order, of the seed of
  ///   the options plus i. All do their steps side by side; the best of a validation is the committee
  ///   whose mean errs least.
  /// - Throws: `ArgumentError` if the data or the options cannot be trained with, naming the option
  ///   or the set and frame.
  public init(
    model: any PotentialModel, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame], elementEnergies: ElementEnergies? = nil, members: Int = 1
  ) throws {
    try Trainer.check(members: members)
    try Trainer.check(model, options)
    try Trainer.check(
      train, valid, model, options, elements: elementEnergies.map { Set($0.energies.keys) })
    var model = model
    model.adapt(to: try TrainingScales(train, cutoff: model.cutoff))
    let energies = elementEnergies ?? ElementEnergies.fit(train)
    try Trainer.checkLabels(train, energies, model)
    let parameters = try (0..<members).map { member in
      try model.initialParameters(seed: options.seed &+ member)
    }
    try self.init(
      model, options, elementEnergies: energies, layout: ParameterLayout(parameters[0]),
      train: train, valid: valid, members: members)
    try begin(with: parameters)
  }

  /// The state before the first step.
  mutating func begin(with parameters: [Parameters]) throws {
    states = try parameters.map { parameters in
      try step.state(beginningWith: layout.vector(parameters).materialized())
    }
  }

  /// A new training of an attention potential.
  /// - Throws: As ``init(model:options:train:valid:elementEnergies:members:)``.
  public init(
    configuration: PotentialConfiguration, options: TrainingOptions, train: [LabelledFrame],
    valid: [LabelledFrame], elementEnergies: ElementEnergies? = nil, members: Int = 1
  ) throws {
    try self.init(
      model: AttentionPotential(configuration), options: options, train: train, valid: valid,
      elementEnergies: elementEnergies, members: members)
  }

  /// A training without a state yet, of data that were checked.
  init(
    _ model: any PotentialModel, _ options: TrainingOptions,
    elementEnergies: ElementEnergies, layout: ParameterLayout, train: [LabelledFrame],
    valid: [LabelledFrame], members: Int, frozen: [String] = []
  ) throws {
    self.model = model
    self.options = options
    self.elementEnergies = elementEnergies
    self.layout = layout
    (self.members, self.frozen) = (members, frozen)
    let isFrozen = try FrozenParameters(frozen, of: layout).paths
    trainSet = try train.map { frame in
      try Example(frame, elementEnergies: elementEnergies, cutoff: model.cutoff)
    }
    validSet = valid
    learnsStress = options.stressWeight > 0 && trainSet.contains { $0.stress != nil }
    try TrainingCost(parameters: members * layout.count, examples: trainSet).check(model, options)
    step = try Objective(potential: model, layout: layout, frozen: isFrozen)
      .step(options, hasStress: learnsStress)
    states = []
    orders = [(epoch: Int, frames: [Int32])](repeating: (-1, []), count: members)
  }

  /// Whether all steps are done.
  public var isDone: Bool { stepsDone >= options.steps }

  /// The number of parameters, of all members together.
  public var parameterCount: Int { members * layout.count }

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

  /// Does one step, of each member; validates when it is time to.
  ///
  /// - Throws: `ArgumentError` naming `learning_rate` if the loss is no longer a number, and `valid`
  ///   if the errors on the validation set are not; the trainer is then at the last good step.
  public mutating func advance() throws {
    var (nextStates, nextRecent) = (states, recent)
    for member in states.indices {
      let examples = try nextExamples(of: member)
      let batch = try Batch(examples)
      let labels = try BatchLabels(examples, energyIsPerAtom: options.energyPerAtom)
      let (next, loss, errors) = try step(
        states[member], options.numbers(step, stepsDone),
        batch.structure + labels.tensors(hasStress: learnsStress))
      guard loss.isFinite else { throw diverged(at: stepsDone + 1) }
      nextStates[member] = next
      nextRecent.add(
        loss: loss, energies: try errors[0].item(), forces: try errors[1].item(),
        stress: learnsStress ? try errors[2].item() : 0, labels.counts)
    }
    previous = Snapshot(stepsDone: stepsDone, states: states, recent: recent, history: history)
    (states, recent) = (nextStates, nextRecent)
    stepsDone += 1
    if stepsDone % options.validationInterval == 0 || isDone { try validate() }
  }

  /// Goes back to what the last step began with; it made parameters of which nothing comes.
  private mutating func diverged(at failed: Int) -> ArgumentError {
    if let previous {
      (stepsDone, states) = (previous.stepsDone, previous.states)
      (recent, history) = (previous.recent, previous.history)
      self.previous = nil
    }
    return ArgumentError(
      "train", "learning_rate",
      "the loss is not finite at step \(failed): a lower rate may help, received "
        + "\(OptionNumber.Value.real(options.learningRate))")
  }

  /// The last state that is all numbers.
  func lastGood() throws -> Snapshot {
    let current = Snapshot(stepsDone: stepsDone, states: states, recent: recent, history: history)
    for snapshot in [current, previous].compactMap(\.self)
    where try snapshot.states.allSatisfy(Self.isFinite) {
      return snapshot
    }
    throw ArgumentError("train", "learning_rate", "the parameters are not finite")
  }

  private static func isFinite(_ state: [Tensor]) throws -> Bool {
    try state.allSatisfy { try $0.scalars(as: Float.self).allSatisfy(\.isFinite) }
  }

  /// Frames in an order that every epoch shuffles anew.
  private mutating func nextExamples(of member: Int) throws -> [Example] {
    let count = trainSet.count
    let first = stepsDone * options.batchSize
    var examples: [Example] = []
    for position in first..<(first + options.batchSize) {
      let epoch = position / count
      if orders[member].epoch != epoch {
        let key = RandomKey(seed: options.seed &+ member)
          .folding(in: UInt32(truncatingIfNeeded: epoch + 1))
        orders[member] = (epoch, try key.permutation(count))
      }
      examples.append(trainSet[Int(orders[member].frames[position % count])])
    }
    return examples
  }

  private mutating func validate() throws {
    let progress = progress
    var record = TrainingHistory.Record(
      step: stepsDone, loss: progress.loss, learningRate: options.rate(stepsDone - 1),
      trainEnergyMAE: progress.energyMAE, trainForcesMAE: progress.forcesMAE,
      trainStressMAE: progress.stressMAE)
    if validSet.isEmpty {
      record.score = record.loss
      record.isBest = true
    } else {
      guard try Self.isFinite(states.map { $0[3] }) else { throw diverged(at: stepsDone) }
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
  }

  /// Errors on the validation set, and what they count.
  private func errors(
    of parameters: Tensor
  ) throws -> (errors: PredictionErrors, score: Double) {
    let errors = try potential(parameters).errors(on: validSet)
    return (errors, Self.score(errors, options))
  }

  /// What errors on the validation set count, see ``Best/score``.
  static func score(_ errors: PredictionErrors, _ options: TrainingOptions) -> Double {
    func part(_ weight: Double, _ error: Double?) -> Double {
      error.map { weight > 0 ? weight * $0 * $0 : 0 } ?? 0
    }
    return part(
      options.energyWeight, options.energyPerAtom ? errors.energyPerAtomMAE : errors.energyMAE)
      + part(options.forcesWeight, errors.forcesMAE)
      + part(options.stressWeight, errors.stressMAE)
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
