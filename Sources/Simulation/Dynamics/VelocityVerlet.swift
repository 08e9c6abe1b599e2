/// Newton's equations at constant energy: velocity Verlet (Swope et al., J. Chem. Phys. 76, 637, 1982).
/// Symplectic, reversible in time, second order in the step.
public struct VelocityVerlet: Integrator {
  /// What it is called in files.
  public static let name = "nve"

  /// It has no settings.
  public init() {}

  /// Moves a state by one step.
  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    state.kick(step / 2)
    state.drift(step)
    try state.update(&field)
    state.kick(step / 2)
  }
}
