internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// How the frames of a training become its sets, and where the energies of elements come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: """
      Part of the training frames that is split off to choose the best parameters by; 0 splits \
      nothing off. (default: \(DataPreparation.usualValidFraction) where there is no --valid)
      """)
  var validFraction: Double?
  @Option(help: "Part of the training frames that is split off for the test. (default: 0)")
  var testFraction: Double?
  @Option(
    help: """
      What stays together where frames are split: frame or group (of --group-key). (default: frame)
      """)
  var splitBy: SplitUnit?
  @Option(
    help: """
      Energies of the elements (eV): H=-13.6,O=-430 or a file in JSON, {"H": -13.6}. If not given, \
      those of isolated atoms in the data, and others fitted.
      """)
  var elementEnergies: String?
  @Option(
    help: """
      Memory (GiB) for frames, and for pairs of atoms that are found only once, half of it each; the \
      results are the same. (default: a quarter of the machine's, shared by all processes)
      """)
  var memory: Double?
  @OptionGroup var badFrames: BadFrameOptions

  /// Checks options by themselves and against the sets that are named.
  /// - Throws: `ValidationError` naming the option.
  func checkUsage(train: [String], valid: [String], test: [String], resume: Bool) throws {
    for (option, fraction, set, paths) in [
      ("--valid-fraction", validFraction, "--valid", valid),
      ("--test-fraction", testFraction, "--test", test),
    ] {
      guard let fraction else { continue }
      guard fraction >= 0, fraction < 1 else {
        throw ValidationError("\(option): must be at least 0 and below 1, received \(fraction)")
      }
      if fraction > 0, !paths.isEmpty {
        throw ValidationError("\(option) and \(set) both give that set: give one of them")
      }
      if fraction > 0, train.isEmpty, !resume {
        throw ValidationError("\(option) needs --train: the ethanol data are split already")
      }
    }
    if let memory, !(0...1e6).contains(memory) {
      throw ValidationError("--memory: must be between 0 and 1000000 GiB, received \(memory)")
    }
    if (validFraction ?? 0) + (testFraction ?? 0) >= 1 {
      throw ValidationError(
        "--valid-fraction and --test-fraction: their sum must be below 1, or nothing is left to "
          + "train on")
    }
  }

  /// What frames may take of memory, in bytes, in each of some processes.
  func frameMemory(processes: Int) -> Int {
    memory.map { Int($0 * 0.5 * 0x1p30) } ?? StoredFrames.usualMemory / processes
  }

  /// What is done with the frames of a new run.
  /// - Parameter data: as the files have them.
  func preparation(_ data: TrainingData, seed: Int) -> DataPreparation {
    var preparation = DataPreparation()
    let isUsual =
      validFraction == nil && data.valid.isEmpty
      && data.framesToSplit >= DataPreparation.fewestFrames
    preparation.validFraction =
      validFraction ?? (isUsual ? DataPreparation.usualValidFraction : 0)
    preparation.testFraction = testFraction ?? 0
    preparation.splitBy = (splitBy ?? .frame).unit
    preparation.seed = seed
    preparation.takesIsolatedAtoms = true
    preparation.skipsBadFrames = badFrames.skipBadFrames
    return preparation
  }

  /// What is done again in a run that goes on.
  /// - Throws: `PlainError` naming the option that says something else.
  func preparation(
    of recorded: DataPreparation?, test: [String]
  ) throws -> DataPreparation {
    let recorded = recorded ?? DataPreparation()
    func check<Value: Equatable>(_ option: String, _ value: Value?, _ old: Value) throws {
      guard let value, value != old else { return }
      throw PlainError(
        "\(option): cannot change in a run that goes on: it has \(old), received \(value)")
    }
    try check("--valid-fraction", validFraction, recorded.validFraction)
    try check("--test-fraction", testFraction, recorded.testFraction)
    try check("--split-by", splitBy?.rawValue, recorded.splitBy.rawValue)
    try check(
      "--skip-bad-frames", badFrames.skipBadFrames ? true : nil, recorded.skipsBadFrames)
    if recorded.testFraction > 0, !test.isEmpty {
      throw PlainError("--test: the test set of the run was split off its training frames")
    }
    return recorded
  }

  /// The energies that are given.
  /// - Throws: `ArgumentError` naming `element_energies`, and `FileError` for a file.
  func givenEnergies() throws -> ElementEnergies? {
    guard let text = elementEnergies else { return nil }
    if text.contains("="), access(text, F_OK) != 0 { return try ElementEnergies(list: text) }
    return try ElementEnergies(contentsOf: text)
  }

  /// Requires that the energies that are given, if any, are those of a run that goes on.
  /// - Throws: `ArgumentError` naming `element_energies`.
  func checkEnergies(_ recorded: ElementEnergies?) throws {
    guard let given = try givenEnergies(), let recorded else { return }
    for (number, energy) in recorded.energies.sorted(by: { $0.key < $1.key })
    where given.energies[number] != energy {
      let name = ChemicalElements.symbol(of: number) ?? "\(number)"
      throw ArgumentError(
        "train", "element_energies",
        "cannot change in a run that goes on: it has \(name)=\(energy), received "
          + (given.energies[number].map { "\(name)=\($0)" } ?? "none of \(name)"))
    }
  }
}

/// What stays together where frames are split, as an option.
enum SplitUnit: String, CaseIterable, ExpressibleByArgument {
  case frame, group

  var unit: DataPreparation.Unit {
    switch self {
    case .frame: .frame
    case .group: .group
    }
  }
}
