internal import ArgumentParser
internal import E3xFiles
internal import E3xParallel
internal import E3xPotentials
internal import Foundation

/// `e3x train`: the main job.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a potential on energies, forces and stress.",
    discussion: """
      Without arguments it trains on the ethanol data that come with the program (GFN2-xTB, 1000 \
      frames), reports the errors on its test set, and writes the model and a page with learning \
      curves. Energies are in eV, forces in eV/Å, stress in eV/Å³. Frames are molecules or repeat \
      along one to three vectors; each has the labels that it has.

      The folder of results is the run: it remembers its data, options and versions. Ctrl-C, \
      SIGTERM, SIGHUP and a closed pipe save and end (exit code 130); --resume goes on exactly \
      where the run stopped, with what it remembers. Then --steps, --learning-rate, \
      --validation-interval, --patience, --memory and --test may be given anew; others only if they \
      say the same.

      Files may be larger than memory: frames that it may not hold (--memory) are in a temporary file \
      in TMPDIR, and their pairs of atoms are found again at each step that takes them.

      Where a loss is not finite, the run goes back to its last good validation and goes on with \
      half the learning rate, at most five times.
      """)

  @Option(
    parsing: .upToNextOption,
    help: """
      Training frames (extended XYZ, or npz of MD17 or rMD17); several files are one set. Ethanol if \
      not given.
      """)
  var train: [String] = []
  @Option(parsing: .upToNextOption, help: "Frames that choose the best parameters.")
  var valid: [String] = []
  @Option(parsing: .upToNextOption, help: "Frames that the final errors are reported on.")
  var test: [String] = []
  @Option(
    name: .shortAndLong,
    help: "The folder that results are written to. (default: \(usualOutput))")
  var output: String?
  @Option(
    help: """
      A file in YAML with options, under their names with _ for -; 'e3x config' prints one with all. \
      Options on the command line win; - is standard input. If not given, the command line says all.
      """)
  var config: String?
  @Flag(help: "Go on with the run in the output folder.")
  var resume = false
  @Flag(help: "Begin a new run where the output folder has one: its files are removed.")
  var overwrite = false
  @Flag(help: "Go on although the files of training or validation frames have changed.")
  var acceptChangedData = false
  @Option(
    help: """
      Seconds between checkpoints; 0 writes one after every step. (default: \
      \(usualCheckpointInterval))
      """)
  var checkpointInterval: Double?
  @OptionGroup var dataOptions: DataOptions
  @OptionGroup var labelOptions: LabelOptions
  @OptionGroup var beginning: BeginningOptions
  @OptionGroup var numbers: TrainingNumbers

  static let usualOutput = "potential"
  /// Seconds.
  static let usualCheckpointInterval = 60.0
  /// Options that say what is done with a run, and are not part of it.
  static let acts = ["config", "resume", "overwrite", "accept-changed-data"]

  mutating func run() throws {
    let start = ContinuousClock.now
    StandardOutput.fillClosedDescriptors()
    // Frames may be written before anything else is.
    Interruption.ignoreLimitOfFiles()
    let processes = try TrainingProcesses.join()
    do {
      var session = try TrainingProcesses.together(processes) { try begin(processes, since: start) }
      // Nobody reads any more what the first process writes from here on.
      try TrainingProcesses.together(processes) { try session.prepare() }
      try session.run()
    } catch is TrainingProcesses.SilentFailure {
      TrainingProcesses.leave(processes)
      throw ExitCode.failure
    } catch {
      TrainingProcesses.leave(processes)
      throw error
    }
    TrainingProcesses.leave(processes)
  }

  /// All that comes before the first step.
  private mutating func begin(
    _ processes: any Communicator, since start: ContinuousClock.Instant
  ) throws -> TrainingSession {
    let file = try config.map { try TrainingConfig($0, into: &self) }
    do {
      try checkUsage()
      let folder = RunFolder(output ?? Self.usualOutput)
      var session =
        resume
        ? try resumed(folder, processes)
        : try begun(folder, processes)
      try session.share(among: processes)
      // The time in a file is that of the whole run.
      let isOfRun = resume && file?.says("--minutes") == true
      if let minutes = numbers.minutes, !isOfRun {
        session.setTime(minutes, since: start, fitsInterval: numbers.validationInterval == nil)
      } else if resume {
        if numbers.steps == nil {
          session.goOnInTime(since: start, of: numbers.minutes)
        } else {
          session.endTime()
        }
      }
      return session
    } catch {
      let error = TrainingNumbers.naming(error)
      throw file?.located(error) ?? error
    }
  }

  private func checkUsage() throws {
    try numbers.checkUsage()
    try beginning.checkUsage(resume: resume, preset: numbers.preset)
    try dataOptions.checkUsage(train: train, valid: valid, test: test, resume: resume)
    if resume && overwrite {
      throw ValidationError(
        "--overwrite begins a new run, --resume goes on with one: give one of them")
    }
    if resume && numbers.preset != nil {
      throw ValidationError(
        "--preset is for a new run: --resume goes on with the network and options of the run")
    }
    if acceptChangedData && !resume {
      throw ValidationError("--accept-changed-data is for --resume")
    }
    for (option, paths) in [("--valid", valid), ("--test", test)]
    where !paths.isEmpty && train.isEmpty && !resume {
      throw ValidationError(
        "\(option) needs --train: frames of another kind do not go with the ethanol data")
    }
    if let checkpointInterval, !(0...1e9).contains(checkpointInterval) {
      throw ValidationError(
        "--checkpoint-interval: must be between 0 and 1000000000 seconds, received "
          + "\(checkpointInterval)")
    }
  }
}

// MARK: A new run

extension Train {
  /// - Parameter processes: the folder is the first's to write.
  private func begun(
    _ folder: RunFolder, _ processes: any Communicator
  ) throws -> TrainingSession {
    let isLeader = processes.isLeader
    var lock: RunLock?
    if isLeader {
      try folder.checkPlace()
      // A folder that is not there yet has no run; it is made after all checks of the data.
      lock = try folder.exists ? RunLock(folder) : nil
      try requireNoRun(in: folder)
    }
    let begun = try beginning.potential()
    let model = try begun?.potential.model ?? numbers.newModel()
    var options = (numbers.preset ?? .default).options
    if let begun {
      try numbers.check(against: begun.potential.model, place: "with --from")
      options.learningRate = BeginningOptions.learningRate
    }
    numbers.apply(to: &options)
    try Trainer.check(model, options)
    let labels = labelOptions.labels
    let given = try dataOptions.givenEnergies()
    let files = TrainingFiles(
      labels, skipsBadFrames: dataOptions.badFrames.skipBadFrames,
      memory: dataOptions.frameMemory(processes: processes.size))
    var data = try files.read(train: train, valid: valid, test: test)
    try data.prepare(
      dataOptions.preparation(data, seed: options.seed), model,
      known: begun.map { Set($0.potential.elementEnergies.energies.keys) } ?? [])
    // Frames are asked about before energies are fitted: what cannot be is named here.
    if let potential = begun?.potential {
      try data.check(
        model, options,
        elementEnergies: potential.elementEnergies.extended(to: data.train.frames.elements))
    }
    let (energies, source) = try data.elementEnergies(given: given, from: begun?.potential)
    try data.check(model, options, elementEnergies: energies)
    try numbers.adapt(&options, to: data.train, cutoff: model.cutoff)
    let trainer = try trainer(begun?.potential, model, options, data, energies)
    if isLeader {
      if lock == nil {
        try folder.create()
        lock = try RunLock(folder)
        try requireNoRun(in: folder)
      }
      try folder.checkFiles(parameters: trainer.parameterCount)
      if overwrite { try folder.removeRun() }
    }
    var record = RunRecord(
      version: E3xVersion.current, threads: TrainingSession.threads, data: data, labels: labels)
    record.elementEnergySource = source
    record.origin = begun?.origin
    var session = try TrainingSession(
      folder: folder, lock: lock, trainer: trainer, data: data, record: record,
      checkpointInterval: checkpointInterval ?? Self.usualCheckpointInterval)
    if let known = begun?.potential.elementEnergies.energies.keys {
      session.newElements = Set(energies.energies.keys).subtracting(known)
    }
    return session
  }

  private func trainer(
    _ potential: Potential?, _ model: any PotentialModel, _ options: TrainingOptions,
    _ data: TrainingData, _ energies: ElementEnergies
  ) throws -> Trainer {
    guard let potential else {
      return try Trainer(
        model: model, options: options, train: data.train.frames, valid: data.valid.frames,
        elementEnergies: energies, members: beginning.committee ?? 1)
    }
    return try Trainer(
      from: potential, options: options, train: data.train.frames, valid: data.valid.frames,
      elementEnergies: energies, members: beginning.committee, freezing: beginning.patterns)
  }

  private func requireNoRun(in folder: RunFolder) throws {
    guard !overwrite, let file = folder.traceOfRun else { return }
    throw FileError(
      file: folder.path,
      reason: "holds a run (\(file)): --resume goes on with it, --overwrite begins anew in its "
        + "place, -o names another folder")
  }
}

// MARK: A run that goes on

extension Train {
  private func resumed(
    _ folder: RunFolder, _ processes: any Communicator
  ) throws -> TrainingSession {
    let isLeader = processes.isLeader
    if isLeader { try folder.checkPlace() }
    guard folder.exists else {
      throw FileError(file: folder.path, reason: "there is no such folder to go on in")
    }
    let lock = try isLeader ? RunLock(folder) : nil
    guard folder.hasCheckpoint else {
      throw FileError(
        file: folder.path, reason: "holds no checkpoint of a run to go on with")
    }
    let checkpoint = try TrainingCheckpoint(
      contentsOf: folder.checkpoint, models: CommandModels.others)
    let recorded = try RunRecord(checkpoint)
    let (options, changes) = try self.options(goingOnFrom: checkpoint)
    let labels = try labelOptions.labels(of: recorded?.labels)
    let preparation = try dataOptions.preparation(of: recorded?.preparation, test: test)
    try dataOptions.checkEnergies(checkpoint.elementEnergies)
    let files = TrainingFiles(
      labels, skipsBadFrames: preparation.skipsBadFrames,
      memory: dataOptions.frameMemory(processes: processes.size))
    var data: TrainingData
    var (isChanged, dataChanges): (Bool, [RunRecord.Change]) = (false, [])
    if let recorded {
      (data, dataChanges, isChanged) = try files.read(
        recorded.data, train: train, valid: valid, test: test, step: checkpoint.stepsDone,
        acceptsChanges: acceptChangedData)
    } else if train.isEmpty {
      throw FileError(
        file: checkpoint.path,
        reason: "was written by a version that did not remember its data: give them again with "
          + "--train, --valid and --test")
    } else {
      data = try files.read(train: train, valid: valid, test: test)
    }
    try data.prepare(
      preparation, checkpoint.model,
      known: checkpoint.elementEnergies.map { Set($0.energies.keys) } ?? [])
    // What is split off a set that has changed has changed with it.
    isChanged =
      isChanged || preparation.validFraction > 0 && dataChanges.contains { $0.name == "train" }
    try data.check(
      checkpoint.model, options, elementEnergies: checkpoint.elementEnergies)
    let trainer = try Trainer(
      resuming: checkpoint, train: data.train.frames, valid: data.valid.frames, options: options,
      scoresAnew: isChanged)
    if isLeader { try folder.checkFiles(parameters: trainer.parameterCount) }
    var record =
      recorded
      ?? RunRecord(
        version: E3xVersion.current, threads: TrainingSession.threads, data: data, labels: labels)
    record.goOn(
      version: E3xVersion.current, threads: TrainingSession.threads, data: data,
      changes: changes + dataChanges, step: checkpoint.stepsDone)
    return try TrainingSession(
      folder: folder, lock: lock, trainer: trainer, data: data, record: record,
      checkpointInterval: checkpointInterval ?? Self.usualCheckpointInterval)
  }

  /// The options of a checkpoint with those that are given anew.
  private func options(
    goingOnFrom checkpoint: TrainingCheckpoint
  ) throws -> (TrainingOptions, [RunRecord.Change]) {
    var options = checkpoint.options
    try numbers.check(against: checkpoint.model)
    try beginning.check(against: checkpoint)
    numbers.apply(to: &options)
    let changes = options.numbers.changes(from: checkpoint.options.numbers)
    if let change = changes.first(where: { !$0.isAllowed }) {
      throw PlainError(
        "\(TrainingNumbers.option(change.name)): cannot change in a run that goes on: it has "
          + "\(change.old), received \(change.new)")
    }
    try Trainer.check(checkpoint.model, options)
    if options.steps < checkpoint.stepsDone {
      throw PlainError(
        "--steps: \(checkpoint.stepsDone) steps are done already, received \(options.steps)")
    }
    return (
      options,
      changes.map {
        RunRecord.Change(step: checkpoint.stepsDone, name: $0.name, old: $0.old, new: $0.new)
      }
    )
  }
}
