public import E3xEngine
internal import E3xSystem

/// Variables that exchange heat with one kinetic energy: a chain of Nosé-Hoover thermostats (Martyna,
/// Klein, Tuckerman, J. Chem. Phys. 97, 2635, 1992), integrated as by Martyna et al. (Mol. Phys. 87,
/// 1117, 1996) with Yoshida's weights of fourth order.
struct ThermostatChain: Sendable {
  /// Velocities, 1/fs, and positions of the chain.
  private(set) var velocities: [Double]
  private(set) var positions: [Double]
  private let relaxationTime: Double

  init(length: Int, relaxationTime: Double) {
    velocities = [Double](repeating: 0, count: length)
    positions = velocities
    self.relaxationTime = relaxationTime
  }

  private static let weights: [Double] = {
    let first = 1 / (2 - cbrt(2.0))
    return [first, 1 - 2 * first, first]
  }()

  /// Moves the chain.
  /// - Parameter energy: the kinetic energy that it exchanges heat with, eV.
  /// - Parameter freedom: how many degrees of freedom that has.
  /// - Parameter temperature: K, positive.
  /// - Returns: what the velocities of that are to be multiplied with.
  mutating func advance(
    _ time: Double, energy: Double, freedom: Int, temperature: Double
  ) -> Double {
    guard freedom > 0 else { return 1 }
    let thermal = Units.boltzmann * temperature
    let last = velocities.count - 1
    var scale = 1.0
    for weight in Self.weights {
      let step = time * weight
      func push(_ index: Int) -> Double {
        let force =
          index == 0
          ? 2 * energy * scale * scale - Double(freedom) * thermal
          : mass(index - 1, freedom, thermal) * velocities[index - 1] * velocities[index - 1]
            - thermal
        return force / mass(index, freedom, thermal)
      }
      velocities[last] += push(last) * step / 2
      for index in (0..<last).reversed() {
        let damping = exp(-velocities[index + 1] * step / 4)
        velocities[index] = (velocities[index] * damping + push(index) * step / 2) * damping
      }
      scale *= exp(-velocities[0] * step)
      for index in 0...last { positions[index] += velocities[index] * step }
      for index in 0..<last {
        let damping = exp(-velocities[index + 1] * step / 4)
        velocities[index] = (velocities[index] * damping + push(index) * step / 2) * damping
      }
      velocities[last] += push(last) * step / 2
    }
    return scale
  }

  /// eV fs²
  private func mass(_ index: Int, _ freedom: Int, _ thermal: Double) -> Double {
    (index == 0 ? Double(freedom) : 1) * thermal * relaxationTime * relaxationTime
  }

  /// What the chain has taken, eV.
  func energy(freedom: Int, temperature: Double) -> Double {
    guard freedom > 0 else { return 0 }
    let thermal = Units.boltzmann * temperature
    return velocities.indices.reduce(0) { sum, index in
      sum + mass(index, freedom, thermal) * velocities[index] * velocities[index] / 2
        + (index == 0 ? Double(freedom) : 1) * thermal * positions[index]
    }
  }

  var memory: [Double] {
    get { velocities + positions }
    set {
      guard newValue.count == 2 * velocities.count else { return }
      velocities = Array(newValue.prefix(velocities.count))
      positions = Array(newValue.suffix(positions.count))
    }
  }
}

/// Constant temperature by a chain of Nosé-Hoover thermostats: deterministic and reversible in time, the
/// motion is that of an extended system with a conserved energy. Velocity Verlet between.
///
/// It is ergodic for systems that are; few atoms near harmonic minima are better served by ``Langevin``.
public struct NoseHooverChain: Integrator {
  /// What it is called in files.
  public static let name = "nose-hoover"

  /// The temperature that is aimed at, K.
  public var temperature: Double?
  private var chain: ThermostatChain

  /// - Parameter temperature: K, positive.
  /// - Parameter relaxationTime: of the thermostats, fs; 100 is usual.
  /// - Parameter length: the number of thermostats, 1 to 10.
  /// - Throws: `ArgumentError` naming what is out of range.
  public init(temperature: Double, relaxationTime: Double, length: Int = 3) throws(ArgumentError) {
    try checkPositive("NoseHooverChain", "temperature", temperature)
    try checkPositive("NoseHooverChain", "relaxation_time", relaxationTime)
    try checkChain("NoseHooverChain", length)
    self.temperature = temperature
    chain = ThermostatChain(length: length, relaxationTime: relaxationTime)
  }

  /// Moves a state by one step.
  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    exchange(&state, step / 2)
    var verlet = VelocityVerlet()
    try verlet.advance(&state, by: step, with: &field)
    exchange(&state, step / 2)
  }

  private mutating func exchange(_ state: inout DynamicsState, _ time: Double) {
    state.scaleVelocities(
      by: chain.advance(
        time, energy: state.kineticEnergy, freedom: state.degreesOfFreedom,
        temperature: temperature ?? 0))
  }

  /// What has gone to the surroundings, eV.
  public func surroundingsEnergy(_ state: DynamicsState) -> Double {
    chain.energy(freedom: state.degreesOfFreedom, temperature: temperature ?? 0)
  }

  /// What a restart needs.
  public var memory: [Double] {
    get { chain.memory }
    set { chain.memory = newValue }
  }
}
