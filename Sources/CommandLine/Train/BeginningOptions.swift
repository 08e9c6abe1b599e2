internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// What a training begins with, what of it moves, and how many members it has.
struct BeginningOptions: ParsableArguments {
  @Option(
    help: """
      Train a committee of that many members, with seeds that follow each other: predictions are \
      means with a spread. (default: a single model)
      """)
  var committee: Int?
  @Option(
    help: """
      A model to begin with: its network and parameters; its element energies are fitted anew. Then \
      --learning-rate is \(learningRate) if not given.
      """)
  var from: String?
  @Option(
    parsing: .upToNextOption,
    help: """
      Parameters of the model of --from that do not move, by the beginning of their paths: \
      embed,dense_0.
      """)
  var freeze: [String] = []

  /// The learning rate of a training that begins with a potential.
  static let learningRate = 1e-3

  /// The patterns of ``freeze``, one by one.
  var patterns: [String] {
    freeze.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
  }

  /// Checks options against each other.
  /// - Throws: `ValidationError` naming the option.
  func checkUsage(resume: Bool, preset: PotentialPreset?) throws {
    if let committee, !(2...1000).contains(committee) {
      throw ValidationError("--committee: must be between 2 and 1000, received \(committee)")
    }
    if resume, from != nil {
      throw ValidationError(
        "--from is for a new run: --resume goes on with the parameters of the run")
    }
    if from == "-" {
      throw ValidationError("--from: expected the name of a file, received '-'")
    }
    if from == nil, !freeze.isEmpty, !resume {
      throw ValidationError("--freeze needs --from: random parameters are not worth keeping")
    }
    if from != nil, preset != nil {
      throw ValidationError(
        "--preset and --from both say which network is trained: give one of them")
    }
    if patterns.contains("") {
      throw ValidationError(
        "--freeze: expected paths with commas between them, received an empty one")
    }
  }

  /// The potential that the training begins with, and where it came from; nil for a new one.
  func potential() throws -> (potential: Potential, origin: RunRecord.Origin)? {
    guard let from else { return nil }
    let data = try FileBytes.read(from)
    return (
      try Potential(contentsOf: from, models: CommandModels.others),
      RunRecord.Origin(path: from, sha256: SHA256.hexadecimal(data))
    )
  }

  /// Requires that what is said is true of a run that goes on.
  /// - Throws: `PlainError` naming the option that says something else.
  func check(against checkpoint: TrainingCheckpoint) throws {
    if let committee, committee != checkpoint.members {
      throw PlainError(
        "--committee: cannot change in a run that goes on: it has "
          + "\(checkpoint.members == 1 ? "none" : "\(checkpoint.members)"), received \(committee)")
    }
    if !freeze.isEmpty, patterns != checkpoint.frozen {
      throw PlainError(
        "--freeze: cannot change in a run that goes on: it has "
          + "\(checkpoint.frozen.isEmpty ? "none" : checkpoint.frozen.joined(separator: ",")), "
          + "received \(patterns.joined(separator: ","))")
    }
  }
}
