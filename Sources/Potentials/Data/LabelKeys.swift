/// Under which keys a data set keeps its energies, forces and stresses; nil for what is not to be
/// read.
public struct LabelKeys: Sendable, Equatable {
  /// Key on the comment line of the frame's energy in eV.
  public var energy: String?
  /// Name of the three columns with the forces in eV/Å.
  public var forces: String?
  /// Key on the comment line of the stress in eV/Å³. Unlike the others it may be missing: frames
  /// that are not periodic in all directions have none.
  public var stress: String?

  /// Creates keys; those of ASE by default.
  public init(
    energy: String? = "energy", forces: String? = "forces", stress: String? = "stress"
  ) {
    self.energy = energy
    self.forces = forces
    self.stress = stress
  }
}
