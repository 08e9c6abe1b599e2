internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// `e3x relax`: structures at minima of their energies.
struct RelaxCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relax",
    abstract: "Relax structures to minima of their energies.",
    discussion: """
      All frames of a file, many at once, are written in their order with energy, forces and stress, \
      'relaxed' (whether forces and stress are small enough) and 'relax_steps'. With --cell the vectors \
      of the cell change, too, and energy + pressure × volume is least; the cell does not turn. Atoms \
      that --fix or ASE's column move_mask names stay where they are; in a cell that changes they \
      follow it.

      If some do not converge, all are written, with the lowest energy that was seen, and the exit code \
      is 1.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "Structures (XYZ, extended XYZ); - is standard input.")
  var frames: String
  @Option(
    name: .shortAndLong,
    help: """
      The file to write (extended XYZ, compressed if its name ends in .gz); - is standard output.
      """)
  var output: String
  @Option(help: "lbfgs: quasi-Newton; fire: damped dynamics, slower, for rough beginnings.")
  var optimizer = MinimizerChoice.lbfgs
  @Option(
    help: """
      How the cell changes: none, isotropic (its volume), axes (x, y and z by themselves) or full \
      (shape, too).
      """)
  var cell = CellChoice.none
  @Option(help: "Pressure on the cell (GPa).")
  var pressure = 0.0
  @Option(help: "The largest force on an atom of a relaxed structure (eV/Å).")
  var fmax = 0.01
  @Option(help: "The largest stress of a relaxed cell, beyond that of the pressure (GPa).")
  var smax = 0.01
  @Option(help: "The most steps of a structure.")
  var steps = 500
  @Option(
    help: "Atoms that stay, by numbers from 1, such as 1-4,7. (default: none)",
    transform: AtomSelection.init)
  var fix: AtomSelection?
  @Option(help: "The most structures at once.")
  var batchSize = 32

  func validate() throws {
    try checkOption("--fmax", fmax, "a positive number") { $0 > 0 }
    try checkOption("--smax", smax, "a positive number") { $0 > 0 }
    try checkOption("--pressure", pressure, "a number")
    guard pressure == 0 || cell != .none else {
      throw ValidationError("--pressure: has no meaning without --cell")
    }
    guard steps >= 0 else {
      throw ValidationError("--steps: must not be negative, received \(steps)")
    }
    guard batchSize >= 1 else {
      throw ValidationError("--batch-size: must be at least 1, received \(batchSize)")
    }
  }

  var options: RelaxationOptions {
    RelaxationOptions(
      cell: cell.freedom, pressure: pressure / Units.gigapascal, force: fmax,
      stress: smax / Units.gigapascal, steps: steps)
  }

  func run() throws {
    try FileIdentity.checkStandardInput([model, frames])
    try FileIdentity.checkDiffers(output: output, from: [model, frames])
    try OutputFile.check(output)
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    if FileIdentity.ofOutput(output)?.isRegularFile ?? true { Interruption.catchSignals() }
    var session = try RelaxationSession(self, potential)
    try session.run()
  }
}
