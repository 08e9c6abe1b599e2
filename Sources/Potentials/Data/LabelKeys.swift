/// What a reference calculation says of a frame.
public enum Label: String, Sendable, Hashable, CaseIterable {
  /// The energy of the whole frame.
  case energy
  /// The forces on its atoms.
  case forces
  /// Its stress.
  case stress

  /// In a sentence: "has forces".
  var noun: String {
    switch self {
    case .energy: "an energy"
    case .forces: "forces"
    case .stress: "a stress"
    }
  }

  /// The option that says how much it counts, under its name in files.
  var weightName: String { "\(rawValue)_weight" }
}

/// Under which keys a data set keeps its labels; nil for what is not to be read.
///
/// A key that has its default value stands for its usual variants too: `free_energy` where there is
/// no `energy`, `force`, `virials`.
public struct LabelKeys: Sendable, Equatable {
  /// Key on the comment line of the frame's energy in eV.
  public var energy: String?
  /// Name of the three columns with the forces in eV/Å.
  public var forces: String?
  /// Key on the comment line of the stress in eV/Å³, nine or six components.
  public var stress: String?
  /// Key on the comment line of the virial, −V times the stress, in eV; read where there is no
  /// stress.
  public var virial: String?
  /// Key on the comment line of the weight of the frame in a training.
  public var weight: String?
  /// Key on the comment line of the group that the frame belongs to.
  public var group: String?
  /// The labels that every frame must have, if they have a key. The stress is none of them by
  /// default: molecules have none.
  public var required: Set<Label>
  /// What errors about a label that is not there add for the user, such as the option that names
  /// another key.
  public var advice: [Label: String]

  /// Creates keys; those of ASE by default.
  public init(
    energy: String? = "energy", forces: String? = "forces", stress: String? = "stress",
    virial: String? = "virial", weight: String? = "config_weight", group: String? = "config_type",
    required: Set<Label> = [.energy, .forces], advice: [Label: String] = [:]
  ) {
    (self.energy, self.forces, self.stress) = (energy, forces, stress)
    (self.virial, self.weight, self.group) = (virial, weight, group)
    self.required = required
    self.advice = advice
  }

  /// The keys of a run.
  package init(_ labels: RunRecord.Labels, required: Set<Label>, advice: [Label: String]) {
    self.init(
      energy: labels.energy, forces: labels.forces, stress: labels.stress, virial: labels.virial,
      weight: labels.weight, group: labels.group, required: required, advice: advice)
  }

  /// No labels.
  public static var none: LabelKeys {
    LabelKeys(
      energy: nil, forces: nil, stress: nil, virial: nil, weight: nil, group: nil, required: [])
  }

  /// The key of a label.
  public subscript(label: Label) -> String? {
    switch label {
    case .energy: energy
    case .forces: forces
    case .stress: stress
    }
  }

  /// A key and what it stands for besides.
  static func variants(_ key: String) -> [String] {
    switch key {
    case "energy": [key, "free_energy"]
    case "forces": [key, "force"]
    case "virial": [key, "virials"]
    default: [key]
    }
  }
}
