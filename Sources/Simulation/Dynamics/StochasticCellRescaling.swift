public import E3xEngine
internal import E3xPotentials
internal import E3xSystem

/// Constant temperature and pressure by stochastic cell rescaling (Bernetti & Bussi, J. Chem. Phys. 153,
/// 114107, 2020): the volume follows the difference of pressures with as much noise as makes its
/// fluctuations right, and does not oscillate. The cell keeps its shape. Stochastic velocity rescaling keeps
/// the temperature; velocity Verlet between.
public struct StochasticCellRescaling: Integrator {
  /// What it is called in files.
  public static let name = "npt-scr"

  /// eV/Å³
  public let pressure: Double
  /// Å³/eV
  public let compressibility: Double
  private let barostatTime: Double
  private let noise: StepNoise
  private var thermostat: VelocityRescaling
  private var work = 0.0

  /// - Parameters:
  ///   - temperature: K, not negative.
  ///   - pressure: eV/Å³ (``Units/gigapascal``).
  ///   - compressibility: Å³/eV, roughly that of the material: where it is too large by a factor the volume
  ///     follows faster by that factor, and the ensemble stays the same.
  ///   - relaxationTime: of the thermostat, fs; 100 is usual.
  ///   - barostatTime: in which the volume forgets where it was, fs; 1000 is usual.
  ///   - seed: of the noise.
  /// - Throws: `ArgumentError` naming what is out of range.
  public init(
    temperature: Double, pressure: Double = 0, compressibility: Double,
    relaxationTime: Double = 100, barostatTime: Double = 1000, seed: Int = 0
  ) throws(ArgumentError) {
    let function = "StochasticCellRescaling"
    try checkPositive(function, "compressibility", compressibility)
    try checkPositive(function, "barostat_time", barostatTime)
    guard pressure.isFinite else {
      throw ArgumentError(function, "pressure", "expected a finite number, received \(pressure)")
    }
    (self.pressure, self.compressibility) = (pressure, compressibility)
    self.barostatTime = barostatTime
    thermostat = try VelocityRescaling(
      temperature: temperature, relaxationTime: relaxationTime, seed: seed)
    noise = StepNoise(seed: seed)
  }

  /// The temperature that is aimed at, K.
  public var temperature: Double? {
    get { thermostat.temperature }
    set { thermostat.temperature = newValue }
  }

  /// Moves a state by one step.
  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    thermostat.exchange(&state, step / 2, stream: 0)
    state.kick(step / 2)
    state.drift(step)
    let strain = try rescale(&state, step)
    let before = Self.virial(state.prediction, strain.volume)
    try state.update(&field)
    let after = Self.virial(state.prediction, state.volume ?? 0)
    work += strain.kineticEnergy + strain.edge * (before + after) / 2
    state.kick(step / 2)
    thermostat.exchange(&state, step / 2, stream: 1)
  }

  /// dE/d(strain) of a strain that is alike in all directions, eV.
  private static func virial(_ prediction: Potential.Prediction, _ volume: Double) -> Double {
    prediction.stress.map { volume * ($0[0] + $0[4] + $0[8]) } ?? 0
  }

  /// Scales the cell, with the positions and against the velocities: the root of the volume, whose noise
  /// does not depend on it, makes an Euler step.
  /// - Returns: the volume before, the logarithm of the scale, and what the kinetic energy gained.
  private func rescale(
    _ state: inout DynamicsState, _ step: Double
  ) throws -> (volume: Double, edge: Double, kineticEnergy: Double) {
    let function = "StochasticCellRescaling"
    guard let volume = state.volume, let found = state.pressure else {
      throw ArgumentError(
        function, "frame", "expected a structure that repeats along three vectors")
    }
    let thermal = Units.boltzmann * (temperature ?? 0)
    let rate = compressibility / (2 * barostatTime)
    let random = noise.normal(1, step: state.step, stream: 2).first ?? 0
    let root = volume.squareRoot()
    let pull = rate * root * (found - pressure + thermal / (2 * volume)) * step
    let next = root + pull + (thermal * rate * abs(step)).squareRoot() * random
    // Not a number is not within either.
    guard abs(next / root - 1) < 0.05 else {
      throw ArgumentError(
        function, "barostat_time",
        "the volume changes by a tenth in one step: expected more than \(barostatTime) fs, or a "
          + "compressibility below \(compressibility) Å³/eV")
    }
    let edge = cbrt(next * next / volume)
    let kineticEnergy = state.kineticEnergy
    for index in state.frame.positions.indices { state.frame.positions[index] *= edge }
    state.frame.cell = state.frame.cell.map { cell in cell.map { $0 * edge } }
    state.scaleVelocities(by: 1 / edge)
    return (volume, log(edge), state.kineticEnergy - kineticEnergy)
  }

  /// What has gone to the surroundings, the work against the pressure among it, eV.
  public func surroundingsEnergy(_ state: DynamicsState) -> Double {
    thermostat.surroundingsEnergy(state) - work
  }

  /// What a restart needs.
  public var memory: [Double] {
    get { thermostat.memory + [work] }
    set {
      guard newValue.count == 2 else { return }
      thermostat.memory = [newValue[0]]
      work = newValue[1]
    }
  }
}
