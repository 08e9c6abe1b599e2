public import E3xEngine
internal import E3xSystem

/// Constant temperature by stochastic velocity rescaling (Bussi, Donadio, Parrinello, J. Chem. Phys. 126,
/// 014101, 2007): all velocities are multiplied with one random number, so that the kinetic energy has
/// its canonical distribution and the motion is disturbed little. Velocity Verlet between.
public struct VelocityRescaling: Integrator {
  /// What it is called in files.
  public static let name = "bussi"

  /// fs
  public let relaxationTime: Double
  /// The temperature that is aimed at, K.
  public var temperature: Double?
  private let noise: StepNoise
  private var heat = 0.0

  /// - Parameter temperature: K, not negative.
  /// - Parameter relaxationTime: in which the kinetic energy forgets where it was, fs; 100 is usual.
  /// - Parameter seed: of the noise.
  /// - Throws: `ArgumentError` naming what is out of range.
  public init(temperature: Double, relaxationTime: Double, seed: Int = 0) throws(ArgumentError) {
    try checkTemperature("VelocityRescaling", temperature)
    try checkPositive("VelocityRescaling", "relaxation_time", relaxationTime)
    (self.temperature, self.relaxationTime) = (temperature, relaxationTime)
    noise = StepNoise(seed: seed)
  }

  /// Moves a state by one step.
  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    exchange(&state, step / 2, stream: 0)
    var verlet = VelocityVerlet()
    try verlet.advance(&state, by: step, with: &field)
    exchange(&state, step / 2, stream: 1)
  }

  /// The exact solution for the kinetic energy alone, eq. A7.
  mutating func exchange(_ state: inout DynamicsState, _ time: Double, stream: Int) {
    let freedom = state.degreesOfFreedom
    let energy = state.kineticEnergy
    guard freedom > 0, energy > 0 else { return }
    let kept = exp(-time / relaxationTime)
    let aim = Units.boltzmann * (temperature ?? 0) / 2
    let random = noise.normal(freedom, step: state.step, stream: stream)
    let first = random[0]
    let rest = random.dropFirst().reduce(0) { $0 + $1 * $1 }
    let ratio = aim / energy * (1 - kept)
    let square =
      kept + ratio * (first * first + rest) + 2 * first * (ratio * kept).squareRoot()
    // The sign is that of the paper's appendix: velocities may turn round.
    let sign = first + (kept / max(ratio, 1e-300)).squareRoot() < 0 ? -1.0 : 1.0
    let factor = sign * max(0, square).squareRoot()
    state.scaleVelocities(by: factor)
    heat += energy * (1 - factor * factor)
  }

  /// What has gone to the surroundings, eV.
  public func surroundingsEnergy(_ state: DynamicsState) -> Double { heat }

  /// What a restart needs.
  public var memory: [Double] {
    get { [heat] }
    set { heat = newValue.first ?? 0 }
  }
}
