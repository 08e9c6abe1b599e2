import E3xEngine
import E3xPotentials
import E3xSimulation
import Foundation
import Testing

/// Phonons of crystals whose dispersion is known in closed form.
@Suite struct PhononTests {
  private let springs = Differences(field: Springs())

  /// Of an eigenvalue k/m, eV/(Å² u), cm⁻¹.
  private func wavenumber(_ square: Double) -> Double {
    Wavenumber.of(curvature: 1) * max(0, square).squareRoot()
  }

  private static var simpleCubic: LabelledFrame {
    LabelledFrame(
      atomicNumbers: [18], positions: [0.3, 0.1, -0.2], cell: [2, 0, 0, 0, 2, 0, 0, 0, 2],
      pbc: [true, true, true])
  }

  /// A face-centred primitive cell of nearest neighbours at 2 Å.
  private static var faceCentred: LabelledFrame {
    let b = 2.0.squareRoot()
    return LabelledFrame(
      atomicNumbers: [18], positions: [0, 0, 0], cell: [0, b, b, b, 0, b, b, b, 0],
      pbc: [true, true, true])
  }

  private static let waves: [SIMD3<Double>] = [
    SIMD3(0, 0, 0), SIMD3(0.5, 0, 0), SIMD3(0.13, 0.31, -0.27), SIMD3(0.5, 0.5, 0.5),
    SIMD3(1, 0.25, 0), SIMD3(-0.2, 0.2, 0.4),
  ]

  /// ω² = 2 k/m (1 − cos 2πq) along each axis, in any supercell: also in one whose atoms have a neighbour
  /// on both sides that is the same atom.
  @Test(arguments: [[2, 2, 2], [3, 3, 3], [4, 3, 2]])
  func simpleCubicCrystal(repeats: [Int]) throws {
    let constants = try ForceConstants(Self.simpleCubic, repeats: repeats, field: springs)
    #expect(constants.acousticError < 1e-6)
    for q in Self.waves {
      let expected = (0..<3).map {
        wavenumber(2 * 3 / 39.948 * (1 - cos(2 * .pi * q[$0])))
      }.sorted()
      for (a, b) in zip(constants.wavenumbers(q), expected) {
        #expect(abs(a - b) < (b < 1 ? 0.1 : 0.01), "\(q): \(a) \(b)")
      }
    }
  }

  /// A chain of two masses: acoustic and optical branches with a gap at the end of the zone.
  @Test(arguments: [3, 4])
  func chainOfTwoMasses(repeats: Int) throws {
    let frame = LabelledFrame(
      atomicNumbers: [18, 10], positions: [0, 0, 0, 2, 0, 0],
      cell: [4, 0, 0, 0, 30, 0, 0, 0, 30], pbc: [true, true, true])
    let constants = try ForceConstants(frame, repeats: [repeats, 1, 1], field: springs)
    let (a, b) = (1 / 39.948, 1 / 20.1797)
    for q in [0.0, 0.1, 0.25, 0.4, 0.5, -0.3] {
      let sine = sin(.pi * q)
      let root = ((a + b) * (a + b) - 4 * a * b * sine * sine).squareRoot()
      let values = constants.wavenumbers(SIMD3(q, 0, 0))
      #expect(values.count == 6)
      #expect(abs(values[5] - wavenumber(3 * (a + b + root))) < 0.01)
      #expect(abs(values[4] - wavenumber(3 * (a + b - root))) < (q == 0 ? 0.1 : 0.01))
      for value in values[..<4] { #expect(abs(value) < 0.1) }
    }
  }

  /// A face-centred crystal of springs against the sum over its twelve neighbours, here in Cartesian
  /// coordinates.
  @Test(arguments: [2, 3])
  func faceCentredCrystal(repeats: Int) throws {
    let constants = try ForceConstants(
      Self.faceCentred, repeats: [repeats, repeats, repeats], field: springs)
    let cell = try #require(Self.faceCentred.cell)
    // Along x in the cubic cell: longitudinal 4 k/m (1 − cos(π x))·½ + …, in closed form at X.
    let x = constants.wavenumbers(SIMD3(0.5, 0, 0.5))
    #expect(abs(x[2] - wavenumber(8 * 3 / 39.948)) < 0.02)
    #expect(abs(x[0] - wavenumber(4 * 3 / 39.948)) < 0.02 && abs(x[1] - x[0]) < 0.02)
    let l = constants.wavenumbers(SIMD3(0.5, 0.5, 0.5))
    #expect(abs(l[2] - wavenumber(8 * 3 / 39.948)) < 0.02)
    #expect(abs(l[0] - wavenumber(2 * 3 / 39.948)) < 0.02 && abs(l[1] - l[0]) < 0.02)
    for q in Self.waves {
      var trace = 0.0
      for i in -1...1 {
        for j in -1...1 {
          for k in -1...1 {
            let n = SIMD3(Double(i), Double(j), Double(k))
            var r = SIMD3<Double>()
            for row in 0..<3 {
              r += n[row] * SIMD3(cell[3 * row], cell[3 * row + 1], cell[3 * row + 2])
            }
            guard abs((r * r).sum() - 4) < 1e-9 else { continue }
            trace += 3 / 39.948 * (1 - cos(2 * .pi * (n * q).sum()))
          }
        }
      }
      let squares = constants.wavenumbers(q).reduce(0) { $0 + $1 * $1 }
      let unit = wavenumber(1) * wavenumber(1)
      #expect(abs(squares / unit - trace) < 1e-4, "\(q)")
    }
  }

  /// Points of the reciprocal lattice, and stars of wave vectors, give the same phonons.
  @Test func symmetry() throws {
    let constants = try ForceConstants(Self.faceCentred, repeats: [3, 3, 3], field: springs)
    let q = SIMD3(0.13, 0.31, -0.27)
    let plain = constants.wavenumbers(q)
    for other in [-q, q + SIMD3(1, -2, 3), SIMD3(q.y, q.x, q.z), SIMD3(q.z, q.x, q.y)] {
      for (a, b) in zip(constants.wavenumbers(other), plain) { #expect(abs(a - b) < 0.01) }
    }
  }

  /// The integral of the density of states is three for each atom, and hot crystals have the heat capacity
  /// of Dulong and Petit.
  @Test func densityOfStates() throws {
    let constants = try ForceConstants(Self.faceCentred, repeats: [2, 2, 2], field: springs)
    let states = try DensityOfStates(constants, mesh: [6, 5, 4])
    #expect(states.wavenumbers.count == 3 * 120 && abs(states.weight - 1.0 / 120) < 1e-15)
    for width in [nil, 2.0] {
      let (places, densities) = states.curve(width: width, points: 2000)
      let sum = densities.reduce(0, +) * (places[1] - places[0])
      #expect(abs(sum - 3) < 1e-3, "\(sum)")
      #expect(densities.allSatisfy { $0 >= 0 })
    }
    // Each wave vector by itself, without the use of opposite ones.
    var all: [Double] = []
    for i in 0..<6 {
      for j in 0..<5 {
        for k in 0..<4 {
          all += constants.wavenumbers(SIMD3(Double(i) / 6, Double(j) / 5, Double(k) / 4))
        }
      }
    }
    for (a, b) in zip(states.wavenumbers.sorted(), all.sorted()) { #expect(abs(a - b) < 0.02) }
    let hot = states.thermodynamics(temperature: 20_000)
    // The three motions of the whole crystal are none.
    #expect(abs(hot.heatCapacity / Units.boltzmann - 3 * 119 / 120.0) < 1e-3)
    #expect(throws: ArgumentError.self) { try DensityOfStates(constants, mesh: [0, 1, 1]) }
  }

  @Test func bands() throws {
    let constants = try ForceConstants(Self.simpleCubic, repeats: [2, 2, 2], field: springs)
    let path = try BandPath("G 0 0 0, X 0 1/2 0, M 0.5 .5 0 | R 1/2 1/2 1/2, G 0 0 0")
    let bands = try BandStructure(constants, path: path, points: 21)
    let labels = bands.samples.compactMap(\.label)
    #expect(labels == ["G", "X", "M", "R", "G"])
    #expect(bands.samples.filter { $0.stretch == 1 }.count == 21)
    // π/2 Å⁻¹ from Γ to X of a cell of 2 Å, and √3 of it from R to Γ.
    let ends = bands.samples.filter { $0.label != nil }.map(\.distance)
    for (a, b) in zip(ends, [0, 1, 2, 2, 2 + 3.0.squareRoot()]) {
      #expect(abs(a - b * .pi / 2) < 1e-12)
    }
    for (a, b) in zip(bands.samples, bands.samples.dropFirst()) where a.stretch == b.stretch {
      #expect(b.distance > a.distance)
      // ω is 2 √(k/m) |sin πq| of each axis: no steeper than that.
      let way = b.q - a.q
      let most = .pi * max(abs(way.x), abs(way.y), abs(way.z)) * wavenumber(4 * 3 / 39.948)
      for (x, y) in zip(a.wavenumbers, b.wavenumbers) { #expect(abs(x - y) < most + 0.1) }
    }
    for sample in bands.samples {
      #expect(sample.wavenumbers == constants.wavenumbers(sample.q))
    }
    #expect(throws: ArgumentError.self) { try BandStructure(constants, path: path, points: 1) }
  }

  /// The usual path belongs to the lattice, whichever way it lies.
  @Test func usualPaths() {
    let (s, h) = (3.0.squareRoot() / 2, 0.5)
    let cells: [([Double], String?)] = [
      ([0, 2, 2, 2, 0, 2, 2, 2, 0], "GXWKGLUWLKUX"), ([2, 2, 0, 0, 2, 2, 2, 0, 2], "GXWKGLUWLKUX"),
      ([-1, 1, 1, 1, -1, 1, 1, 1, -1], "GHNGPHPN"), ([3, 0, 0, 0, 3, 0, 0, 0, 3], "GXMGRXMR"),
      ([2, 0, 0, -2 * h, 2 * s, 0, 0, 0, 3.3], "GMKGALHALMKH"),
      ([2, 0, 0, 0, 3, 0, 0, 0, 3], nil), ([2, 0, 0, 0.3, 2, 0, 0, 0, 2], nil), ([1], nil),
    ]
    for (cell, labels) in cells {
      let path = BandPath.usual(cell: cell)
      #expect(path.map { $0.stretches.joined().map(\.label).joined() } == labels)
    }
  }

  @Test(arguments: [
    "", "G 0 0 0", "G 0 0 0,", "G 0 0 0, X 1 2", "G 0 0 0, X 1 2 3 4", "G 0 0 0, X a 0 0",
    "G 0 0 0, X 1/0 0 0", "G 0 0 0, X 1/2/3 0 0", "G 0 0 0, X 0 0 1 | ", "G 0 0 nan, X 0 0 1",
  ])
  func pathsThatAreNone(text: String) {
    let error = #expect(throws: ArgumentError.self) { try BandPath(text) }
    #expect(error?.argument == "path")
  }

  @Test func argumentsOutOfRange() {
    for repeats in [[2, 2], [0, 1, 1], [1, 1, 101]] {
      let error = #expect(throws: ArgumentError.self) {
        try ForceConstants(Self.simpleCubic, repeats: repeats, field: springs)
      }
      #expect(error?.argument == "repeats")
    }
    let error = #expect(throws: ArgumentError.self) {
      try ForceConstants(LennardJones.cluster, repeats: [1, 1, 1], field: springs)
    }
    #expect(error?.argument == "primitive")
  }
}
