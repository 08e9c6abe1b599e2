/// Newton's equations at constant energy: velocity Verlet (Swope et al., J. Chem. Phys. 76, 637, 1982).
/// Symplectic, reversible in time, second order in the step.
public struct VelocityVerlet: Integrator {
  public static let name = "nve"

  public init() {}

  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    state.kick(step / 2)
    state.drift(step)
    try state.update(&field)
    state.kick(step / 2)
  }
}
