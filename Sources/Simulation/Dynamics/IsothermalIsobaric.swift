public import E3xEngine
internal import E3xPotentials
internal import E3xSystem

/// Constant temperature and pressure: the equations of Martyna, Tobias and Klein (J. Chem. Phys. 101,
/// 4177, 1994), with chains of thermostats for atoms and cell, integrated by the reversible splitting of
/// Martyna et al. (Mol. Phys. 87, 1117, 1996) and Tuckerman et al. (J. Phys. A 39, 5629, 2006).
public struct IsothermalIsobaric: Integrator {
  /// What it is called in files.
  public static let name = "npt"

  /// How the cell may change.
  public enum Coupling: String, Sendable, CaseIterable {
    /// Its volume alone.
    case isotropic
    /// Stretches along x, y and z, each for itself.
    case axes
    /// Its volume and shape; it does not turn.
    case full

    var freedom: Int {
      switch self {
      case .isotropic: 1
      case .axes: 3
      case .full: 6
      }
    }

    /// The part of a symmetric matrix that the cell follows.
    func projected(_ matrix: [Double]) -> [Double] {
      var result = matrix
      if self == .full { return result }
      let mean = (matrix[0] + matrix[4] + matrix[8]) / 3
      for i in 0..<3 {
        for j in 0..<3 where i != j { result[3 * i + j] = 0 }
        if self == .isotropic { result[4 * i] = mean }
      }
      return result
    }
  }

  /// eV/Å³
  public let pressure: Double
  /// How the cell may change.
  public let coupling: Coupling
  /// The temperature that is aimed at, K.
  public var temperature: Double?
  private let barostatTime: Double
  private var atoms: ThermostatChain
  private var cell: ThermostatChain
  /// The rate at which space stretches, 1/fs, [3, 3], symmetric.
  private var rate = [Double](repeating: 0, count: 9)

  /// - Parameters:
  ///   - temperature: K, positive.
  ///   - pressure: eV/Å³ (``Units/gigapascal``).
  ///   - relaxationTime: of the thermostats, fs; 100 is usual.
  ///   - barostatTime: in which the volume oscillates, fs; 1000 is usual.
  ///   - coupling: how the cell may change.
  ///   - length: the number of thermostats in a chain, 1 to 10.
  /// - Throws: `ArgumentError` naming what is out of range.
  public init(
    temperature: Double, pressure: Double = 0, relaxationTime: Double = 100,
    barostatTime: Double = 1000, coupling: Coupling = .isotropic, length: Int = 3
  ) throws(ArgumentError) {
    let function = "IsothermalIsobaric"
    try checkPositive(function, "temperature", temperature)
    try checkPositive(function, "relaxation_time", relaxationTime)
    try checkPositive(function, "barostat_time", barostatTime)
    try checkChain(function, length)
    guard pressure.isFinite else {
      throw ArgumentError(function, "pressure", "expected a finite number, received \(pressure)")
    }
    (self.temperature, self.pressure, self.coupling) = (temperature, pressure, coupling)
    self.barostatTime = barostatTime
    atoms = ThermostatChain(length: length, relaxationTime: relaxationTime)
    cell = ThermostatChain(length: length, relaxationTime: barostatTime)
  }

  /// Moves a state by one step.
  public mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    exchange(&state, step / 2, atomsFirst: false)
    try stretch(state, step / 2)
    let flow = Flow(rate: rate, freedom: state.degreesOfFreedom)
    flow.kick(&state, step / 2)
    flow.drift(&state, step)
    try state.update(&field)
    flow.kick(&state, step / 2)
    try stretch(state, step / 2)
    exchange(&state, step / 2, atomsFirst: true)
  }

  private var thermal: Double { Units.boltzmann * (temperature ?? 0) }

  /// Of the cell, eV fs².
  private func mass(_ state: DynamicsState) -> Double {
    Double(state.degreesOfFreedom + 3) * thermal * barostatTime * barostatTime / 3
  }

  private func cellEnergy(_ state: DynamicsState) -> Double {
    mass(state) * rate.reduce(0) { $0 + $1 * $1 } / 2
  }

  private mutating func exchange(_ state: inout DynamicsState, _ time: Double, atomsFirst: Bool) {
    func exchangeAtoms() {
      state.scaleVelocities(
        by: atoms.advance(
          time, energy: state.kineticEnergy, freedom: state.degreesOfFreedom,
          temperature: temperature ?? 0))
    }
    if atomsFirst { exchangeAtoms() }
    let factor = cell.advance(
      time, energy: cellEnergy(state), freedom: coupling.freedom, temperature: temperature ?? 0)
    for index in rate.indices { rate[index] *= factor }
    if !atomsFirst { exchangeAtoms() }
  }

  /// What the difference of pressures does to the rate.
  private mutating func stretch(_ state: DynamicsState, _ time: Double) throws {
    guard let volume = state.volume, let pressures = state.pressureTensor else {
      throw ArgumentError(
        "IsothermalIsobaric", "frame", "expected a structure that repeats along three vectors")
    }
    var force = pressures.map { $0 * volume }
    let shift =
      2 * state.kineticEnergy / Double(max(1, state.degreesOfFreedom)) - pressure * volume
    for axis in 0..<3 { force[4 * axis] += shift }
    let scale = time / mass(state)
    for (index, value) in coupling.projected(force).enumerated() { rate[index] += scale * value }
  }

  /// What has gone to the surroundings, the work against the pressure among it, eV.
  public func surroundingsEnergy(_ state: DynamicsState) -> Double {
    cellEnergy(state) + pressure * (state.volume ?? 0)
      + atoms.energy(freedom: state.degreesOfFreedom, temperature: temperature ?? 0)
      + cell.energy(freedom: coupling.freedom, temperature: temperature ?? 0)
  }

  /// What a restart needs.
  public var memory: [Double] {
    get { rate + atoms.memory + cell.memory }
    set {
      let count = atoms.memory.count
      guard newValue.count == 9 + 2 * count else { return }
      rate = Array(newValue[..<9])
      atoms.memory = Array(newValue[9..<(9 + count)])
      cell.memory = Array(newValue[(9 + count)...])
    }
  }
}

/// Atoms in a space that stretches at a constant rate: exact solutions along the axes of the rate.
private struct Flow {
  private let rates: [Double]
  private let axes: [Double]
  private let drag: Double

  init(rate: [Double], freedom: Int) {
    (rates, axes) = SymmetricMatrix.eigen(rate, size: 3)
    drag = rates.reduce(0, +) / Double(max(1, freedom))
  }

  /// A matrix with these eigenvalues.
  private func matrix(_ values: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: 9)
    for i in 0..<3 {
      for j in 0..<3 {
        for k in 0..<3 { result[3 * i + j] += axes[3 * i + k] * values[k] * axes[3 * j + k] }
      }
    }
    return result
  }

  private static func sinhc(_ x: Double) -> Double {
    abs(x) < 1e-4 ? 1 + x * x / 6 : sinh(x) / x
  }

  /// dv/dt = f/m − (ν + tr ν / N) v
  func kick(_ state: inout DynamicsState, _ time: Double) {
    let damping = rates.map { $0 + drag }
    let keep = matrix(damping.map { exp(-$0 * time) })
    let push = matrix(damping.map { time * exp(-$0 * time / 2) * Self.sinhc($0 * time / 2) })
    let (velocities, forces) = (state.velocities, state.prediction.forces)
    for atom in 0..<state.count {
      let scale = Units.acceleration / state.masses[atom]
      for i in 0..<3 {
        var sum = 0.0
        for j in 0..<3 {
          sum +=
            keep[3 * i + j] * velocities[3 * atom + j]
            + push[3 * i + j] * scale * forces[3 * atom + j]
        }
        state.velocities[3 * atom + i] = sum
      }
    }
  }

  /// dx/dt = v + ν x, and the same for the vectors of the cell.
  func drift(_ state: inout DynamicsState, _ time: Double) {
    let stretch = matrix(rates.map { exp($0 * time) })
    let move = matrix(rates.map { time * exp($0 * time / 2) * Self.sinhc($0 * time / 2) })
    let positions = state.frame.positions
    for atom in 0..<state.count {
      for i in 0..<3 {
        var sum = 0.0
        for j in 0..<3 {
          sum +=
            stretch[3 * i + j] * positions[3 * atom + j]
            + move[3 * i + j] * state.velocities[3 * atom + j]
        }
        state.frame.positions[3 * atom + i] = sum
      }
    }
    guard let cell = state.frame.cell else { return }
    for row in 0..<3 {
      for i in 0..<3 {
        state.frame.cell?[3 * row + i] = (0..<3).reduce(0) {
          $0 + stretch[3 * i + $1] * cell[3 * row + $1]
        }
      }
    }
  }
}
