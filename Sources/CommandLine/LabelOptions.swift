internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials

/// Where data files keep their labels; what is not given has its default.
struct LabelOptions: ParsableArguments {
  private static let usual = RunRecord.Labels()

  @Option(help: "Key of the energy of a frame (eV). (default: \(usual.energy), or free_energy)")
  var energyKey: String?
  @Option(help: "Key of the forces on the atoms (eV/Å). (default: \(usual.forces))")
  var forcesKey: String?
  @Option(
    help: """
      Key of the stress (eV/Å³, negative under compression), nine or six components. (default: \
      \(usual.stress))
      """)
  var stressKey: String?
  @Option(
    help: """
      Key of the virial (eV, −volume times stress), read where there is no stress. (default: \
      \(usual.virial), or virials)
      """)
  var virialKey: String?
  @Option(help: "Key of the weight of a frame. (default: \(usual.weight))")
  var weightKey: String?
  @Option(
    help: "Key of the group of a frame; errors are reported for each. (default: \(usual.group))")
  var groupKey: String?

  /// What was given, with the option and what it sets.
  private var given:
    [(option: String, key: String, label: WritableKeyPath<RunRecord.Labels, String>)]
  {
    let all: [(String, String?, WritableKeyPath<RunRecord.Labels, String>)] = [
      ("--energy-key", energyKey, \.energy), ("--forces-key", forcesKey, \.forces),
      ("--stress-key", stressKey, \.stress), ("--virial-key", virialKey, \.virial),
      ("--weight-key", weightKey, \.weight), ("--group-key", groupKey, \.group),
    ]
    return all.compactMap { option, key, label in key.map { (option, $0, label) } }
  }

  /// The keys that hold.
  var labels: RunRecord.Labels {
    var labels = RunRecord.Labels()
    for (_, key, label) in given { labels[keyPath: label] = key }
    return labels
  }

  /// The keys that a run has, which may not be given anew.
  /// - Throws: `PlainError` naming the option that says something else.
  func labels(of recorded: RunRecord.Labels?) throws -> RunRecord.Labels {
    guard let recorded else { return labels }
    for (option, key, label) in given where key != recorded[keyPath: label] {
      throw PlainError(
        "\(option): cannot change in a run that goes on: it has "
          + "\(quoted(recorded[keyPath: label])), received \(quoted(key))")
    }
    return recorded
  }

  /// The keys as readers take them, with the options that name others. Frames have what they have.
  static func keys(_ labels: RunRecord.Labels) -> LabelKeys {
    LabelKeys(
      labels, required: [],
      advice: [
        .energy: "--energy-key names the key of energies",
        .forces: "--forces-key names the column of forces",
        .stress: "--stress-key names the key of stress",
      ])
  }

  /// As ``keys(_:)``, of what was given.
  var keys: LabelKeys { Self.keys(labels) }
}
