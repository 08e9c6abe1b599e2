internal import E3xEngine
internal import E3xFiles
internal import OrderedCollections

/// What a program in another language asks of a training: an object in JSON.
///
/// Keys: `preset` (its name; `default` if nothing is said), `model` (the kind, of which there are no
/// presets but for `attention`), `config` (an object: what is changed of the model's configuration),
/// `from` (the file of a potential to begin with), `freeze` (paths of parameters that do not move),
/// `committee` (how many members), `minutes` (in place of `steps`), and those of ``TrainingOptions``,
/// under their names in files. What is not given has the values of `e3x train`.
package struct TrainingRequest {
  /// What it begins with, if with a potential.
  private let potential: Potential?
  private let model: any PotentialModel
  private var options: TrainingOptions
  private let given: Set<String>
  private let members: Int?
  private let frozen: [String]
  private let minutes: Double?

  /// What errors about the request have as their file.
  package static let name = "options"

  private static let ownKeys = [
    "preset", "model", "config", "from", "freeze", "committee", "minutes",
  ]

  /// Reads a request.
  /// - Throws: `FileError` for what is no JSON, and naming the key that is none, or whose value is of
  ///   another kind or out of its range, or says what another one does; `ArgumentError` naming what of
  ///   the model cannot be.
  package init(_ text: String) throws {
    var members = try JSONMembers(parsing: text, file: Self.name, place: "")
    let preset: PotentialPreset = try members.choice("preset") ?? .default
    let kind = try members.string("model")
    let file = try members.string("from")
    for (key, other) in [("preset", "from"), ("model", "from"), ("config", "from")]
    where members.keys.contains(key) && members.keys.contains(other) {
      throw members.failure(key, "says what \(quoted(other)) does: give one of them")
    }
    frozen = try members.strings("freeze") ?? []
    guard frozen.isEmpty || file != nil else {
      throw members.failure("freeze", "needs \"from\": random parameters are not worth keeping")
    }
    self.members = try members.integer("committee")
    minutes = try members.real("minutes")
    if let minutes, minutes <= 0 || minutes > 1e6 {
      throw members.failure("minutes", "must be positive and at most 1000000, found \(minutes)")
    }
    if minutes != nil, members.keys.contains("steps") {
      throw members.failure("minutes", "says what \"steps\" does: give one of them")
    }
    potential = try file.map { try Potential(contentsOf: $0) }
    model = try potential?.model ?? Self.model(kind, preset, &members)
    (options, given) = try Self.options(preset, &members)
  }

  private static func model(
    _ name: String?, _ preset: PotentialPreset, _ members: inout JSONMembers
  ) throws -> any PotentialModel {
    var model: any PotentialModel = AttentionPotential(preset.configuration)
    if let name, name != AttentionPotential.kind {
      let known = try PotentialModels()
      guard let kind = known.kind(name) else {
        throw members.failure(
          "model", "is \(quoted(name)), expected one of \(known.names.joined(separator: ", "))")
      }
      model = kind.init()
    }
    guard let changes = members.value("config") else { return model }
    guard case .object(let values) = changes else {
      throw members.failure("config", "expected an object, found \(changes.kind)")
    }
    model = try model.changing(values)
    try model.check()
    return model
  }

  /// The options of a preset with those that are given.
  private static func options(
    _ preset: PotentialPreset, _ members: inout JSONMembers
  ) throws -> (TrainingOptions, Set<String>) {
    let text = try TrainingJSON.text(preset.options)
    guard case .object(var values) = try JSON(parsing: Array(text.utf8)) else {
      preconditionFailure("options are an object")
    }
    var given: Set<String> = []
    for key in members.keys where !ownKeys.contains(key) {
      guard values[key] != nil else {
        throw members.failure(key, "is none" + NearestName.hint(key, among: ownKeys + values.keys))
      }
      values[key] = members.value(key)
      given.insert(key)
    }
    return (
      try TrainingOptions(
        JSONMembers(.object(values), file: members.file, place: members.place)),
      given
    )
  }

  /// Trains.
  ///
  /// - Parameter observe: called after each validation and about every second; whether to go on.
  /// - Parameter keep: given the best potential whenever there is a new one, and at the end.
  /// - Throws: `ArgumentError` naming what of the data or the options cannot be trained with; what
  ///   `observe` and `keep` throw.
  package func run(
    train: [LabelledFrame], valid: [LabelledFrame],
    observe: (TrainingObservation) throws -> Bool, keep: (Potential, TrainingOptions) throws -> Void
  ) throws {
    let start = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - start) / .seconds(1) }
    var trainer = try trainer(StoredFrames(train), StoredFrames(valid))
    var budget = minutes.map {
      TimeBudget(
        seconds: 60 * $0, batchSize: trainer.options.batchSize, validationFrames: valid.count,
        reportFrames: 0)
    }
    if budget != nil {
      trainer.schedule(steps: 1 << 26, validationInterval: 1 << 26, warmupSteps: 100)
    }
    var seen = 0.0
    while !trainer.isDone {
      let (records, begin) = (trainer.history.records.count, elapsed())
      let recent = trainer.progress
      try trainer.advance()
      let validated = trainer.history.records.count > records
      budget?.record(step: elapsed() - begin, validated: validated)
      if !trainer.isDone,
        let plan = budget?.plan(stepsDone: trainer.stepsDone, elapsed: elapsed())
      {
        trainer.schedule(
          steps: plan.steps,
          validationInterval: given.contains("validation_interval")
            ? options.validationInterval : plan.validationInterval,
          warmupSteps: max(5, plan.steps / 20))
      }
      let record = validated ? trainer.history.records.last : nil
      if record?.isBest == true { try keep(trainer.bestPotential(), trainer.options) }
      guard record != nil || elapsed() - seen > 1 else { continue }
      seen = elapsed()
      let observation = TrainingObservation(
        step: trainer.stepsDone, steps: trainer.options.steps, seconds: seen,
        recent: validated ? recent : trainer.progress, record: record)
      if try !observe(observation) { break }
    }
    try keep(trainer.bestPotential(), trainer.options)
  }

  private func trainer(_ train: StoredFrames, _ valid: StoredFrames) throws -> Trainer {
    var options = options
    var usual = options
    usual.adapt(
      to: train, energyPerAtom: given.contains("energy_per_atom") ? options.energyPerAtom : nil)
    if !given.contains("batch_size") { options.batchSize = usual.batchSize }
    options.energyPerAtom = usual.energyPerAtom
    if !given.contains("energy_weight") { options.energyWeight = usual.energyWeight }
    if !given.contains("forces_weight") { options.forcesWeight = usual.forcesWeight }
    if !given.contains("stress_weight") { options.stressWeight = usual.stressWeight }
    guard let potential else {
      return try Trainer(
        model: model, options: options, train: train, valid: valid, members: members ?? 1)
    }
    return try Trainer(
      from: potential, options: options, train: train, valid: valid, members: members,
      freezing: frozen)
  }
}

/// How far a training is.
package struct TrainingObservation {
  /// Steps done, and how many there are.
  package let step: Int
  package let steps: Int
  /// Since the beginning.
  package let seconds: Double
  /// Loss and errors on training frames since the last validation.
  package let recent: TrainingProgress
  /// The validation after this step, if there was one.
  package let record: TrainingHistory.Record?
}

extension TrainingOptions {
  /// Takes what is usual for these frames: the batch size, whether errors of energies are per atom
  /// (of structures that repeat), and the weights that go with the losses.
  /// - Parameter energyPerAtom: nil for what is usual.
  package mutating func adapt(to frames: StoredFrames, energyPerAtom: Bool? = nil) {
    batchSize = Self.usualBatchSize(frames)
    self.energyPerAtom = energyPerAtom ?? (frames.periodicCount > 0)
    takeUsualWeights(stress: frames.count(of: .stress) > 0)
  }
}
