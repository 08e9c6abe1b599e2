internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// `e3x md`: dynamics of a structure.
struct MolecularDynamicsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "md",
    abstract: "Run molecular dynamics.",
    discussion: """
      Writes into a folder: trajectory.xyz (extended XYZ with energies, forces, stress and momenta, as \
      ASE reads them), thermo.csv (a line for every --thermo-interval steps), restart.safetensors, and \
      at the end report.html (the trajectory to turn and play, energies, temperature, distances, and \
      attention if the model has it). \
      --resume with the same options goes on from there, to the same bits as if nothing had stopped it: \
      after Ctrl-C, after a crash, or to more --steps.

      Dynamics that go wrong (--max-force, --max-spread, numbers that are none) end with exit code 1, \
      and the frame that did it is in failed.xyz.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "The structure to begin with (XYZ, extended XYZ); its first frame counts.")
  var start: String
  @Option(name: .shortAndLong, help: "The folder that results are written to.")
  var output = "dynamics"
  @OptionGroup var ensemble: EnsembleOptions
  @Flag(help: "Begin with the momenta of the structure in place of random velocities.")
  var keepMomenta = false
  @Option(help: "Steps between frames of the trajectory.")
  var interval = 100
  @Option(help: "Steps between lines of thermo.csv.")
  var thermoInterval = 10
  @Option(help: "Steps between restart files.")
  var restartInterval = 1000
  @Option(help: "The largest force on an atom that is taken for right (eV/Å).")
  var maxForce = 100.0
  @Option(help: "The largest spread of a committee's force on an atom (eV/Å). (default: any)")
  var maxSpread: Double?
  @Option(
    help: "How far beyond the cutoff pairs are searched, so that they serve several steps (Å).")
  var skin = Calculator.usualSkin
  @Flag(help: "Go on with the dynamics in the output folder.")
  var resume = false
  @Flag(help: "Begin anew where the output folder has dynamics: its files are removed.")
  var overwrite = false

  func validate() throws {
    for (name, value) in [
      ("--interval", interval), ("--thermo-interval", thermoInterval),
      ("--restart-interval", restartInterval),
    ] where value < 1 {
      throw ValidationError("\(name): must be at least 1, received \(value)")
    }
    for (name, value) in [("--max-force", maxForce), ("--max-spread", maxSpread ?? 1)]
    where !(value > 0 && value < .infinity) {
      throw ValidationError("\(name): expected a positive number, received \(value)")
    }
    guard skin >= 0, skin < .infinity else {
      throw ValidationError("--skin: expected a number that is not negative, received \(skin)")
    }
    guard !(resume && overwrite) else {
      throw ValidationError("--resume: not together with --overwrite")
    }
  }

  func run() throws {
    try FileIdentity.checkStandardInput([model, start])
    let folder = DynamicsFolder(output)
    try folder.run.checkPlace()
    if let trace = folder.run.traceOfRun {
      throw FileError(
        file: output,
        reason: "has a training (\(trace)), whose report would be lost: name another folder")
    }
    if !resume, !overwrite, let trace = folder.trace {
      throw FileError(
        file: output,
        reason: "has dynamics already (\(trace)): --resume goes on, --overwrite begins anew")
    }
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    var session = try DynamicsSession(self, potential, folder)
    try session.run()
  }
}
