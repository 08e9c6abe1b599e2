internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation

/// `e3x phonons`: the vibrations of a crystal.
struct PhononsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phonons",
    abstract: "Compute the phonons of a crystal.",
    discussion: """
      From exact second derivatives in a supercell. Writes into a folder: band.csv (wavenumbers along a \
      path through the Brillouin zone), dos.csv (density of states), thermo.csv (harmonic free energy, \
      entropy and heat capacity of a primitive cell from 0 to 1000 K) and report.html. Imaginary \
      frequencies are negative. Begin with a primitive cell that 'e3x relax --cell full' has relaxed.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "The primitive cell (XYZ, extended XYZ); its first frame counts.")
  var primitive: String
  @Option(name: .shortAndLong, help: "The folder that results are written to.")
  var output = "phonons"
  @Option(
    help: """
      How often the primitive cell repeats in the supercell, one number such as 4 or three such as \
      4,4,2. More than twice the reach of forces is exact. (default: 4)
      """,
    transform: RepeatCounts.init)
  var supercell = RepeatCounts(4)
  @Option(
    help: """
      The path: points with names, in units of the reciprocal vectors, such as 'G 0 0 0, X 1/2 0 1/2'; \
      at a bar | it jumps. (default: the usual one of face-centred, body-centred or simple cubic and \
      hexagonal cells)
      """)
  var path: String?
  @Option(help: "Wave vectors on the longest line of the path.")
  var points = 51
  @Option(
    help: "Wave vectors of the density of states, one number or three. (default: 20)",
    transform: RepeatCounts.init)
  var mesh = RepeatCounts(20)
  @Option(
    help: """
      How far each vibration is broadened in the density of states (cm⁻¹). (default: a hundredth of the \
      range)
      """)
  var width: Double?
  @Option(help: "The largest force on an atom that is taken for none (eV/Å).")
  var maxForce = 0.02

  func validate() throws {
    try checkOption("--max-force", maxForce, "a positive number") { $0 > 0 }
    if let width { try checkOption("--width", width, "a positive number") { $0 > 0 } }
    guard (2...100_000).contains(points) else {
      throw ValidationError("--points: expected 2 to 100000, received \(points)")
    }
    if let path {
      do {
        _ = try BandPath(path)
      } catch {
        throw ValidationError("--path: \(error.reason)")
      }
    }
  }

  func run() throws {
    try FileIdentity.checkStandardInput([model, primitive])
    let folder = RunFolder(output)
    try folder.checkPlace()
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    let first = try FirstFrame(primitive, for: potential)
    try first.checkCrystal()
    let given = try path.map { try BandPath($0) }
    guard let path = given ?? first.frame.cell.flatMap(BandPath.usual) else {
      throw FileError(
        file: primitive,
        reason:
          "has a cell that is neither cubic nor hexagonal: give the path through the zone with "
          + "--path 'G 0 0 0, X 1/2 0 0'")
    }
    _ = try RestCheck.prediction(first, potential, limit: maxForce)
    let constants = try ForceConstants(
      first.frame, repeats: supercell.counts, field: ShownHessian(potential: potential))
    let bands = try BandStructure(constants, path: path, points: points)
    let progress = ProgressLine(total: mesh.counts.reduce(1, *), unit: "wave vectors")
    defer { progress.finish() }
    let states = try DensityOfStates(constants, mesh: mesh.counts) { progress.advance(to: $0) }
    progress.finish()
    try folder.create()
    let files = PhononFiles(constants, bands, states, width: width)
    for (name, text) in files.texts {
      try FileBytes.write(text, to: "\(output)/\(name)")
    }
    StandardOutput.print(files.summary)
    StandardOutput.print(
      "wrote " + files.texts.map { "\(output)/\($0.name)" }.joined(separator: ", "))
  }
}

/// How often something repeats along three directions.
struct RepeatCounts: CustomStringConvertible, Sendable {
  let counts: [Int]

  init(_ count: Int) { counts = [count, count, count] }

  /// - Throws: `ValidationError` for what is neither one nor three positive numbers.
  init(_ text: String) throws {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let values = parts.compactMap { Int($0) }
    guard values.count == parts.count, values.count == 1 || values.count == 3,
      values.allSatisfy({ (1...100).contains($0) })
    else {
      throw ValidationError(
        "expected one number such as 4 or three such as 4,4,2, from 1 to 100, received '\(text)'")
    }
    counts = values.count == 1 ? [values[0], values[0], values[0]] : values
  }

  var description: String {
    Set(counts).count == 1 ? "\(counts[0])" : counts.map(String.init).joined(separator: ",")
  }
}
