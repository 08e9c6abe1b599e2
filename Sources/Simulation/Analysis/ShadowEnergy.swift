internal import E3xPotentials

/// The energy that velocity Verlet keeps better than the total energy: that of the motion which its steps
/// follow, to fourth order in the step.
///
/// The total energy of a trajectory of velocity Verlet goes up and down with the square of the step, and
/// where energy goes from slow vibrations to fast ones, its mean moves too, without anything being lost. The
/// energy of the modified equations, E + h² (v·V″v / 12 − F·M⁻¹F / 24), does neither (Hairer, Lubich &
/// Wanner, Geometric Numerical Integration, 2nd edition, IX.3; Engle, Skeel & Drees, J. Comput. Phys. 206,
/// 432, 2005): what it loses or gains is the fault of the forces.
///
///     var shadow = ShadowEnergy(timeStep: 0.5)
///     for _ in 0..<steps {
///       try dynamics.advance()
///       if let energy = shadow.add(dynamics.state) { … }
///     }
public struct ShadowEnergy: Sendable {
  private let timeStep: Double
  private var last: DynamicsState?
  private var forces: [Double]?

  /// - Parameter timeStep: of ``VelocityVerlet``, fs.
  public init(timeStep: Double) { self.timeStep = timeStep }

  /// Takes the state after the next step, of the same atoms.
  /// - Returns: the energy of the state before it, eV: V″v is the difference of the forces of its
  ///   neighbours. Nil for the first two.
  public mutating func add(_ state: DynamicsState) -> Double? {
    defer {
      forces = last?.prediction.forces
      last = state
    }
    guard let last, let forces, last.count == state.count else { return nil }
    var (curvature, square) = (0.0, 0.0)
    for index in forces.indices {
      let force = last.prediction.forces[index]
      curvature -= last.velocities[index] * (state.prediction.forces[index] - forces[index])
      square += force * force / last.masses[index / 3]
    }
    return last.totalEnergy + timeStep * curvature / 24
      - timeStep * timeStep * square * Units.acceleration / 24
  }
}
