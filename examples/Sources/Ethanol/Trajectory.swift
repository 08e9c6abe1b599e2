import E3x

/// Langevin dynamics at 300 K in steps of half a femtosecond, with what is kept of them.
struct Trajectory {
  /// ps
  private(set) var times: [Double] = []
  /// K
  private(set) var temperatures: [Double] = []
  /// eV
  private(set) var energies: [Double] = []
  /// Of C–C–O–H, from 0 to 360 degrees, so that trans is in the middle.
  private(set) var dihedrals: [Double] = []
  /// Every fifth of a picosecond.
  private(set) var frames: [(time: Double, frame: LabelledFrame)] = []

  private static let timeStep = 0.5

  init(_ potential: Potential, from start: LabelledFrame, picoseconds: Double) throws {
    var calculator = try Calculator(potential)
    var state = try DynamicsState(
      start, constraint: .usual(isPeriodic: false), field: &calculator)
    try state.drawVelocities(temperature: 300, seed: 1, isExact: true)
    var dynamics = try MolecularDynamics(
      state, Langevin(temperature: 300, friction: 0.01, seed: 1), timeStep: Self.timeStep,
      field: calculator)
    let steps = Int(1000 * picoseconds / Self.timeStep)
    for step in 0...steps {
      if step > 0 { try dynamics.advance() }
      if step % 20 == 0 { keep(dynamics.state) }
      if step % 400 == 0 { frames.append((dynamics.state.time / 1000, dynamics.state.frame)) }
    }
  }

  private mutating func keep(_ state: DynamicsState) {
    times.append(state.time / 1000)
    temperatures.append(state.temperature)
    energies.append(state.prediction.energy)
    let dihedral = degrees(state.frame.hydroxyl.angle)
    dihedrals.append(dihedral < 0 ? dihedral + 360 : dihedral)
  }

  /// Of three parts of the turn, the share of the time: gauche on both sides, and trans.
  var shares: (plus: Double, minus: Double, trans: Double) {
    let count = Double(dihedrals.count)
    return (
      Double(dihedrals.count { $0 < 120 }) / count,
      Double(dihedrals.count { $0 > 240 }) / count,
      Double(dihedrals.count { $0 >= 120 && $0 <= 240 }) / count
    )
  }

  var summary: String {
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let (plus, minus, trans) = shares
    return "mean temperature \(fixed(mean(temperatures), 0)) K, "
      + "mean potential energy \(fixed(mean(energies), 3)) eV\n"
      + "of the time gauche \(fixed(100 * plus, 0)) % on the one side and "
      + "\(fixed(100 * minus, 0)) % on the other, trans \(fixed(100 * trans, 0)) %"
  }

  func write(to path: String) throws {
    let frames = frames.map { time, frame in
      var result = XYZFrame(numbers: frame.atomicNumbers, positions: frame.positions)
      result.info["time_fs"] = .real(1000 * time)
      return result
    }
    try XYZWriter.write(frames, to: path)
  }
}
