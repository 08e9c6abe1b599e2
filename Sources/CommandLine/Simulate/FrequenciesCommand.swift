internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation
internal import OrderedCollections

/// `e3x frequencies`: the vibrations of a structure.
struct FrequenciesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "frequencies",
    abstract: "Compute the vibrations of a structure.",
    discussion: """
      From exact second derivatives: wavenumbers (cm⁻¹, imaginary ones negative) of the normal modes, \
      without translations and, of molecules, rotations, the zero-point energy, and what harmonic \
      vibrations add to energy, entropy and heat capacity. Begin with a structure that 'e3x relax' has \
      relaxed. Of what repeats the modes are those in which all cells move alike; 'e3x phonons' has all.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "The structure (XYZ, extended XYZ); its first frame counts.")
  var start: String
  @Option(help: "Temperature (K); may be given several times. (default: 298.15)")
  var temperature: [Double] = []
  @Option(
    help: "Atoms that do not move, by numbers from 1, such as 1-4,7. (default: none)",
    transform: AtomSelection.init)
  var fix: AtomSelection?
  @Option(help: "The largest force on an atom that is taken for none (eV/Å).")
  var maxForce = 0.02
  @Option(
    name: .shortAndLong,
    help: """
      A file for the modes (extended XYZ, a frame for each, with its direction in the column 'mode'). \
      (default: none is written)
      """)
  var output: String?
  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    try checkOption("--max-force", maxForce, "a positive number") { $0 > 0 }
    for value in temperature {
      try checkOption("--temperature", value, "a number that is not negative") { $0 >= 0 }
    }
  }

  func run() throws {
    try FileIdentity.checkStandardInput([model, start])
    if let output {
      try FileIdentity.checkDiffers(output: output, from: [model, start])
      try OutputFile.check(output)
    }
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    let first = try FirstFrame(start, for: potential)
    let fixed = try first.fixedCoordinates(fix)
    let (prediction, force) = try RestCheck.prediction(
      first, potential, limit: maxForce, fixed: fixed)
    let modes = try NormalModes(
      first.frame, fixed: fixed, field: ShownHessian(potential: potential))
    let thermodynamics = (temperature.isEmpty ? [298.15] : temperature).map {
      HarmonicThermodynamics(wavenumbers: modes.wavenumbers, temperature: $0)
    }
    if let output { try Self.write(modes, first, to: output) }
    let text =
      json
      ? try prettyJSON(Report(modes, thermodynamics, energy: prediction.energy, force: force))
      : Self.table(modes, thermodynamics)
    if output.map(OutputFile.isStandardOutput) == true {
      StandardError.print(text)
    } else {
      StandardOutput.print(text)
    }
  }

  private static func write(
    _ modes: NormalModes, _ first: FirstFrame, to path: String
  ) throws(FileError) {
    let frames = modes.modes.enumerated().map { number, mode in
      var frame = XYZFrame(
        numbers: first.frame.atomicNumbers, positions: first.frame.positions,
        lattice: first.frame.cell, pbc: first.frame.pbc)
      frame.info["mode_number"] = .integer(number + 1)
      frame.info["wavenumber_cm"] = .real(mode.wavenumber)
      frame.info["reduced_mass_u"] = .real(mode.reducedMass)
      frame.arrays["mode"] = XYZColumn(.reals(mode.displacement), width: 3)
      return frame
    }
    try XYZWriter.write(frames, to: path)
  }

  private static func table(
    _ modes: NormalModes, _ thermodynamics: [HarmonicThermodynamics]
  ) -> String {
    var lines = ["  mode   wavenumber (cm⁻¹)   energy (meV)   reduced mass (u)"]
    for (number, mode) in modes.modes.enumerated() {
      lines.append(
        String(
          format: "%6d%20.3f%15.4f%19.4f", number + 1, mode.wavenumber,
          1000 * Wavenumber.energy(mode.wavenumber), mode.reducedMass))
    }
    let rigid = modes.rigidWavenumbers.map { String(format: "%.2f", $0) }
    lines.append(
      rigid.isEmpty
        ? "atoms are fixed: no translations or rotations were taken out"
        : "taken out, translations and rotations (cm⁻¹): \(rigid.joined(separator: " "))")
    let imaginary = modes.wavenumbers.count { $0 < -HarmonicThermodynamics.leastWavenumber }
    if imaginary > 0 {
      lines.append("\(imaginary) imaginary: the structure is no minimum")
    }
    return (lines + ["", ThermodynamicsReport.table(thermodynamics)]).joined(separator: "\n")
  }

  private struct Report: Encodable {
    let energy_eV: Double
    let largest_force_eV_A: Double
    let wavenumbers_cm: [Double]
    let reduced_masses_u: [Double]
    let rigid_wavenumbers_cm: [Double]
    let zero_point_energy_eV: Double
    let thermodynamics: [ThermodynamicsReport]

    init(
      _ modes: NormalModes, _ thermodynamics: [HarmonicThermodynamics], energy: Double,
      force: Double
    ) {
      (energy_eV, largest_force_eV_A) = (energy, force)
      wavenumbers_cm = modes.wavenumbers
      reduced_masses_u = modes.modes.map(\.reducedMass)
      rigid_wavenumbers_cm = modes.rigidWavenumbers
      zero_point_energy_eV = thermodynamics.first?.zeroPointEnergy ?? 0
      self.thermodynamics = thermodynamics.map(ThermodynamicsReport.init)
    }
  }
}
