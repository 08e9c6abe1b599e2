internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// `e3x eos`: the equation of state of a crystal.
struct EquationOfStateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eos",
    abstract: "Fit the energy of a crystal against its volume.",
    discussion: """
      Computes energies at volumes around that of the structure, its shape kept, and fits the forms of \
      Birch and Murnaghan (third order) and of Vinet: the volume V0 at which the energy E0 is least, the \
      bulk modulus B0 and its derivative B0'. Energies and volumes are those of the cell as it is given; \
      begin near the minimum, which 'e3x relax --cell full' finds.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "The crystal (XYZ, extended XYZ); its first frame counts.")
  var start: String
  @Option(help: "How far the volume goes up and down, as a fraction.")
  var range = 0.05
  @Option(help: "How many volumes.")
  var points = 11
  @Flag(help: "Relax the atoms at each volume; otherwise they keep their places in the cell.")
  var relaxAtoms = false
  @Option(help: "The largest force on a relaxed atom (eV/Å).")
  var fmax = 0.001
  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    try checkOption("--range", range, "a number above 0 and below 1") { $0 > 0 && $0 < 1 }
    try checkOption("--fmax", fmax, "a positive number") { $0 > 0 }
    guard (5...10_000).contains(points) else {
      throw ValidationError("--points: expected 5 to 10000, received \(points)")
    }
  }

  func run() throws {
    try FileIdentity.checkStandardInput([model, start])
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    let first = try FirstFrame(start, for: potential)
    try first.checkCrystal()
    var field = ShownPotential(potential)
    defer { field.finish() }
    let scan = try VolumeScan(
      first.frame, range: range, points: points,
      relaxing: relaxAtoms ? RelaxationOptions(force: fmax) : nil, field: &field)
    field.finish()
    let fits = try EquationOfState.Form.allCases.map { form in
      do {
        return try EquationOfState(fitting: scan.energies, volumes: scan.volumes, form: form)
      } catch let error as ArgumentError {
        throw FileError(
          file: first.file, place: "frame 1",
          reason:
            "its \(error.argument) \(error.reason): 'e3x relax --cell full' looks for a minimum")
      }
    }
    StandardOutput.print(
      json ? try prettyJSON(Report(scan, fits)) : Self.table(scan, fits, atoms: first.frame.count))
    guard scan.isConverged else {
      throw PlainError("the atoms of some volumes did not come to rest")
    }
  }

  private static func table(
    _ scan: VolumeScan, _ fits: [EquationOfState], atoms: Int
  ) -> String {
    var lines = ["   volume (Å³)        energy (eV)"]
    for (volume, energy) in zip(scan.volumes, scan.energies) {
      lines.append(String(format: "%14.5f%19.6f", volume, energy))
    }
    lines += [
      "",
      "form                 V0 (Å³)   V0/atom            E0 (eV)   B0 (GPa)      B0'   RMSE (meV)",
    ]
    for fit in fits {
      lines.append(
        fit.form.rawValue.padding(toLength: 16, withPad: " ", startingAt: 0)
          + String(
            format: "%12.5f%10.5f%19.6f%11.3f%9.3f%13.4f", fit.volume, fit.volume / Double(atoms),
            fit.energy, fit.bulkModulus * Units.gigapascal, fit.bulkModulusDerivative,
            1000 * fit.residual))
    }
    for fit in fits
    where fit.volume < scan.volumes[0] || fit.volume > scan.volumes[scan.volumes.count - 1] {
      lines.append("\(fit.form.rawValue): V0 is outside the volumes: relax the cell first")
    }
    return lines.joined(separator: "\n")
  }

  private struct Report: Encodable {
    struct Fit: Encodable {
      let V0_A3: Double
      let E0_eV: Double
      let B0_GPa: Double
      let B0_derivative: Double
      let rmse_eV: Double
    }
    let volumes_A3: [Double]
    let energies_eV: [Double]
    let converged: Bool
    let fits: [String: Fit]

    init(_ scan: VolumeScan, _ fits: [EquationOfState]) {
      (volumes_A3, energies_eV, converged) = (scan.volumes, scan.energies, scan.isConverged)
      self.fits = Dictionary(
        uniqueKeysWithValues: fits.map {
          (
            $0.form.rawValue,
            Fit(
              V0_A3: $0.volume, E0_eV: $0.energy, B0_GPa: $0.bulkModulus * Units.gigapascal,
              B0_derivative: $0.bulkModulusDerivative, rmse_eV: $0.residual)
          )
        })
    }
  }
}
