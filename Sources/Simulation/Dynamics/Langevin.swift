public import E3xEngine
internal import E3xSystem

/// Langevin dynamics: friction and noise on each atom, at constant temperature. The splitting BAOAB of
/// Leimkuhler and Matthews (Appl. Math. Res. Express 2013, 34), whose configurations are those of the
/// canonical ensemble to second order in the step, and exact for a harmonic well.
public struct Langevin: Integrator {
  /// What it is called in files.
  public static let name = "langevin"

  /// 1/fs
  public let friction: Double
  /// The temperature that is aimed at, K.
  public var temperature: Double?
  private let noise: StepNoise
  private var heat = 0.0

  /// - Parameter temperature: K, not negative.
  /// - Parameter friction: 1/fs, positive: 0.01 is strong enough to keep a temperature within a
  ///   picosecond.
  /// - Parameter seed: of the noise.
  /// - Throws: `ArgumentError` naming what is out of range.
  public init(temperature: Double, friction: Double, seed: Int = 0) throws(ArgumentError) {
    try checkTemperature("Langevin", temperature)
    try checkPositive("Langevin", "friction", friction)
    (self.temperature, self.friction) = (temperature, friction)
    noise = StepNoise(seed: seed)
  }

  /// Moves a state by one step.
  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    state.kick(step / 2)
    state.drift(step / 2)
    exchange(&state, step)
    state.drift(step / 2)
    try state.update(&field)
    state.kick(step / 2)
  }

  /// The exact solution for friction and noise alone.
  private mutating func exchange(_ state: inout DynamicsState, _ step: Double) {
    let before = state.kineticEnergy
    let kept = exp(-friction * step)
    let energy = (1 - kept * kept) * Units.boltzmann * (temperature ?? 0) * Units.acceleration
    let random = noise.normal(3 * state.count, step: state.step, stream: 0)
    for atom in 0..<state.count {
      let spread = (energy / state.masses[atom]).squareRoot()
      for index in (3 * atom)..<(3 * atom + 3) {
        state.velocities[index] = kept * state.velocities[index] + spread * random[index]
      }
    }
    state.constrainVelocities()
    heat += before - state.kineticEnergy
  }

  /// What has gone to the surroundings, eV.
  public func surroundingsEnergy(_ state: DynamicsState) -> Double { heat }

  /// What a restart needs.
  public var memory: [Double] {
    get { [heat] }
    set { heat = newValue.first ?? 0 }
  }
}
