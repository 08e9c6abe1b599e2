import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// A crystal from its relaxation to its phonons, of a model that was trained on a pair potential.
@Suite struct CrystalCommandTests {
  /// Atoms that attract each other, in eV and Å: the minimum of the face-centred crystal is at an edge of
  /// 3.294 Å.
  private enum Pairs {
    static let (depth, steepness, length, cutoff) = (0.3, 1.5, 2.5, 4.0)

    static func frame(_ cell: [SIMD3<Double>], _ atoms: [SIMD3<Double>]) -> XYZFrame {
      var energy = 0.0
      var forces = [SIMD3<Double>](repeating: SIMD3(), count: atoms.count)
      var virial = [Double](repeating: 0, count: 9)
      for (a, first) in atoms.enumerated() {
        for second in atoms {
          for index in 0..<343 {
            var d = second - first
            for (axis, n) in [index / 49, index / 7 % 7, index % 7].enumerated() {
              d += Double(n - 3) * cell[axis]
            }
            let r = (d * d).sum().squareRoot()
            guard r > 1e-9, r < cutoff else { continue }
            let x = exp(-steepness * (r - length))
            let (value, slope) = (depth * (x * x - 2 * x), -2 * steepness * depth * (x * x - x))
            let gap = 1 - r * r / (cutoff * cutoff)
            let derivative = slope * gap * gap - 4 * value * gap * r / (cutoff * cutoff)
            energy += value * gap * gap / 2
            forces[a] += derivative / r * d
            for i in 0..<3 {
              for j in 0..<3 { virial[3 * i + j] += derivative / r * d[i] * d[j] / 2 }
            }
          }
        }
      }
      func flat(_ vectors: [SIMD3<Double>]) -> [Double] { vectors.flatMap { [$0.x, $0.y, $0.z] } }
      let volume = abs(
        cell[0].x * (cell[1].y * cell[2].z - cell[1].z * cell[2].y)
          - cell[0].y * (cell[1].x * cell[2].z - cell[1].z * cell[2].x)
          + cell[0].z * (cell[1].x * cell[2].y - cell[1].y * cell[2].x))
      var frame = XYZFrame(
        numbers: atoms.map { _ in 29 }, positions: flat(atoms), lattice: flat(cell),
        pbc: [true, true, true])
      frame.info["energy"] = .real(energy)
      frame.info["stress"] = .reals(virial.map { $0 / volume })
      frame.arrays["forces"] = XYZColumn(.reals(flat(forces)), width: 3)
      return frame
    }

    /// A primitive cell, or two of them with atoms off their places.
    static func crystal(_ edge: Double, cells: Int = 1, dice: inout Dice) -> XYZFrame {
      let b = edge / 2
      var cell = [SIMD3(0, b, b), SIMD3(b, 0, b), SIMD3(b, b, 0)]
      for row in 0..<3 {
        for axis in 0..<3 { cell[row][axis] += 0.08 * Double.random(in: -1..<1, using: &dice) }
      }
      var atoms = [SIMD3<Double>()]
      if cells == 2 {
        atoms.append(
          cell[0] + SIMD3((0..<3).map { _ in 0.15 * Double.random(in: -1..<1, using: &dice) }))
        cell[0] *= 2
      }
      return frame(cell, atoms)
    }
  }

  private let folder: TemporaryFolder
  private let model: String
  private let start: String

  init() throws {
    folder = try TemporaryFolder()
    var dice = Dice(seed: 7)
    let frames = (0..<40).map { index in
      Pairs.crystal(
        3.294 * (1 + 0.06 * Double.random(in: -1..<1, using: &dice)), cells: 1 + index % 2,
        dice: &dice)
    }
    try XYZWriter.write(frames, to: folder.path("train.xyz"))
    let outcome = try Program.e3x.run([
      "train", "--train", folder.path("train.xyz"), "--output", folder.path("run"), "--steps",
      "400",
      "--batch-size", "8", "--preset", "fast", "--cutoff", "4", "--features", "8",
    ])
    try #require(outcome.code == 0, "\(outcome)")
    model = folder.path("run/model.safetensors")
    start = folder.path("start.xyz")
    let b = 3.28 / 2
    var frame = Pairs.frame(
      [SIMD3(0, b, b), SIMD3(b, 0, b), SIMD3(b, b, 0)], [SIMD3()])
    (frame.info, frame.arrays) = ([:], [:])
    try XYZWriter.write([frame], to: start)
  }

  private func run(_ command: String, _ words: [String]) throws -> Program.Outcome {
    try Program.e3x.run([command, model] + words)
  }

  private func json<T: Decodable>(
    _ command: String, _ words: [String], as type: T.Type
  ) throws -> T {
    let outcome = try run(command, words + ["--json"])
    try #require(outcome.code == 0, "\(outcome)")
    return try JSONDecoder().decode(T.self, from: Data(outcome.output.utf8))
  }

  private struct States: Decodable {
    struct Fit: Decodable { let V0_A3, E0_eV, B0_GPa, B0_derivative, rmse_eV: Double }
    let volumes_A3, energies_eV: [Double]
    let converged: Bool
    let fits: [String: Fit]
  }

  private struct Elastic: Decodable {
    struct Moduli: Decodable { let bulk_GPa, shear_GPa, young_GPa, poisson: Double }
    let C_GPa: [[Double]]
    let stress_GPa, eigenvalues_GPa: [Double]
    let asymmetry_GPa: Double
    let stable, converged: Bool
    let voigt, reuss, hill: Moduli
  }

  /// Each command begins with what the one before has written, and they agree with one another.
  @Test func fromRelaxationToPhonons() throws {
    let relaxed = folder.path("relaxed.xyz")
    var outcome = try run("relax", [start, "--output", relaxed, "--cell", "full"])
    try #require(outcome.code == 0, "\(outcome)")
    let frame = try XYZReader.read(relaxed)[0]
    let lattice = try #require(frame.lattice)
    let edge = 2 * lattice[1]
    #expect(abs(edge - 3.294) < 0.05, "\(edge)")

    // Under pressure, by all ways that the cell can change: smaller, with that stress.
    for cell in ["isotropic", "axes", "full"] {
      let pressed = folder.path("pressed.xyz")
      outcome = try run(
        "relax", [start, "--output", pressed, "--cell", cell, "--pressure", "2"])
      try #require(outcome.code == 0, "\(outcome)")
      let result = try XYZReader.read(pressed)[0]
      let stress = try #require(result.info["stress"]?.doubles)
      for index in 0..<9 {
        #expect(abs(160.2176634 * stress[index] + (index % 4 == 0 ? 2 : 0)) <= 0.02)
      }
      #expect(2 * (try #require(result.lattice))[1] < edge - 0.005)
    }

    let states = try json("eos", [relaxed, "--range", "0.04", "--points", "9"], as: States.self)
    let volume = edge * edge * edge / 4
    #expect(states.converged && states.volumes_A3.count == 9 && states.fits.count == 2)
    for fit in states.fits.values {
      #expect(abs(fit.V0_A3 / volume - 1) < 2e-3)
      #expect(abs(fit.E0_eV - (try #require(frame.info["energy"]?.double))) < 1e-4)
      #expect(fit.rmse_eV < 1e-4)
    }
    let elastic = try json("elastic", [relaxed], as: Elastic.self)
    let bulk = try #require(states.fits["vinet"]).B0_GPa
    #expect(elastic.converged && abs(elastic.voigt.bulk_GPa / bulk - 1) < 0.03)
    for i in 0..<6 {
      for j in 0..<6 {
        let (c, scale) = (elastic.C_GPa, elastic.C_GPa[0][0])
        let expected = i == j ? c[i < 3 ? 0 : 3][i < 3 ? 0 : 3] : i < 3 && j < 3 ? c[0][1] : 0
        #expect(abs(c[i][j] - expected) < 2e-3 * scale, "\(c)")
      }
    }

    let phonons = folder.path("phonons")
    outcome = try run(
      "phonons", [relaxed, "--supercell", "2", "--mesh", "4", "--points", "5", "--output", phonons])
    try #require(outcome.code == 0, "\(outcome)")
    #expect(outcome.output.contains("supercell: 2 × 2 × 2\n"))
    func lines(_ name: String) throws -> [[Substring]] {
      try String(contentsOfFile: phonons + "/" + name, encoding: .utf8).split(separator: "\n")
        .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    }
    let band = try lines("band.csv")
    #expect(band[0].count == 9 && band[0].last == "wavenumber_3_cm")
    #expect(band.compactMap { $0[1].isEmpty ? nil : $0[1] }.joined() == "labelGXWKGLUWLKUX")
    for row in band.dropFirst() where row[1] == "G" {
      for word in row[6...] { #expect(abs(try #require(Double(word))) < 0.1) }
    }
    let density = try lines("dos.csv").dropFirst().map { try $0.map { try #require(Double($0)) } }
    let step = density[1][0] - density[0][0]
    #expect(abs(density.reduce(0) { $0 + $1[2] } * step - 3) < 0.02)
    #expect(try lines("thermo.csv").count == 102)
    let page = try String(contentsOfFile: phonons + "/report.html", encoding: .utf8)
    #expect(page.contains("<svg") && page.contains(">Γ<") && !page.contains("<script"))
    #expect(!page.contains("http"))
  }

  private struct Frequencies: Decodable {
    struct Thermodynamics: Decodable { let temperature_K, heat_capacity_eV_K: Double }
    let wavenumbers_cm, reduced_masses_u, rigid_wavenumbers_cm: [Double]
    let zero_point_energy_eV: Double
    let thermodynamics: [Thermodynamics]
  }

  /// A molecule of this model against differences of the forces that the program predicts.
  @Test func frequencies() throws {
    var molecule = XYZFrame(
      numbers: [29, 29, 29], positions: [0, 0, 0, 2.5, 0.1, 0, 1.2, 2.2, 0.1])
    let path = folder.path("molecule.xyz")
    try XYZWriter.write([molecule], to: path)
    var outcome = try run("frequencies", [path])
    #expect(outcome.code == 1 && outcome.errors.contains("'e3x relax'"), "\(outcome)")
    #expect(outcome.errors.contains("--max-force 0.02"))
    let relaxed = folder.path("molecule-relaxed.xyz")
    outcome = try run(
      "relax", [path, "--output", relaxed, "--fmax", "0.0005", "--steps", "2000"])
    try #require(outcome.code == 0, "\(outcome)")
    let modesPath = folder.path("modes.xyz")
    let result = try json(
      "frequencies",
      [relaxed, "--output", modesPath, "--temperature", "100", "--temperature", "5000"],
      as: Frequencies.self)
    #expect(result.wavenumbers_cm.count == 3 && result.rigid_wavenumbers_cm.count == 6)
    #expect(result.thermodynamics.map(\.temperature_K) == [100, 5000])

    molecule = try XYZReader.read(relaxed)[0]
    let modes = try XYZReader.read(modesPath)
    #expect(modes.count == 3)
    // Moved along a mode, forth and back: the curvature that the forces show.
    let size = 0.02
    var moved: [XYZFrame] = []
    for mode in modes {
      let direction = try #require(mode.arrays["mode"]?.doubles)
      for sign in [-size, size] {
        moved.append(
          XYZFrame(
            numbers: molecule.numbers,
            positions: zip(molecule.positions, direction).map { $0 + sign * $1 }))
      }
    }
    let (movedPath, predicted) = (folder.path("moved.xyz"), folder.path("predicted.xyz"))
    try XYZWriter.write(moved, to: movedPath)
    #expect(try run("predict", [movedPath, "--output", predicted]).code == 0)
    let frames = try XYZReader.read(predicted)
    for (index, mode) in modes.enumerated() {
      let direction = try #require(mode.arrays["mode"]?.doubles)
      let forces = try (0..<2).map {
        try #require(frames[2 * index + $0].arrays["forces"]?.doubles)
      }
      let slope = (0..<9).reduce(0.0) { $0 + direction[$1] * (forces[0][$1] - forces[1][$1]) }
      let curvature = slope / (2 * size) / result.reduced_masses_u[index]
      // √(eV/(Å² u)) is 521.47 cm⁻¹.
      let wavenumber = 521.47 * (curvature < 0 ? -1 : 1) * abs(curvature).squareRoot()
      #expect(abs(wavenumber - result.wavenumbers_cm[index]) < 5, "\(wavenumber) \(result)")
      #expect(mode.info["wavenumber_cm"] == .real(result.wavenumbers_cm[index]))
    }
  }
}

/// What options cannot be is said before any file is read.
@Suite struct CrystalOptionTests {
  @Test(
    arguments: [
      ("eos", ["--points", "4"], "--points"), ("eos", ["--range", "1"], "--range"),
      ("elastic", ["--strain", "0"], "--strain"), ("elastic", ["--fix", "0"], "--fix"),
      ("frequencies", ["--temperature", "-1"], "--temperature"),
      ("phonons", ["--supercell", "0"], "--supercell"),
      ("phonons", ["--supercell", "2,2"], "--supercell"),
      ("phonons", ["--path", "G 0 0"], "--path"), ("phonons", ["--points", "1"], "--points"),
      ("phonons", ["--width", "0"], "--width"),
    ] as [(String, [String], String)])
  func mistakes(command: String, words: [String], text: String) throws {
    let outcome = try Program.e3x.run([command, "no.safetensors", "no.xyz"] + words)
    #expect(outcome.code == 64 && outcome.errors.contains(text), "\(outcome)")
  }
}
