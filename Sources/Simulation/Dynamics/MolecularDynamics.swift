public import E3xEngine
internal import E3xPotentials

/// Dynamics of a structure: a state, what moves it, and when it has gone wrong.
///
///     var calculator = try Calculator(potential)
///     var state = try DynamicsState(frame, constraint: .translation, field: &calculator)
///     try state.drawVelocities(temperature: 300, seed: 1)
///     var dynamics = try MolecularDynamics(
///       state, Langevin(temperature: 300, friction: 0.01), timeStep: 0.5, field: calculator)
///     for _ in 0..<10_000 { try dynamics.advance() }
public struct MolecularDynamics<Field: ForceField>: Sendable {
  /// The state by now.
  public private(set) var state: DynamicsState
  /// What moves it.
  public private(set) var integrator: any Integrator
  /// What gives forces.
  public private(set) var field: Field
  /// fs
  public let timeStep: Double
  /// The target temperature over the steps; nil: that of the integrator.
  public var ramp: TemperatureRamp?
  /// When it ends by itself.
  public let limits: DynamicsLimits

  /// - Parameter timeStep: fs, not zero; negative goes back in time.
  /// - Throws: `ArgumentError` naming `time_step` that is zero or not finite, or a limit that is none;
  ///   ``DynamicsFailure`` if the state is beyond a limit already.
  public init(
    _ state: DynamicsState, _ integrator: some Integrator, timeStep: Double, field: Field,
    limits: DynamicsLimits = DynamicsLimits()
  ) throws {
    guard timeStep != 0, timeStep.isFinite else {
      throw ArgumentError(
        "MolecularDynamics", "time_step",
        "expected a finite number that is not zero, received \(timeStep)")
    }
    try limits.check()
    (self.state, self.integrator, self.timeStep) = (state, integrator, timeStep)
    (self.field, self.limits) = (field, limits)
    if let reason = limits.exceeded(by: state) { throw DynamicsFailure(reason, state) }
  }

  /// Moves by one step.
  /// - Throws: ``DynamicsFailure`` if the state that it comes to is beyond a limit; what the field
  ///   throws, after which the state is that before.
  public mutating func advance() throws {
    if let ramp { integrator.temperature = ramp.temperature(at: state.step) }
    var (next, mover) = (state, integrator)
    do {
      try mover.advance(&next, by: timeStep, with: &field)
    } catch {
      // Coordinates that are no numbers any more are refused by the field.
      guard next.frame.positions.allSatisfy(\.isFinite) else {
        throw DynamicsFailure("a position is no finite number", state)
      }
      throw error
    }
    next.step += 1
    next.time = Double(next.step) * timeStep
    (state, integrator) = (next, mover)
    if let reason = limits.exceeded(by: state) { throw DynamicsFailure(reason, state) }
  }

  /// Goes on with another integrator, or with the memory of a former one.
  public mutating func replaceIntegrator(_ integrator: any Integrator) {
    self.integrator = integrator
  }

  /// What stays the same but for the error of the step, eV.
  public var conservedEnergy: Double {
    state.totalEnergy + integrator.surroundingsEnergy(state)
  }
}

/// A temperature that changes linearly with the steps.
public struct TemperatureRamp: Sendable, Equatable {
  /// At the first step, K.
  public let start: Double
  /// At the last step, K.
  public let end: Double
  /// How many steps it takes.
  public let steps: Int

  /// - Throws: `ArgumentError` naming `temperature` or `steps` if they are negative or not finite.
  public init(from start: Double, to end: Double, steps: Int) throws(ArgumentError) {
    try checkTemperature("TemperatureRamp", start)
    try checkTemperature("TemperatureRamp", end)
    guard steps >= 1 else {
      throw ArgumentError("TemperatureRamp", "steps", "must be at least 1, received \(steps)")
    }
    (self.start, self.end, self.steps) = (start, end, steps)
  }

  /// K
  public func temperature(at step: Int) -> Double {
    start + (end - start) * min(1, max(0, Double(step) / Double(steps)))
  }
}

/// When dynamics have gone wrong.
public struct DynamicsLimits: Sendable, Equatable {
  /// The largest force on an atom, eV/Å.
  public var force: Double
  /// The largest spread of a committee's forces on an atom, eV/Å; nil for none.
  public var spread: Double?

  /// Limits: of forces, and none of the spread, if nothing is said.
  public init(force: Double = 100, spread: Double? = nil) {
    (self.force, self.spread) = (force, spread)
  }

  func check() throws(ArgumentError) {
    try checkPositive("DynamicsLimits", "force", force)
    if let spread { try checkPositive("DynamicsLimits", "spread", spread) }
  }

  /// Why a state is beyond the limits; nil if it is not.
  func exceeded(by state: DynamicsState) -> String? {
    let prediction = state.prediction
    guard prediction.energy.isFinite, state.velocities.allSatisfy(\.isFinite) else {
      return "energy or velocities are no finite numbers"
    }
    let forces = prediction.forces
    for atom in 0..<state.count {
      let (x, y, z) = (forces[3 * atom], forces[3 * atom + 1], forces[3 * atom + 2])
      let size = (x * x + y * y + z * z).squareRoot()
      // Not a number is not below either.
      if !(size <= force) {
        return "the force on atom \(atom + 1) is \(size) eV/Å, beyond \(force)"
      }
    }
    if let spread, let deviations = prediction.forcesDeviation {
      for (atom, value) in deviations.enumerated() where !(value <= spread) {
        return "the spread of the force on atom \(atom + 1) is \(value) eV/Å, beyond \(spread)"
      }
    }
    return nil
  }
}

/// Dynamics that have gone wrong.
public struct DynamicsFailure: Error, CustomStringConvertible {
  /// What is wrong.
  public let reason: String
  /// The state that did it, or the last one if that is none.
  public let state: DynamicsState

  init(_ reason: String, _ state: DynamicsState) { (self.reason, self.state) = (reason, state) }

  /// The step and what is wrong.
  public var description: String { "step \(state.step): \(reason)" }
}
