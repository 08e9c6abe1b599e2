import E3xEngine
import E3xPotentials
import E3xSimulation
import Foundation
import Testing

/// Vibrations of molecules, in closed form and as what they must not depend on.
@Suite struct NormalModeTests {
  private let springs = Differences(field: Springs())

  /// cm⁻¹, of a stiffness (eV/Å²) over a mass (u): CODATA's constants, in SI units.
  private func wavenumber(_ stiffness: Double, _ mass: Double) -> Double {
    let (electronvolt, dalton, light) = (1.602176634e-19, 1.66053906660e-27, 2.99792458e10)
    return (stiffness * electronvolt / 1e-20 / (mass * dalton)).squareRoot() / (2 * .pi * light)
  }

  private func expectClose(_ a: [Double], _ b: [Double], _ tolerance: Double) {
    #expect(a.count == b.count)
    for (x, y) in zip(a, b) { #expect(abs(x - y) <= tolerance, "\(a) \(b)") }
  }

  private func relaxedCluster() throws -> LabelledFrame {
    var field = OneByOne(LennardJones())
    return try RelaxationBatch.relaxed(
      [
        Relaxation(
          LennardJones.cluster, LBFGS(), options: RelaxationOptions(force: 1e-10, steps: 2000))
      ], &field)[0].frame
  }

  /// Two atoms, however they lie: one mode, two rotations.
  @Test func twoAtoms() throws {
    let frame = LabelledFrame(
      atomicNumbers: [1, 17], positions: [0.3, -1, 2, 0.3 + 1.2, -1, 2 + 1.6])
    let modes = try NormalModes(frame, field: springs)
    let (a, b) = (1.008, 35.45)
    #expect(modes.rigidWavenumbers.count == 5)
    expectClose(modes.wavenumbers, [wavenumber(3, a * b / (a + b))], 0.02)
    let mode = modes.modes[0]
    // The centre of mass stays.
    for axis in 0..<3 {
      #expect(abs(a * mode.displacement[axis] + b * mode.displacement[3 + axis]) < 1e-9)
    }
    #expect(abs(mode.displacement.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
    // The direction that has length 1 in all coordinates.
    let x = 1 / (1 + (a / b) * (a / b)).squareRoot()
    #expect(abs(mode.reducedMass - x * x * (a + a * a / b)) < 1e-6)
  }

  /// Three on a line: both stretches, and the two bends that springs do not hold.
  @Test func threeAtomsOnALine() throws {
    let frame = LabelledFrame(atomicNumbers: [8, 6, 8], positions: [0, 0, -2, 0, 0, 0, 0, 0, 2])
    let modes = try NormalModes(frame, field: springs)
    let (o, c) = (15.999, 12.011)
    #expect(modes.rigidWavenumbers.count == 5)
    let expected = [
      0, 0, wavenumber(3, o), (3 * (1 / o + 2 / c)).squareRoot() * wavenumber(1, 1),
    ]
    expectClose(Array(modes.wavenumbers[2...]), Array(expected[2...]), 0.05)
    for value in modes.wavenumbers[..<2] { #expect(abs(value) < 0.5) }
    let isotope = try NormalModes(frame, masses: [17.999, 13.003, 17.999], field: springs)
    expectClose([isotope.wavenumbers[2]], [wavenumber(3, 17.999)], 0.05)
  }

  /// Six motions without a force, and nine vibrations, of a cluster that repeats nowhere.
  @Test func cluster() throws {
    let modes = try NormalModes(
      try relaxedCluster(), field: Differences(field: LennardJones()))
    #expect(modes.modes.count == 9 && modes.rigidWavenumbers.count == 6)
    #expect(modes.wavenumbers[0] > 1)
    for value in modes.rigidWavenumbers { #expect(abs(value) < 0.05) }
    #expect(modes.wavenumbers == modes.wavenumbers.sorted())
    // Orthogonal with masses.
    let masses = [39.948, 39.948, 20.1797, 20.1797, 39.948]
    for (i, a) in modes.modes.enumerated() {
      for (j, b) in modes.modes.enumerated() {
        let product = (0..<15).reduce(0.0) {
          $0 + masses[$1 / 3] * a.displacement[$1] * b.displacement[$1]
        }
        #expect(abs(product - (i == j ? a.reducedMass : 0)) < 1e-7)
      }
    }
  }

  /// Wavenumbers do not depend on directions, places or the order of atoms.
  @Test func invariance() throws {
    let frame = try relaxedCluster()
    let field = Differences(field: LennardJones())
    let plain = try NormalModes(frame, field: field).wavenumbers
    var turned = frame
    let (c, s) = (cos(1.1), sin(1.1))
    turned.deform([c - 1, -s, 0, s, c - 1, 0, 0, 0, 0])
    turned.deform([0, 0, 0, 0, c - 1, -s, 0, s, c - 1])
    for index in turned.positions.indices { turned.positions[index] += 3 - Double(index % 3) }
    expectClose(try NormalModes(turned, field: field).wavenumbers, plain, 1e-4)
    var other = frame
    let order = [3, 0, 4, 2, 1]
    other.atomicNumbers = order.map { frame.atomicNumbers[$0] }
    other.positions = order.flatMap { Array(frame.positions[(3 * $0)..<(3 * $0 + 3)]) }
    expectClose(try NormalModes(other, field: field).wavenumbers, plain, 1e-4)
  }

  /// An atom alone moves, but does not vibrate; in a crystal only translations are taken out.
  @Test func oneAtomAndCrystals() throws {
    let atom = LabelledFrame(atomicNumbers: [18], positions: [1, 2, 3])
    let none = try NormalModes(atom, field: springs)
    #expect(none.modes.isEmpty && none.rigidWavenumbers.count == 3)
    var frame = LabelledFrame(
      atomicNumbers: [18, 10], positions: [0, 0, 0, 2, 0, 0],
      cell: [4, 0, 0, 0, 20, 0, 0, 0, 20], pbc: [true, true, true])
    let modes = try NormalModes(frame, field: springs)
    #expect(modes.modes.count == 3 && modes.rigidWavenumbers.count == 3)
    // Two springs hold each.
    let (a, b) = (39.948, 20.1797)
    expectClose([modes.wavenumbers[2]], [wavenumber(6, a * b / (a + b))], 0.02)
    frame.pbc = [true, false, false]
    #expect(try NormalModes(frame, field: springs).modes.count == 3)
  }

  /// With an atom fixed the other one vibrates against a wall.
  @Test func fixedAtoms() throws {
    let frame = LabelledFrame(atomicNumbers: [1, 17], positions: [0, 0, 0, 0, 2, 0])
    let modes = try NormalModes(
      frame, fixed: [false, false, false, true, true, true], field: springs)
    #expect(modes.modes.count == 3 && modes.rigidWavenumbers.isEmpty)
    expectClose([modes.wavenumbers[2]], [wavenumber(3, 1.008)], 0.02)
    #expect(modes.modes[2].displacement[3...5] == [0, 0, 0])
  }

  /// A structure at the top of a barrier.
  @Test func imaginaryFrequencies() throws {
    // Pulled apart beyond the inflection.
    let frame = LabelledFrame(atomicNumbers: [18, 18], positions: [0, 0, 0, 3.6, 0, 0])
    let modes = try NormalModes(frame, field: Differences(field: LennardJones()))
    #expect(modes.wavenumbers.count == 1 && modes.wavenumbers[0] < -1)
    #expect(throws: ArgumentError.self) { try NormalModes(frame, masses: [1], field: springs) }
    #expect(throws: ArgumentError.self) { try NormalModes(frame, fixed: [true], field: springs) }
  }

  /// A single oscillator in closed form, the limits, and entropy as the slope of the free energy.
  @Test func thermodynamics() {
    let (wavenumber, boltzmann) = (200.0, 8.617333262e-5)
    // 1 cm⁻¹ is 1.239841984e-4 eV.
    let quantum = wavenumber * 1.239841984e-4
    for temperature in [10.0, 100, 298.15, 3000] {
      let values = HarmonicThermodynamics(
        wavenumbers: [wavenumber, -50, 0], temperature: temperature)
      let x = quantum / (boltzmann * temperature)
      #expect(values.omitted == 2)
      #expect(abs(values.zeroPointEnergy - quantum / 2) < 1e-9)
      #expect(abs(values.internalEnergy - quantum * (0.5 + 1 / (exp(x) - 1))) < 1e-9)
      let free = quantum / 2 + boltzmann * temperature * log(1 - exp(-x))
      #expect(abs(values.freeEnergy - free) < 1e-9)
      func at(_ shift: Double) -> HarmonicThermodynamics {
        HarmonicThermodynamics(wavenumbers: [wavenumber], temperature: temperature + shift)
      }
      let h = 1e-3 * temperature
      let slope = (at(h).freeEnergy - at(-h).freeEnergy) / (2 * h)
      #expect(abs(values.entropy + slope) < 1e-5 * max(values.entropy, 1e-6))
      let heat = (at(h).internalEnergy - at(-h).internalEnergy) / (2 * h)
      #expect(abs(values.heatCapacity - heat) < 1e-4 * max(heat, 1e-9))
    }
    let cold = HarmonicThermodynamics(wavenumbers: [wavenumber], temperature: 0)
    #expect(cold.internalEnergy == cold.zeroPointEnergy && cold.entropy == 0)
    #expect(cold.heatCapacity == 0 && cold.freeEnergy == cold.zeroPointEnergy)
    let frozen = HarmonicThermodynamics(wavenumbers: [wavenumber], temperature: 1e-3)
    #expect(frozen.freeEnergy == frozen.zeroPointEnergy && frozen.heatCapacity == 0)
    let hot = HarmonicThermodynamics(wavenumbers: [1], temperature: 3000, weight: 0.5)
    #expect(abs(hot.heatCapacity / (0.5 * boltzmann) - 1) < 1e-6)
  }
}
