internal import E3xFiles
internal import E3xSystem

/// What a training run left behind: the page about it.
extension TrainingReport {
  /// A report of a finished (or interrupted) training.
  ///
  /// A report is always made: what cannot be computed is named in it with the reason.
  /// - Parameters:
  ///   - trainer: the training, whose history, options and best potential are shown.
  ///   - sets: names and frames of the data sets whose errors are shown; the plots of predictions
  ///     are of the last one that has any.
  ///   - seconds: the time that training took, over all times that it was resumed.
  ///   - run: what the trainer does not know.
  public init(
    _ trainer: Trainer, sets: [(name: String, frames: [LabelledFrame])], seconds: Double,
    run: Run = Run()
  ) {
    self.init(
      trainer, stored: sets.map { ($0.name, StoredFrames($0.frames)) }, seconds: seconds, run: run)
  }

  /// A report of a finished (or interrupted) training on frames of which memory need not hold all,
  /// as ``init(_:sets:seconds:run:)``.
  /// - Parameter mostValues: of how many values of a set predictions are drawn, about, at most: they
  ///   are in memory. Of larger sets every second frame is drawn, or fourth and so on; errors are
  ///   those of all frames.
  public init(
    _ trainer: Trainer, stored sets: [(name: String, frames: StoredFrames)], seconds: Double,
    run: Run = Run(), mostValues: Int = 1_000_000
  ) {
    let count = ReportText.count(trainer.parameterCount, "parameter")
    let kind = type(of: trainer.model).kind.replacing("_", with: " ")
    self.init(
      name: run.name,
      model: trainer.members == 1
        ? "\(kind) potential with \(count)"
        : "committee of \(trainer.members) \(kind) potentials with \(count) together")
    (date, program) = (run.date, run.program)
    (dataSets, changes, warnings) = (run.dataSets, run.changes, run.warnings)
    do {
      let potential = try trainer.bestPotential()
      written = Self.writtenStep(trainer)
      for (name, frames) in sets where !frames.isEmpty {
        add(potential, set: name, frames, mostValues: mostValues)
      }
    } catch {
      failures.append(Failure(.errors, part: "errors", reason: "\(error)"))
    }
    add(trainer.history)
    add(trainer, seconds: seconds)
    facts += run.facts
  }

  /// Adds the errors on a set; its predictions are shown from now on.
  private mutating func add(
    _ potential: Potential, set: String, _ frames: StoredFrames, mostValues: Int
  ) {
    var summary = PredictionSummary(
      set: set, elementEnergies: potential.elementEnergies, mostValues: mostValues)
    do {
      try potential.predict(frames) { summary.add($0, $1) }
    } catch {
      failures.append(Failure(.errors, part: "errors of the \(set) set", reason: "\(error)"))
      return
    }
    do {
      try summary.addAttention(of: potential)
    } catch {
      failures.append(
        Failure(.predictions, part: "attention in frames of the \(set) set", reason: "\(error)"))
    }
    predictions = summary
    errors.append(Errors(name: set, summary.errors))
  }

  private mutating func add(_ history: TrainingHistory) {
    let records = history.records
    let steps = records.map { Double($0.step) }
    loss = Curve(steps: steps, values: records.map(\.loss))
    learningRate = Curve(steps: steps, values: records.map(\.learningRate))
    energyError = Curve(steps: steps, values: records.map { $0.validation?.energyMAE })
    forceError = Curve(steps: steps, values: records.map { $0.validation?.forcesMAE })
    stressError = Curve(steps: steps, values: records.map { $0.validation?.stressMAE })
  }

  private mutating func add(_ trainer: Trainer, seconds: Double) {
    let (done, all) = (trainer.stepsDone, trainer.options.steps)
    let steps = "\(ReportText.count(done)) of \(ReportText.count(all))"
    if trainer.endedEarly {
      let validations = ReportText.count(trainer.options.patience, "validation")
      status = "ended early, after \(steps) steps: no better score in \(validations)"
    } else if !trainer.isDone {
      status = "stopped after \(steps) steps"
    }
    changes += trainer.history.setbacks.map { setback in
      Change(
        step: setback.backTo,
        text: "the loss was not finite at step \(setback.step): from here again, with "
          + "\(ReportText.number(setback.rateFactor)) of the learning rate")
    }
    facts.append(Entry("Steps", steps))
    facts.append(Entry("Time of training", ReportText.duration(seconds)))
    if seconds > 0, done > 0 {
      facts.append(Entry("Steps a second", ReportText.number(Double(done) / seconds)))
    }
    // Frames without energies determine none.
    let energies = trainer.elementEnergies.energies.filter { $0.value != 0 }
    elementEnergies = energies.sorted { $0.key < $1.key }.map {
      ElementEnergy(
        symbol: ChemicalElements.symbol(of: $0.key) ?? "element \($0.key)", energy: $0.value)
    }
    do {
      configuration = try Self.entries(TrainingJSON.text(trainer.model))
      options = try Self.entries(TrainingJSON.text(trainer.options))
    } catch {
      failures.append(
        Failure(.details, part: "configuration and options", reason: "they cannot be put in words"))
    }
  }

  /// The step of the best potential, and what it was chosen by.
  private static func writtenStep(_ trainer: Trainer) -> WrittenStep {
    let isValidated = trainer.history.records.contains { $0.validation != nil }
    let criterion =
      trainer.best == nil
      ? "the last, before any validation"
      : isValidated
        ? Self.criterion(trainer.options) : "the last record, as there is no validation set"
    return WrittenStep(step: trainer.bestStep, criterion: criterion)
  }

  /// In words, what the best parameters are chosen by.
  private static func criterion(_ options: TrainingOptions) -> String {
    let weights = options.lastWeights
    let terms = [
      (
        weights.energy, options.energyLoss, options.energyPerAtom ? "energies per atom" : "energies"
      ),
      (weights.forces, options.forcesLoss, "forces"),
      (weights.stress, options.stressLoss, "stress"),
    ].filter { $0.0 > 0 }
    if terms.count == 1 { return "lowest error of the validation set's \(terms[0].2)" }
    let sum = terms.map { weight, loss, label in
      let error =
        switch loss {
        case .squared: "squared mean error"
        case .absolute: "mean error"
        case .huber: "Huber loss of the mean error"
        }
      return "\(ReportText.number(weight)) × \(error) of \(label)"
    }
    return "lowest \(sum.joined(separator: " + ")) on the validation set"
  }

  /// The members of an object, with their values as text.
  private static func entries(_ object: String) throws -> [Entry] {
    guard case .object(let members) = try JSON(parsing: Array(object.utf8)) else { return [] }
    return members.map { Entry($0.key, text($0.value)) }
  }

  private static func text(_ value: JSON) -> String {
    switch value {
    case .null: "none"
    case .bool(let value): value ? "true" : "false"
    case .integer(let value): "\(value)"
    case .real(let value): ReportText.minus("\(value)")
    case .string(let value): value
    case .array(let values): values.map(text).joined(separator: ", ")
    case .object(let members):
      members.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
    }
  }
}
