internal import E3xEngine
internal import E3xFiles
internal import E3xLimits
internal import E3xNN

/// What a training wrote on its way, read again: enough to go on from there.
public struct TrainingCheckpoint: Sendable {
  /// What is trained.
  public let model: any PotentialModel
  /// How it was trained.
  public let options: TrainingOptions
  /// The energies of the elements; nil in checkpoints of versions that fitted them anew.
  public let elementEnergies: ElementEnergies?
  /// How many members the committee has that is trained; 1: it is a single model.
  public let members: Int
  /// Patterns of the paths of parameters that do not move.
  public let frozen: [String]
  /// The number of steps done.
  public var stepsDone: Int { counters.stepsDone }
  /// What was given to ``Trainer/writeCheckpoint(to:run:)``.
  public let run: String?
  /// The path it was read from.
  public var path: String { file.file }

  fileprivate let file: SafetensorsFile
  fileprivate let counters: Counters

  fileprivate struct Counters: Codable {
    var stepsDone: Int
    var recent: RecentErrors
    var bestScore: Double?
    var bestStep: Int?
    var history: TrainingHistory
    /// Of what the training goes back to: steps done and records. Nil in checkpoints of versions
    /// that did not go back.
    var safeStep: Int?
    var safeRecords: Int?
    var halvings: Int?
    var firstLoss: Double?
    /// How many frames each member has taken, now and where the training goes back to. Nil in
    /// checkpoints of versions in which all steps took as many.
    var taken: [Int]?
    var safeTaken: [Int]?

    /// Whether these can be numbers of a training.
    var isPlausible: Bool {
      (0...stepsDone).contains(safeStep ?? 0)
        && (0...history.records.count).contains(safeRecords ?? 0)
        && (0...Trainer.mostHalvings).contains(halvings ?? 0)
        && [taken, safeTaken].allSatisfy { ($0 ?? []).allSatisfy { $0 >= 0 && $0 < 1 << 62 } }
    }
  }

  /// The format that is written, and one that is read.
  fileprivate static let format = "swift-e3x checkpoint 2"
  private static let formatBefore = "swift-e3x checkpoint 1"

  /// Reads a checkpoint.
  /// - Parameter models: the kinds of models that may have been trained, beside
  ///   ``PotentialModels/builtIn``.
  /// - Throws: `FileError` if the file is none, naming the key of a value that cannot be, or a kind
  ///   of model that is not known; `ArgumentError` naming `models` for two of one name.
  public init(contentsOf path: String, models: [any PotentialModel.Type] = []) throws {
    let models = try PotentialModels(models)
    let file = try SafetensorsFile(contentsOf: path)
    guard let format = file.metadata["format"], [Self.format, Self.formatBefore].contains(format)
    else {
      throw FileError(
        file: path, place: "metadata",
        reason: "not a checkpoint: 'format' must be '\(Self.format)', found "
          + (file.metadata["format"].map { "'\($0)'" } ?? "nothing"))
    }
    self.file = file
    model = try models.model(file)
    options = try TrainingOptions(file.members("options"))
    counters = try file.value("counters")
    run = file.metadata["run"]
    members = try file.committeeMembers()
    frozen = file.metadata["frozen"] == nil ? [] : try file.value("frozen")
    elementEnergies =
      format == Self.format
      ? try ElementEnergies(
        file.members("element_energies"), numEmbeddings: model.numEmbeddings) : nil
    do {
      try Trainer.check(model, options)
    } catch {
      throw FileError(
        file: path, place: "metadata 'options'",
        reason: "\(quoted(error.argument)): \(error.reason)")
    }
    guard (0...TrainingOptions.greatestCount).contains(counters.stepsDone),
      Size.product(counters.stepsDone + 1, options.batchSize) != nil
    else { throw failure("\"stepsDone\": \(counters.stepsDone) steps cannot be") }
    guard counters.recent.isPlausible else { throw failure("\"recent\": counts that cannot be") }
    guard counters.isPlausible else {
      throw failure(
        "\"safeStep\", \"safeRecords\", \"halvings\", \"taken\": numbers that cannot be")
    }
  }

  private func failure(_ reason: String) -> FileError {
    FileError(file: path, place: "metadata 'counters'", reason: reason)
  }
}

extension SafetensorsFile {
  /// The JSON value in a file's metadata.
  fileprivate func value<Value: Decodable>(_ key: String) throws(FileError) -> Value {
    guard let text = metadata[key] else {
      throw FileError(file: file, place: "metadata", reason: "there is no '\(key)'")
    }
    return try TrainingJSON.value(of: text, file: file, place: "metadata '\(key)'")
  }
}

extension ElementEnergies {
  /// By atomic number as text, as files have them.
  fileprivate var byNumber: [String: Double] {
    Dictionary(uniqueKeysWithValues: energies.map { (String($0.key), $0.value) })
  }
}

extension Trainer {
  /// Writes all that a training needs to go on: parameters, moments, averages, history.
  ///
  /// Should the last step have made what is not a number, the step before is written.
  /// - Parameter run: text that ``TrainingCheckpoint/run`` gives back.
  /// - Throws: `FileError` for what the system reports.
  public func writeCheckpoint(to path: String, run: String? = nil) throws {
    let good = try lastGood()
    var tensors: [String: SafetensorsTensor] = [:]
    func add(_ name: String, _ tensor: Tensor) throws {
      tensors[name] = SafetensorsTensor(
        try tensor.scalars(as: Float.self), shape: [parameterCount])
    }
    for (index, name) in Self.vectors.enumerated() {
      try add(name, Self.vector(index, of: good.states))
    }
    if let best { try add("best", best.parameters) }
    // The present state is there.
    if safe.stepsDone != good.stepsDone {
      for (index, name) in Self.vectors.enumerated() {
        try add(Self.safePrefix + name, Self.vector(index, of: safe.states))
      }
    }
    let counters = TrainingCheckpoint.Counters(
      stepsDone: good.stepsDone, recent: good.recent, bestScore: best?.score, bestStep: best?.step,
      history: good.history, safeStep: safe.stepsDone, safeRecords: safe.history.records.count,
      halvings: halvings, firstLoss: firstLoss, taken: good.taken, safeTaken: safe.taken)
    var metadata = [
      "format": TrainingCheckpoint.format, "model": type(of: model).kind,
      "config": try TrainingJSON.text(model),
      "options": try TrainingJSON.text(options), "counters": try TrainingJSON.text(counters),
      "element_energies": try TrainingJSON.text(elementEnergies.byNumber),
    ]
    metadata["run"] = run
    if members > 1 { metadata["members"] = "\(members)" }
    if !frozen.isEmpty { metadata["frozen"] = try TrainingJSON.text(frozen) }
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
  }

  private static let vectors = ["parameters", "first_moment", "second_moment", "average"]
  private static let safePrefix = "safe_"

  /// Goes on from a checkpoint, with the data that it was trained on.
  ///
  /// With the same data and options the steps that follow are, to the bit, those of a training that
  /// never stopped.
  /// - Parameters:
  ///   - train: the frames as before, in their order.
  ///   - valid: the frames as before.
  ///   - options: other options than before; nil to keep them. Steps, rate, warm-up and interval may
  ///     change.
  ///   - scoresAnew: whether the best parameters so far are scored on `valid`, which has changed.
  /// - Throws: `FileError` if the file is no checkpoint or does not fit, and for frames that cannot be
  ///   read; `ArgumentError` for an option that may not change and for data that cannot be trained
  ///   with.
  public init(
    resuming checkpoint: TrainingCheckpoint, train: StoredFrames, valid: StoredFrames,
    options: TrainingOptions? = nil, scoresAnew: Bool = false
  ) throws {
    let model = checkpoint.model
    let options = options ?? checkpoint.options
    for change in options.numbers.changes(from: checkpoint.options.numbers) where !change.isAllowed
    {
      throw ArgumentError(
        "train", change.name,
        "cannot change when a training goes on: was \(change.old), received \(change.new)")
    }
    try Trainer.check(model, options)
    let known = checkpoint.elementEnergies.map { Set($0.energies.keys) }
    try Trainer.check(train, valid, model, options, elements: known)
    let energies = try checkpoint.elementEnergies ?? ElementEnergies.fit(train)
    try Trainer.checkLabels(train, energies, model)
    let layout = try ParameterLayout(model.initialParameters(seed: options.seed))
    try self.init(
      model, options, elementEnergies: energies, layout: layout, train: train,
      valid: valid, members: checkpoint.members, frozen: checkpoint.frozen)
    states = try states(in: checkpoint)
    let counters = checkpoint.counters
    (stepsDone, recent, history) = (counters.stepsDone, counters.recent, counters.history)
    firstLoss = counters.firstLoss
    let taken = try checkpoint.taken(counters.taken, stepsDone)
    for (member, taken) in taken.enumerated() { orders[member].position = taken }
    safe = try safe(in: checkpoint)
    // A rate that is given anew is as it is given.
    let isSameRate = options.learningRate == checkpoint.options.learningRate
    halvings = isSameRate ? counters.halvings ?? 0 : 0
    if let score = counters.bestScore {
      let step = counters.bestStep ?? history.step(ofScore: score) ?? stepsDone
      best = Best(
        step: step, score: score, parameters: try checkpoint.vector("best", count: parameterCount))
    }
    // Versions that do not say what was taken had other scores.
    if scoresAnew || counters.taken == nil { try scoreBestAnew() }
  }

  /// The states of all members.
  private func states(
    in checkpoint: TrainingCheckpoint, prefix: String = ""
  ) throws -> [[Tensor]] {
    let vectors = try Self.vectors.map {
      try members(of: checkpoint.vector(prefix + $0, count: parameterCount))
    }
    return (0..<members).map { member in vectors.map { $0[member] } }
  }

  /// What a training that goes on goes back to where a loss is not finite.
  private func safe(in checkpoint: TrainingCheckpoint) throws -> Snapshot {
    let counters = checkpoint.counters
    guard let step = counters.safeStep, let records = counters.safeRecords, step < stepsDone else {
      return snapshot
    }
    var history = history
    history.records.removeSubrange(records...)
    return Snapshot(
      stepsDone: step, states: try states(in: checkpoint, prefix: Self.safePrefix),
      recent: RecentErrors(), history: history,
      taken: try checkpoint.taken(counters.safeTaken, step))
  }
}

extension TrainingCheckpoint {
  /// How many frames each member has taken at a step.
  fileprivate func taken(_ written: [Int]?, _ step: Int) throws(FileError) -> [Int] {
    let taken = written ?? [Int](repeating: step * options.batchSize, count: members)
    guard taken.count == members else {
      throw failure("\"taken\": \(taken.count) numbers, expected \(members)")
    }
    return taken
  }

  fileprivate func vector(_ name: String, count: Int) throws -> Tensor {
    func failure(_ reason: String) -> FileError {
      FileError(file: path, place: "tensor '\(name)'", reason: reason)
    }
    let stored = try file.tensor(name)
    guard stored.shape == [count] else {
      throw failure("has shape \(stored.shape), expected [\(count)]")
    }
    let numbers: [Float] = try stored.floats()
    if let index = numbers.firstIndex(where: { !$0.isFinite }) {
      throw failure("element \(index) is \(numbers[index]), not a finite number")
    }
    return try Tensor(numbers, shape: [count])
  }
}

extension TrainingHistory {
  /// The step whose validation gave a score, or the last.
  fileprivate func step(ofScore score: Double) -> Int? {
    (records.first { $0.score == score } ?? records.last)?.step
  }
}
