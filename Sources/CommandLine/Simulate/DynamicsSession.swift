internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// Dynamics from their first step of this process to the last, with all that is written.
struct DynamicsSession {
  private let command: MolecularDynamicsCommand
  private let folder: DynamicsFolder
  private let lock: RunLock
  private var dynamics: MolecularDynamics<Calculator>
  private let trajectory: GrowingFile
  private let thermo: GrowingFile
  private let firstStep: Int
  /// The conserved energy of the first state of this process, eV.
  private let firstEnergy: Double
  /// The last step that was looked at for what is due of it; nil for a restart that does not say.
  private var recordedStep: Int?

  /// Begins, or goes on where the folder has dynamics.
  init(
    _ command: MolecularDynamicsCommand, _ potential: Potential, _ folder: DynamicsFolder
  ) throws {
    (self.command, self.folder) = (command, folder)
    let restart = command.resume ? try DynamicsRestart(contentsOf: folder.restart) : nil
    var dynamics =
      try restart.map { try Self.resumed($0, command, potential, folder) }
      ?? Self.begun(command, potential)
    dynamics.ramp = try command.ensemble.ramp()
    try folder.run.create()
    lock = try RunLock(folder.run)
    if restart == nil { try folder.removeAll() }
    self.dynamics = dynamics
    firstStep = dynamics.state.step
    firstEnergy = dynamics.conservedEnergy
    func bytes(_ key: String) throws(FileError) -> Int {
      guard let restart else { return 0 }
      guard let bytes = restart.notes[key].flatMap(Int.init), bytes >= 0 else {
        throw FileError(
          file: folder.restart, place: "note_\(key)", reason: "expected how many were written")
      }
      return bytes
    }
    recordedStep = restart?.notes["recorded_step"].flatMap(Int.init)
    trajectory = try GrowingFile(folder.trajectory, keeping: bytes("trajectory_bytes"))
    thermo = try GrowingFile(folder.thermo, keeping: bytes("thermo_bytes"))
  }

  private static func begun(
    _ command: MolecularDynamicsCommand, _ potential: Potential
  ) throws -> MolecularDynamics<Calculator> {
    let first = try FirstFrame(command.start, for: potential)
    let options = command.ensemble
    if options.ensemble.hasPressure { try first.checkCrystal() }
    var calculator = try Calculator(potential, skin: command.skin)
    var state = try DynamicsState(
      first.frame, constraint: constraint(command, first.frame), field: &calculator)
    if command.keepMomenta {
      guard
        let velocities = try DynamicsRecord.velocities(
          first.source, masses: state.masses, file: first.file)
      else { throw FileError(file: first.file, reason: "has no momenta for --keep-momenta") }
      state.velocities = velocities
      state.constrainVelocities()
    } else {
      try state.drawVelocities(
        temperature: options.temperature.start, seed: options.seed, isExact: true)
    }
    return try MolecularDynamics(
      state, options.integrator(), timeStep: options.timeStep, field: calculator,
      limits: limits(command))
  }

  private static func resumed(
    _ restart: DynamicsRestart, _ command: MolecularDynamicsCommand, _ potential: Potential,
    _ folder: DynamicsFolder
  ) throws -> MolecularDynamics<Calculator> {
    for (name, value) in settings(command) {
      guard let former = restart.notes[name], former != value else { continue }
      throw FileError(
        file: folder.restart, reason: "was made with \(name) \(former), not \(value)")
    }
    let options = command.ensemble
    return try restart.dynamics(
      options.integrator(), potential: potential, skin: command.skin, timeStep: options.timeStep,
      constraint: constraint(command, restart.frame), limits: limits(command))
  }

  private static func constraint(
    _ command: MolecularDynamicsCommand, _ frame: LabelledFrame
  ) -> MotionConstraint {
    command.ensemble.rest ? .usual(isPeriodic: frame.pbc.contains(true)) : []
  }

  private static func limits(_ command: MolecularDynamicsCommand) -> DynamicsLimits {
    DynamicsLimits(force: command.maxForce, spread: command.maxSpread)
  }

  private static func settings(
    _ command: MolecularDynamicsCommand
  ) -> [(name: String, value: String)] {
    command.ensemble.settings + [
      ("--skin", "\(command.skin)"), ("--interval", "\(command.interval)"),
      ("--thermo-interval", "\(command.thermoInterval)"),
    ]
  }

  mutating func run() throws {
    Interruption.catchSignals()
    let total = command.ensemble.steps
    let progress = ProgressLine(total: total, startingAt: firstStep, unit: "steps")
    defer { progress.finish() }
    if dynamics.state.step == 0 { try record(all: true) }
    // A step that was beyond a limit was not recorded, and is taken for right now.
    if let recordedStep, recordedStep < firstStep { try record(all: false) }
    let clock = ContinuousClock.now
    do {
      while dynamics.state.step < total, Interruption.signal == nil {
        try dynamics.advance()
        try record(all: false)
        progress.advance(to: dynamics.state.step, note: note(since: clock))
      }
    } catch let failure as DynamicsFailure {
      progress.finish()
      try writeRestart()
      try XYZWriter.write([DynamicsRecord.frame(failure.state)], to: folder.failed)
      throw PlainError("\(failure); the frame is in \(folder.failed)")
    }
    try writeRestart()
    progress.finish()
    try writeReport()
    let state = dynamics.state
    guard Interruption.signal == nil || state.step >= total else {
      StandardError.print(
        "\(Interruption.cause ?? "interrupted") after step \(state.step): --resume goes on")
      throw ExitCode(Interruption.exitCode)
    }
    StandardOutput.print(
      "\(state.step) steps, \(state.time / 1000) ps: \(note(since: clock))")
    StandardOutput.print("wrote \(folder.trajectory), \(folder.thermo), \(folder.report)")
  }

  private func note(since start: ContinuousClock.Instant) -> String {
    let state = dynamics.state
    let seconds = max(1e-9, (ContinuousClock.now - start) / .seconds(1))
    let nanoseconds = Double(state.step - firstStep) * dynamics.timeStep * 1e-6
    return DynamicsRecord.note(
      dynamics, drift: (dynamics.conservedEnergy - firstEnergy) / Double(state.count),
      speed: nanoseconds / seconds * 86400)
  }

  /// Writes what is due at this step.
  private mutating func record(all: Bool) throws {
    let step = dynamics.state.step
    recordedStep = step
    if all { try thermo.append(DynamicsRecord.header) }
    if step % command.thermoInterval == 0 { try thermo.append(DynamicsRecord.line(dynamics)) }
    if step % command.interval == 0 {
      try trajectory.append(
        XYZWriter.text([DynamicsRecord.frame(dynamics.state)], name: folder.trajectory))
    }
    if step % command.restartInterval == 0 { try writeRestart() }
  }

  private func writeReport() throws {
    let state = dynamics.state
    let options = command.ensemble
    let about = [
      "\(state.count) atoms", "\(options.ensemble.rawValue)",
      options.ensemble.hasTemperature ? "\(options.temperature) K" : "",
      "\(state.step) steps of \(options.timeStep) fs",
    ]
    try DynamicsReport(folder, dynamics.field.potential, about: about).write(to: folder.report)
  }

  private func writeRestart() throws {
    var notes = [
      "trajectory_bytes": "\(trajectory.bytes)", "thermo_bytes": "\(thermo.bytes)",
    ]
    notes["recorded_step"] = recordedStep.map { "\($0)" }
    for (name, value) in Self.settings(command) { notes[name] = value }
    try DynamicsRestart(dynamics, notes: notes).write(to: folder.restart)
  }
}
