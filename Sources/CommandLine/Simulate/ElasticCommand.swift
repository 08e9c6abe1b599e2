internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// `e3x elastic`: elastic constants of a crystal.
struct ElasticCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elastic",
    abstract: "Compute the elastic constants of a crystal.",
    discussion: """
      Strains the crystal both ways in six directions, relaxes the atoms in each, and divides stress by \
      strain: all 21 constants (GPa; Voigt's order xx, yy, zz, yz, xz, xy), without any symmetry of the \
      crystal being assumed. Moduli of a polycrystal are bounds and mean of Voigt, Reuss and Hill. Begin \
      with a structure that 'e3x relax --cell full' has relaxed.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "The crystal (XYZ, extended XYZ); its first frame counts.")
  var start: String
  @Option(help: "The largest component of the strains.")
  var strain = 0.005
  @Option(help: "The largest force on a relaxed atom (eV/Å).")
  var fmax = 0.001
  @Flag(
    inversion: .prefixedNo, help: "Relax the atoms of strained crystals; or let them follow alone.")
  var relaxAtoms = true
  @Option(
    help: "Atoms that only follow the strain, by numbers from 1, such as 1-4,7. (default: none)",
    transform: AtomSelection.init)
  var fix: AtomSelection?
  @Flag(help: "Print one JSON object.")
  var json = false

  func validate() throws {
    try checkOption("--strain", strain, "a number above 0 and at most 0.1") { $0 > 0 && $0 <= 0.1 }
    try checkOption("--fmax", fmax, "a positive number") { $0 > 0 }
  }

  /// Beyond that, GPa, a structure is not taken for relaxed.
  private static let usualStress = 0.1

  func run() throws {
    try FileIdentity.checkStandardInput([model, start])
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    let first = try FirstFrame(start, for: potential)
    try first.checkCrystal()
    var field = ShownPotential(potential)
    defer { field.finish() }
    let constants = try ElasticConstants(
      first.frame, strain: strain, relaxing: relaxAtoms ? RelaxationOptions(force: fmax) : nil,
      fixed: first.fixedCoordinates(fix), field: &field)
    field.finish()
    let stress = constants.stress.reduce(0) { max($0, abs($1)) } * Units.gigapascal
    if stress > Self.usualStress {
      StandardError.print(
        "warning: \(start): the stress is \(String(format: "%.2f", stress)) GPa without strain: "
          + "'e3x relax --cell full' relaxes it")
    }
    StandardOutput.print(json ? try prettyJSON(Report(constants)) : Self.table(constants))
    guard constants.isConverged else {
      throw PlainError("the atoms of some strained crystals did not come to rest")
    }
  }

  private static func table(_ constants: ElasticConstants) -> String {
    func row(_ values: [Double?]) -> String {
      values.map {
        $0.map { String(format: "%10.3f", $0 * Units.gigapascal) } ?? "         -"
      }.joined()
    }
    var lines = ["C (GPa)         xx        yy        zz        yz        xz        xy"]
    for (i, name) in ["xx", "yy", "zz", "yz", "xz", "xy"].enumerated() {
      lines.append("   \(name)   " + row((1...6).map { constants[i + 1, $0] }))
    }
    lines += ["", "moduli (GPa)     bulk     shear     Young   Poisson"]
    for (name, moduli) in [
      ("Voigt   ", constants.voigt), ("Reuss   ", constants.reuss), ("Hill    ", constants.hill),
    ] {
      let poisson = moduli.map { String(format: "%10.4f", $0.poisson) } ?? "         -"
      lines.append("   \(name)" + row([moduli?.bulk, moduli?.shear, moduli?.young]) + poisson)
    }
    lines += [
      "", "eigenvalues (GPa): " + row(constants.eigenvalues).trimmingCharacters(in: .whitespaces),
      constants.isStable
        ? "stable (Born): all are positive" : "not stable (Born): not all are positive",
      String(
        format: "largest difference across the diagonal as measured: %.4f GPa",
        constants.asymmetry * Units.gigapascal),
    ]
    return lines.joined(separator: "\n")
  }

  private struct Report: Encodable {
    struct Moduli: Encodable {
      let bulk_GPa: Double
      let shear_GPa: Double
      let young_GPa: Double
      let poisson: Double

      init(_ moduli: ElasticModuli) {
        (bulk_GPa, shear_GPa) = (moduli.bulk * Units.gigapascal, moduli.shear * Units.gigapascal)
        (young_GPa, poisson) = (moduli.young * Units.gigapascal, moduli.poisson)
      }
    }
    let C_GPa: [[Double]]
    let asymmetry_GPa: Double
    let stress_GPa: [Double]
    let eigenvalues_GPa: [Double]
    let stable: Bool
    let converged: Bool
    let voigt: Moduli
    let reuss: Moduli?
    let hill: Moduli?

    init(_ constants: ElasticConstants) {
      let unit = Units.gigapascal
      C_GPa = (1...6).map { i in (1...6).map { constants[i, $0] * unit } }
      asymmetry_GPa = constants.asymmetry * unit
      stress_GPa = constants.stress.map { $0 * unit }
      eigenvalues_GPa = constants.eigenvalues.map { $0 * unit }
      (stable, converged) = (constants.isStable, constants.isConverged)
      voigt = Moduli(constants.voigt)
      (reuss, hill) = (constants.reuss.map(Moduli.init), constants.hill.map(Moduli.init))
    }
  }
}
