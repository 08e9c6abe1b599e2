internal import E3xEngine
public import E3xFiles
public import E3xPotentials

/// All that dynamics need to go on to the same bits.
public struct DynamicsRestart: Sendable {
  /// Atoms, cell and velocities.
  public let frame: LabelledFrame
  /// [N], u
  public let masses: [Double]
  /// [N, 3], Å/fs
  public let velocities: [Double]
  /// Steps done.
  public let step: Int
  /// What the integrator remembers.
  public let memory: [Double]
  /// Where pairs were searched last, [N, 3] and [3, 3]: it decides the order in which forces are summed.
  let searchedPositions: [Double]?
  let searchedCell: [Double]?
  /// What whoever wrote it wants to know again.
  public let notes: [String: String]

  private static let format = "dynamics-1"
  /// Beyond that a time is no product of steps any more.
  private static let mostSteps: Int64 = 1 << 53

  /// What dynamics with a calculator are at now.
  public init(_ dynamics: MolecularDynamics<Calculator>, notes: [String: String] = [:]) {
    let state = dynamics.state
    (frame, masses, velocities) = (state.frame, state.masses, state.velocities)
    (step, memory) = (state.step, dynamics.integrator.memory)
    searchedPositions = dynamics.field.searched?.positions
    searchedCell = dynamics.field.searched?.cell
    self.notes = notes
  }

  /// Writes it, in place of what is there, as a whole.
  /// - Throws: `FileError` for what the system reports.
  public func write(to path: String) throws(FileError) {
    var tensors = [
      "atomic_numbers": SafetensorsTensor(frame.atomicNumbers, shape: [frame.count]),
      "positions": SafetensorsTensor(frame.positions, shape: [frame.count, 3]),
      "masses": SafetensorsTensor(masses, shape: [frame.count]),
      "velocities": SafetensorsTensor(velocities, shape: [frame.count, 3]),
      "step": SafetensorsTensor([Int64(step)], shape: [1]),
      "memory": SafetensorsTensor(memory, shape: [memory.count]),
      "pbc": SafetensorsTensor(frame.pbc, shape: [3]),
    ]
    tensors["cell"] = frame.cell.map { SafetensorsTensor($0, shape: [3, 3]) }
    tensors["searched_positions"] = searchedPositions.map {
      SafetensorsTensor($0, shape: [frame.count, 3])
    }
    tensors["searched_cell"] = searchedCell.map { SafetensorsTensor($0, shape: [3, 3]) }
    var metadata = ["format": Self.format]
    for (key, value) in notes { metadata["note_" + key] = value }
    try SafetensorsFile.write(tensors, metadata: metadata, to: path)
  }

  /// Reads what ``write(to:)`` wrote.
  /// - Throws: `FileError` for a file that cannot be read or is no restart.
  public init(contentsOf path: String) throws(FileError) {
    let file = try SafetensorsFile(contentsOf: path)
    guard file.metadata["format"] == Self.format else {
      throw FileError(file: path, reason: "is no restart of dynamics")
    }
    let numbers = try file.tensor("atomic_numbers").int32s()
    func doubles(_ name: String, _ count: Int?) throws(FileError) -> [Double] {
      let values = try file.tensor(name).doubles()
      guard count == nil || values.count == count, values.allSatisfy(\.isFinite) else {
        throw FileError(
          file: path, place: name,
          reason: "expected \(count.map { "\($0) " } ?? "")finite numbers")
      }
      return values
    }
    func optional(_ name: String, _ count: Int) throws(FileError) -> [Double]? {
      file[name] == nil ? nil : try doubles(name, count)
    }
    let pbc = try file.tensor("pbc").bools()
    let steps = try file.tensor("step").int64s()
    guard pbc.count == 3, steps.count == 1, let first = steps.first,
      (0...Self.mostSteps).contains(first)
    else {
      throw FileError(
        file: path,
        reason: "expected three flags in pbc, and in step a number from 0 to \(Self.mostSteps)")
    }
    frame = LabelledFrame(
      atomicNumbers: numbers, positions: try doubles("positions", 3 * numbers.count),
      cell: try optional("cell", 9), pbc: pbc)
    masses = try doubles("masses", numbers.count)
    velocities = try doubles("velocities", 3 * numbers.count)
    step = Int(first)
    memory = try doubles("memory", nil)
    searchedPositions = try optional("searched_positions", 3 * numbers.count)
    searchedCell = try optional("searched_cell", 9)
    var notes: [String: String] = [:]
    for (key, value) in file.metadata where key.hasPrefix("note_") {
      notes[String(key.dropFirst(5))] = value
    }
    self.notes = notes
  }

  /// Dynamics that go on from here.
  /// - Parameter integrator: with the settings that it had.
  /// - Throws: `ArgumentError` or `DynamicsFailure` as ``MolecularDynamics``, for a potential that does
  ///   not know the atoms, and for an integrator that remembers other numbers.
  public func dynamics(
    _ integrator: some Integrator, potential: Potential, skin: Double, timeStep: Double,
    constraint: MotionConstraint, limits: DynamicsLimits = DynamicsLimits()
  ) throws -> MolecularDynamics<Calculator> {
    var calculator = try Calculator(potential, skin: skin)
    if let searchedPositions {
      var there = frame
      (there.positions, there.cell) = (searchedPositions, searchedCell)
      try calculator.searchAgain(there)
    }
    var state = try DynamicsState(
      frame, masses: masses, constraint: constraint, field: &calculator)
    state.velocities = velocities
    state.step = step
    state.time = Double(step) * timeStep
    var mover = integrator
    guard mover.memory.count == memory.count else {
      throw ArgumentError(
        "DynamicsRestart.dynamics", "integrator",
        "expected one that remembers \(memory.count) numbers, received one of "
          + "\(mover.memory.count)")
    }
    mover.memory = memory
    return try MolecularDynamics(
      state, mover, timeStep: timeStep, field: calculator, limits: limits)
  }
}
