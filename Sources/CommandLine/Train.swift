internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation
internal import Logging

/// `e3x train`: the main job.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train an attention potential on energies and forces.",
    discussion: """
      Without arguments it trains on the ethanol data that come with the program (GFN2-xTB, 1000 \
      frames), reports the errors on its test set, and writes the model and a page with learning \
      curves. Ctrl-C saves and ends; --resume goes on exactly where a run stopped.
      """)

  @Option(help: "Training frames (extended XYZ). Ethanol if not given.")
  var train: String?
  @Option(help: "Frames that choose the best parameters.")
  var valid: String?
  @Option(help: "Frames that the final errors are reported on.")
  var test: String?
  @Option(name: .shortAndLong, help: "The folder that results are written to.")
  var output = "potential"
  @Flag(help: "Go on with the run in the output folder.")
  var resume = false
  @OptionGroup var data: DataOptions

  @Option(help: "Training steps.")
  var steps: Int?
  @Option(help: "Frames a step.")
  var batchSize: Int?
  @Option(help: "The highest learning rate.")
  var learningRate: Double?
  @Option(help: "Weight of energies in the loss; 0 needs none in the data.")
  var energyWeight: Double?
  @Option(help: "Weight of forces in the loss; 0 needs none in the data.")
  var forcesWeight: Double?
  @Option(help: "Steps between validations.")
  var validationInterval: Int?
  @Option(help: "Seed of initial parameters and of the order of frames.")
  var seed: Int?
  @Option(help: "Features of an atom.")
  var features: Int?
  @Option(help: "Highest degree of features.")
  var maxDegree: Int?
  @Option(help: "Attention layers.")
  var layers: Int?
  @Option(help: "Attention heads.")
  var heads: Int?
  @Option(help: "Radial basis functions.")
  var basis: Int?
  @Option(help: "Cutoff radius (Å).")
  var cutoff: Double?
  @Flag(
    inversion: .prefixedNo,
    help: "Keep energies and forces continuous as the last neighbour crosses the cutoff.")
  var smooth = true

  func run() throws {
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    let log = Logger(label: "e3x")
    Interruption.catchSignals()
    let checkpoint = output + "/checkpoint.safetensors"
    var (configuration, options) = (PotentialConfiguration(), TrainingOptions())
    if resume {
      (configuration, options) = try Trainer.checkpointOptions(checkpoint)
    } else {
      apply(&configuration, &options)
    }
    let sets = try readSets(options)
    var trainer =
      resume
      ? try Trainer(resuming: checkpoint, train: sets.train, valid: sets.valid)
      : try Trainer(
        configuration: configuration, options: options, train: sets.train, valid: sets.valid)
    try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
    announce(trainer, sets)

    let start = Date()
    let seconds = try loop(&trainer, checkpoint: checkpoint, start: start)
    if Interruption.requested { log.notice("interrupted: saving before the end") }
    try trainer.writeCheckpoint(to: checkpoint)
    let potential = try trainer.bestPotential()
    try potential.write(to: output + "/model.safetensors")
    let report = try TrainingReport(
      trainer, potential: potential,
      sets: [("validation", sets.valid), ("test", sets.test)], seconds: seconds)
    try report.write(to: output + "/report.html")
    if !sets.test.isEmpty {
      let errors = try potential.errors(on: sets.test)
      print(
        "test set: energies \(errorText(errors.energyMAE, digits: 2)) meV, forces "
          + "\(errorText(errors.forcesMAE, digits: 2)) meV/Å (mean absolute errors of "
          + "\(errors.frames) frames)")
    }
    print("wrote \(output)/model.safetensors, \(output)/report.html")
    if !trainer.isDone {
      print(
        "stopped after \(trainer.stepsDone) of \(trainer.options.steps) steps: go on with --resume")
    }
  }

  private func apply(
    _ configuration: inout PotentialConfiguration, _ options: inout TrainingOptions
  ) {
    options.steps = steps ?? options.steps
    options.batchSize = batchSize ?? options.batchSize
    options.learningRate = learningRate ?? options.learningRate
    options.energyWeight = energyWeight ?? options.energyWeight
    options.forcesWeight = forcesWeight ?? options.forcesWeight
    options.validationInterval = validationInterval ?? options.validationInterval
    options.seed = seed ?? options.seed
    configuration.features = features ?? configuration.features
    configuration.maxDegree = maxDegree ?? configuration.maxDegree
    configuration.numLayers = layers ?? configuration.numLayers
    configuration.numHeads = heads ?? configuration.numHeads
    configuration.numBasis = basis ?? configuration.numBasis
    configuration.smoothAtCutoff = smooth
    configuration.cutoff = cutoff ?? configuration.cutoff
  }

  private typealias Sets = (
    train: [LabelledFrame], valid: [LabelledFrame], test: [LabelledFrame]
  )

  private func readSets(_ options: TrainingOptions) throws -> Sets {
    let (energies, forces) = (options.energyWeight > 0, options.forcesWeight > 0)
    func frames(_ path: String?, _ split: BundledData.Split) throws -> [LabelledFrame] {
      guard let path = path ?? (train == nil ? BundledData.ethanol(split) : nil) else { return [] }
      return try data.read(path, energies: energies, forces: forces)
    }
    return (try frames(train, .train), try frames(valid, .valid), try frames(test, .test))
  }

  private func announce(_ trainer: Trainer, _ sets: Sets) {
    print(
      """
      training \(trainer.parameterCount) parameters on \(sets.train.count) frames \
      (\(sets.valid.count) for validation, \(sets.test.count) for the test), \
      \(trainer.options.steps) steps of \(trainer.options.batchSize) frames, results in \(output)/
      """)
    if trainer.stepsDone > 0 { print("resumed after step \(trainer.stepsDone)") }
    print("    step       loss  | train: meV   meV/Å | valid: meV   meV/Å |  steps/s   left")
  }

  /// Trains until all steps are done or the user stops; the time it took.
  private func loop(_ trainer: inout Trainer, checkpoint: String, start: Date) throws -> Double {
    let firstStep = trainer.stepsDone
    var lastSave = start
    while !trainer.isDone && !Interruption.requested {
      let progress = trainer.progress
      try trainer.advance()
      let seconds = Date().timeIntervalSince(start)
      let speed = Double(trainer.stepsDone - firstStep) / seconds
      let left = Double(trainer.options.steps - trainer.stepsDone) / speed
      if trainer.stepsDone % trainer.options.validationInterval == 0 || trainer.isDone,
        let record = trainer.history.records.last
      {
        let validation = record.validation.map {
          errorText($0.energyMAE, digits: 2, width: 10) + " "
            + errorText($0.forcesMAE, digits: 2, width: 8)
        }
        print(
          String(
            format: "%8d %10.5f  | %9.2f %8.2f | %@ | %8.1f %6.0fs", trainer.stepsDone,
            record.loss, record.trainEnergyMAE, record.trainForcesMAE,
            validation ?? "         -        -", speed, left))
      } else if trainer.stepsDone == firstStep + 20 {
        print(
          String(
            format: "%8d %10.5f  | %9.2f %8.2f |          -        - | %8.1f %6.0fs",
            trainer.stepsDone, progress.loss, progress.energyMAE, progress.forcesMAE, speed, left))
      }
      fflush(nil)
      if Date().timeIntervalSince(lastSave) > 60 {
        try trainer.writeCheckpoint(to: checkpoint)
        lastSave = Date()
      }
    }
    return Date().timeIntervalSince(start)
  }
}
