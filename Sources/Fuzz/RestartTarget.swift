import E3xEngine
import E3xFiles
import E3xPotentials
import E3xSimulation
import Foundation

/// Restarts of dynamics, as `e3x md --resume` takes them.
struct RestartTarget: FuzzTarget {
  let name = "restart"
  private let potential: Potential
  private let restarts: [Data]

  init(samples: Samples) throws {
    let folder = try ScratchFolder()
    try samples.model.write(to: URL(fileURLWithPath: folder.path("model")))
    let potential = try Potential(contentsOf: folder.path("model"))
    self.potential = potential
    var crystal = Samples.frames[0]
    (crystal.cell, crystal.pbc) = ([4, 0, 0, 0.5, 4, 0, 0, 0, 4], [true, true, true])
    restarts = try Self.integrators().keys.sorted().map { name in
      var calculator = try Calculator(potential)
      var state = try DynamicsState(
        name.hasPrefix("npt") ? crystal : Samples.frames[0], field: &calculator)
      try state.drawVelocities(temperature: 300, seed: 1)
      var dynamics = try MolecularDynamics(
        state, VelocityVerlet(), timeStep: 0.5, field: calculator)
      try Self.integrators()[name].map { dynamics.replaceIntegrator($0) }
      for _ in 0..<2 { try dynamics.advance() }
      try DynamicsRestart(dynamics, notes: ["integrator": name]).write(to: folder.path("restart"))
      return try FileBytes.read(folder.path("restart"))
    }
  }

  private static func integrators() throws -> [String: any Integrator] {
    [
      "nve": VelocityVerlet(),
      "langevin": try Langevin(temperature: 300, friction: 0.01),
      "bussi": try VelocityRescaling(temperature: 300, relaxationTime: 100),
      "nose-hoover": try NoseHooverChain(temperature: 300, relaxationTime: 100),
      "npt": try IsothermalIsobaric(temperature: 300, coupling: .full),
      "npt-scr": try StochasticCellRescaling(temperature: 300, compressibility: 3),
    ]
  }

  func input(with dice: inout Dice) throws -> Data {
    let data = try SafetensorsMutation.mutate(dice.pick(restarts), with: &dice)
    return dice.once(in: 8) ? ByteMutation.mutate(data, with: &dice) : data
  }

  /// What can be read reads back the same, and dynamics go on from it, or say why not.
  func use(_ path: String) throws {
    let restart = try DynamicsRestart(contentsOf: path)
    try restart.write(to: path + ".copy")
    let again = try DynamicsRestart(contentsOf: path + ".copy")
    guard again.frame.positions == restart.frame.positions, again.frame.cell == restart.frame.cell,
      again.velocities == restart.velocities, again.masses == restart.masses,
      again.memory == restart.memory, again.step == restart.step, again.notes == restart.notes
    else { throw Finding(description: "a copy differs") }
    let integrator = try Self.integrators()[restart.notes["integrator"] ?? ""] ?? VelocityVerlet()
    do {
      var dynamics = try restart.dynamics(
        integrator, potential: potential, skin: Calculator.usualSkin, timeStep: 0.5,
        constraint: .translation)
      for _ in 0..<3 { try dynamics.advance() }
      try DynamicsRestart(dynamics).write(to: path + ".copy")
    } catch let failure as DynamicsFailure {
      guard !failure.description.contains(where: \.isNewline) else {
        throw Finding(description: "a message that is not one line: \(failure)")
      }
    }
  }
}
