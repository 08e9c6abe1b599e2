internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xParallel
internal import E3xPotentials
internal import Foundation

/// A training in its folder, from the first step of this process to the last: steps, files, and
/// what is said of them.
struct TrainingSession {
  let folder: RunFolder
  /// Held until the end.
  let lock: RunLock?
  var trainer: Trainer
  let data: TrainingData
  var record: RunRecord
  /// Seconds.
  let checkpointInterval: Double
  /// Atomic numbers that the potential which the run begins with does not know.
  var newElements: Set<Int32> = []

  /// The processes that train together; the first of them writes and speaks.
  private(set) var processes: any Communicator = SingleProcess()
  /// Whether some process was asked to end.
  private var isStopped = false
  /// The step of the model in the folder, and that of the checkpoint; nil where there is none.
  private(set) var modelStep: Int?
  private(set) var checkpointStep: Int?
  /// The time that the run has, and when it began.
  private(set) var time: (budget: TimeBudget, start: ContinuousClock.Instant, fitsInterval: Bool)?
  /// What is probably a mistake.
  private(set) var warnings: [String]
  private var lastSave = ContinuousClock.now
  private var lastRecordCount = 0
  private var lastSetbackCount = 0

  /// How many threads compute.
  static var threads: Int { Threads.count }

  init(
    folder: RunFolder, lock: RunLock?, trainer: Trainer, data: TrainingData, record: RunRecord,
    checkpointInterval: Double
  ) throws {
    self.folder = folder
    self.lock = lock
    self.trainer = trainer
    self.data = data
    self.record = record
    self.checkpointInterval = checkpointInterval
    warnings =
      try data.warnings(trainer.model, trainer.options)
      + data.energyWarnings(trainer.elementEnergies, energyKey: record.labels.energy)
    if try !trainer.hasPairs() {
      warnings.append(
        "no two atoms of the training set are closer than the cutoff "
          + "(\(trainer.model.cutoff) Å): there is nothing to learn but energies of atoms")
    }
  }

  /// Shares all batches among processes.
  mutating func share(among processes: any Communicator) throws {
    self.processes = processes
    try trainer.share(among: processes)
    record.share(among: processes.size, step: trainer.stepsDone)
    if processes.size > trainer.options.batchSize {
      warnings.append(
        "\(processes.size) processes have \(trainer.options.batchSize) frames a step: some have "
          + "nothing to do (--batch-size)")
    }
  }

  /// Fits the run to a time.
  /// - Parameter fitsInterval: whether the interval of validations is fitted too.
  mutating func setTime(
    _ minutes: Double, since start: ContinuousClock.Instant, fitsInterval: Bool
  ) {
    record.minutes = record.seconds / 60 + minutes
    let budget = TimeBudget(
      seconds: 60 * minutes, batchSize: trainer.options.batchSize,
      validationFrames: data.valid.frames.count,
      reportFrames: data.valid.frames.count + data.test.frames.count)
    time = (budget, start, fitsInterval)
    // Until steps were measured there is no end.
    trainer.schedule(
      steps: trainer.stepsDone + Self.unmeasuredSteps,
      validationInterval: fitsInterval
        ? Self.unmeasuredSteps : trainer.options.validationInterval,
      warmupSteps: trainer.options.warmupSteps)
  }

  /// Goes on with what is left of the time that the run was given, if it was and is not done.
  /// - Parameter whole: minutes that it is given from now on, those before included.
  mutating func goOnInTime(since start: ContinuousClock.Instant, of whole: Double? = nil) {
    record.minutes = whole ?? record.minutes
    guard let minutes = record.minutes, !trainer.isDone else { return }
    let left = minutes - record.seconds / 60
    guard left > 0 else { return }
    setTime(
      left, since: start,
      fitsInterval: trainer.options.validationInterval >= Self.unmeasuredSteps)
    record.minutes = minutes
  }

  /// The run has a number of steps from now on.
  mutating func endTime() { record.minutes = nil }

  private static let unmeasuredSteps = 100_000_000

  /// Fits the steps that are left to the time that is left.
  private mutating func fitSchedule(lastStep seconds: Double, validated: Bool) {
    time?.budget.record(step: seconds, validated: validated)
    guard let time else { return }
    let elapsed = (ContinuousClock.now - time.start) / .seconds(1)
    let plan = time.budget.plan(stepsDone: trainer.stepsDone, elapsed: elapsed)
    // All processes take the schedule of the first.
    var numbers = [Double(plan?.steps ?? 0), Double(plan?.validationInterval ?? 0)]
    processes.broadcast(&numbers)
    let (steps, interval) = (Int(numbers[0]), Int(numbers[1]))
    guard steps > 0 else { return }
    trainer.schedule(
      steps: steps,
      validationInterval: time.fitsInterval ? interval : trainer.options.validationInterval,
      warmupSteps: max(5, steps / 20))
  }

  // MARK: Files

  /// Writes the first files: from here on nothing is lost.
  mutating func prepare() throws {
    Interruption.catchSignals()
    guard processes.isLeader else { return }
    // What this folder says must be of one state, whenever the last process ended.
    if trainer.best != nil { try writeModel() }
    try writeCheckpoint()
  }

  /// Writes the best model.
  private mutating func writeModel() throws {
    guard processes.isLeader else { return }
    try trainer.bestPotential().write(to: folder.model, options: trainer.options)
    modelStep = trainer.bestStep
    record.modelStep = modelStep
  }

  /// Writes what it takes to go on, and the record for people.
  private mutating func writeCheckpoint() throws {
    guard processes.isLeader else { return }
    record.update(trainer)
    try trainer.writeCheckpoint(to: folder.checkpoint, run: record.json())
    checkpointStep = trainer.stepsDone
    lastSave = .now
    try writeText(record.json(isPretty: true) + "\n", to: folder.record)
    try writeText(trainer.history.metrics(), to: folder.metrics)
  }

  private func writeText(_ text: String, to path: String) throws {
    try FileBytes.write(Data(text.utf8), to: path)
  }

  // MARK: The course of a training

  /// Trains until all steps are done, something fails, or the user stops it; saves; reports.
  /// - Throws: `ExitCode`, after everything was said.
  mutating func run() throws {
    if processes.isLeader { announce() }
    let failure = loop()
    guard processes.isLeader else {
      if failure != nil { throw TrainingProcesses.SilentFailure() }
      return
    }
    try finish(failure)
  }

  /// Saves and reports.
  private mutating func finish(_ failure: (any Error)?) throws {
    var failures = [failure].compactMap(\.self)
    // Saving comes before reporting: no error in a report may cost a model.
    do { try writeModel() } catch { failures.append(error) }
    // Of the last steps before a divergence nothing good comes: the checkpoint before them stays.
    if !failures.contains(where: Self.isDivergence) {
      do { try writeCheckpoint() } catch { failures.append(error) }
    }
    if isStopped {
      let cause = Interruption.cause ?? "another process was asked to end"
      StandardError.print("\(cause): ending, after step \(trainer.stepsDone)")
    }
    sayWhatIsSaved()
    do { try report() } catch { failures.append(error) }
    var shown: Set<String> = []
    for failure in failures.map(TrainingNumbers.naming)
    where shown.insert("\(failure)").inserted {
      StandardError.print(failure)
    }
    if !failures.isEmpty { throw ExitCode.failure }
    if isStopped || Interruption.requested { throw ExitCode(Interruption.exitCode) }
  }

  /// Whether an error of a step is found by all processes, from what they have added up.
  private static func isShared(_ error: any Error) -> Bool {
    guard let error = error as? ArgumentError, error.function == "train" else { return false }
    return ["learning_rate", "valid"].contains(error.argument)
  }

  private static func isDivergence(_ error: any Error) -> Bool {
    (error as? ArgumentError)?.argument == "learning_rate"
  }

  var table: TrainingTable { TrainingTable(hasStress: trainer.learnsStress) }

  /// - Returns: what ended the training early; nil if all steps were done, or the user ended it.
  private mutating func loop() -> (any Error)? {
    let table = table
    let firstStep = trainer.stepsDone
    let progress = ProgressLine(
      total: time == nil ? trainer.options.steps : nil, startingAt: firstStep, unit: "steps",
      isShown: processes.isLeader)
    defer { progress.finish() }
    let (start, secondsBefore) = (ContinuousClock.now, record.seconds)
    lastRecordCount = trainer.history.records.count
    lastSetbackCount = trainer.history.setbacks.count
    if !trainer.isDone { progress.print(table.heading) }
    // What the first process could not write; the others go on until they hear of it.
    var failure: (any Error)?
    while !trainer.isDone {
      let state = processes.any(failure != nil, Interruption.requested)
      if state[0] { return failure ?? TrainingProcesses.SilentFailure() }
      isStopped = state[1]
      if isStopped { break }
      let recent = trainer.progress
      let begin = ContinuousClock.now
      do { try trainer.advance() } catch { failure = error }
      let isOver = failure != nil
      if let error = failure, processes.size > 1, !Self.isShared(error) {
        StandardError.print(TrainingNumbers.naming(error))
        TrainingProcesses.abort(processes)
      }
      if !trainer.isDone {
        fitSchedule(
          lastStep: (ContinuousClock.now - begin) / .seconds(1),
          validated: trainer.history.records.count > lastRecordCount)
      }
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      record.seconds = secondsBefore + seconds
      let speed = seconds > 0 ? Double(trainer.stepsDone - firstStep) / seconds : nil
      let left = secondsLeft(speed: speed)
      do {
        try saveSetback(progress)
        if trainer.history.records.count > lastRecordCount, let last = trainer.history.records.last
        {
          lastRecordCount = trainer.history.records.count
          let isBest = last.isBest == true
          if isBest { try writeModel() }
          progress.print(table.row(last, isWritten: isBest, speed: speed, left: left))
          if isBest { try writeCheckpoint() } else { try saveIfDue(validated: true) }
        } else if trainer.stepsDone == firstStep + 20 && !progress.isLive {
          progress.print(
            table.row(step: trainer.stepsDone, progress: recent, speed: speed, left: left))
        }
        if failure == nil { try saveIfDue(validated: false) }
      } catch {
        failure = failure ?? error
      }
      // An error of a step is that of all processes.
      if isOver || processes.size == 1, let failure { return failure }
      progress.advance(to: trainer.stepsDone, note: Self.note(trainer.progress, recent))
    }
    return failure
  }

  /// What is left of the time that the run has, or what the steps that are left will take.
  private func secondsLeft(speed: Double?) -> Double? {
    if let time {
      let elapsed = (ContinuousClock.now - time.start) / .seconds(1)
      return max(0, time.budget.seconds - elapsed)
    }
    return speed.map { Double(trainer.options.steps - trainer.stepsDone) / $0 }
  }

  /// Says that the training went back, and saves it, if it just has.
  private mutating func saveSetback(_ progress: ProgressLine) throws {
    let setbacks = trainer.history.setbacks
    guard setbacks.count > lastSetbackCount, let last = setbacks.last else { return }
    (lastSetbackCount, lastRecordCount) = (setbacks.count, trainer.history.records.count)
    progress.print(
      "the loss is not finite at step \(last.step): going back to step \(last.backTo), and on with "
        + "\(last.rateFactor) of the learning rate")
    try writeCheckpoint()
  }

  /// Checkpoints are written with each model, at their interval, and after other validations unless
  /// the last is not a second old.
  private mutating func saveIfDue(validated: Bool) throws {
    let seconds = (ContinuousClock.now - lastSave) / .seconds(1)
    if seconds >= (validated ? min(1, checkpointInterval) : checkpointInterval) {
      try writeCheckpoint()
    }
  }

  /// The latest errors for the line of progress.
  private static func note(
    _ progress: TrainingProgress, _ before: TrainingProgress
  ) -> String {
    // Just after a validation there are none since.
    let values = progress.loss == 0 ? before : progress
    var parts = ["loss \(errorText(values.loss, digits: 4))"]
    if let error = values.energyMAE { parts.append("\(errorText(error, digits: 1)) meV") }
    if let error = values.forcesMAE { parts.append("\(errorText(error, digits: 1)) meV/Å") }
    if let error = values.stressMAE { parts.append("\(errorText(error, digits: 2)) meV/Å³") }
    return parts.joined(separator: "  ")
  }

  // MARK: The report

  private func report() throws {
    var run = TrainingReport.Run(record, name: folder.name)
    run.warnings = warnings
    let report = TrainingReport(
      trainer, stored: [("validation", data.valid.frames), ("test", data.test.frames)],
      seconds: record.seconds, run: run)
    if let errors = report.errors.first(where: { $0.name == "test" }) {
      StandardOutput.print(
        "test set: energies \(errorText(errors.energyMAE, digits: 2)) meV, forces "
          + "\(errorText(errors.forceMAE, digits: 2)) meV/Å"
          + (errors.stressMAE.map { ", stress \(errorText($0, digits: 3)) meV/Å³" } ?? "")
          + " (mean absolute errors of \(errors.frames) frames)")
    }
    try report.write(to: folder.report)
    StandardOutput.print("wrote \(folder.report)")
    // The page says what is missing; so does the exit code.
    if let failure = report.failures.first {
      throw PlainError("\(folder.report): no \(failure.part): \(failure.reason)")
    }
  }
}
