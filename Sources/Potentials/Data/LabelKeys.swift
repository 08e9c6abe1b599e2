/// What a reference calculation says of a frame.
public enum Label: String, Sendable, Hashable, CaseIterable {
  /// The energy of the whole frame.
  case energy
  /// The forces on its atoms.
  case forces
  /// Its stress.
  case stress
}

/// Under which keys a data set keeps its energies, forces and stresses; nil for what is not to be
/// read.
public struct LabelKeys: Sendable, Equatable {
  /// Key on the comment line of the frame's energy in eV.
  public var energy: String?
  /// Name of the three columns with the forces in eV/Å.
  public var forces: String?
  /// Key on the comment line of the stress in eV/Å³.
  public var stress: String?
  /// The labels that every frame must have, if they have a key. The stress is none of them by
  /// default: frames that are not periodic in all directions have none.
  public var required: Set<Label>
  /// What errors about a label that is not there add for the user, such as the option that names
  /// another key.
  public var advice: [Label: String]

  /// Creates keys; those of ASE by default.
  public init(
    energy: String? = "energy", forces: String? = "forces", stress: String? = "stress",
    required: Set<Label> = [.energy, .forces], advice: [Label: String] = [:]
  ) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
    self.required = required
    self.advice = advice
  }

  /// The key of a label.
  public subscript(label: Label) -> String? {
    switch label {
    case .energy: energy
    case .forces: forces
    case .stress: stress
    }
  }
}
