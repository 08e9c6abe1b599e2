import E3xEngine
import E3xFiles
import E3xPotentials
import E3xSimulation
import Foundation
import Testing

/// Dynamics at constant energy keep it: less than 1 meV an atom is lost or won in a nanosecond at the usual
/// step of 0.5 fs, with trained potentials in single precision, at 300 K.
///
/// What is looked at is the shadow energy: the total energy has no other trend, but fluctuates so much
/// that only hundreds of picoseconds would show it. Models and how they were made are in `Drift`.
@Suite struct EnergyDriftTests {
  /// meV an atom in a nanosecond
  private static let most = 1.0

  /// What is found of a trajectory: meV an atom, ns.
  private struct Found: CustomStringConvertible {
    let shadow: EnergyDrift
    let total: EnergyDrift

    /// The check that is stated: below the limit even with twice the error, and no fluctuation beyond that
    /// of the step.
    func isConserved(fluctuation: Double) -> Bool {
      abs(shadow.slope) + 2 * shadow.error < EnergyDriftTests.most
        && shadow.fluctuation < fluctuation
    }

    var description: String {
      func text(_ drift: EnergyDrift) -> String {
        "\(drift.slope) ± \(drift.error), fluctuation \(drift.fluctuation)"
      }
      return "shadow energy \(text(shadow)); total energy \(text(total))"
    }
  }

  private func path(_ name: String) throws -> String {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Drift/\(name)").path
  }

  private func calculator(_ name: String) throws -> Calculator {
    try Calculator(Potential(contentsOf: path(name + ".safetensors")))
  }

  /// Brings a structure to a temperature.
  private func warmed<Field: ForceField>(
    _ frame: LabelledFrame, _ field: Field, temperature: Double, step: Double, steps: Int
  ) throws -> MolecularDynamics<Field> {
    var field = field
    var state = try DynamicsState(
      frame, constraint: .usual(isPeriodic: frame.pbc.contains(true)), field: &field)
    try state.drawVelocities(temperature: temperature, seed: 1)
    var dynamics = try MolecularDynamics(
      state, Langevin(temperature: temperature, friction: 0.01, seed: 1), timeStep: step,
      field: field)
    try dynamics.run(steps)
    return dynamics
  }

  /// Follows atoms at constant energy.
  private func found(
    _ start: DynamicsState, _ field: some ForceField, step: Double, steps: Int
  ) throws -> Found {
    var field = field
    var start = start
    try start.update(&field)
    var dynamics = try MolecularDynamics(start, VelocityVerlet(), timeStep: step, field: field)
    var energy = ShadowEnergy(timeStep: step)
    var (times, shadow, total): ([Double], [Double], [Double]) = ([], [], [])
    let unit = 1000 / Double(start.count)
    var last = 0.0
    try dynamics.run(steps) { dynamics in
      if let value = energy.add(dynamics.state) {
        times.append(dynamics.state.time * 1e-6)
        shadow.append(value * unit)
        total.append(last * unit)
      }
      last = dynamics.state.totalEnergy
    }
    return Found(
      shadow: try EnergyDrift(times: times, energies: shadow),
      total: try EnergyDrift(times: times, energies: total))
  }

  private func ethanol(_ field: some ForceField, steps: Int) throws -> Found {
    let source = try XYZReader.read(path("ethanol.xyz"))[0]
    let frame = LabelledFrame(atomicNumbers: source.numbers, positions: source.positions)
    let start = try warmed(
      frame, calculator("ethanol"), temperature: 300, step: 0.5, steps: 4000
    ).state
    return try found(start, field, step: 0.5, steps: steps)
  }

  @Test func ethanol() throws {
    let found = try ethanol(calculator("ethanol"), steps: 30_000)
    #expect(found.isConserved(fluctuation: 0.01), "\(found)")
    // The total energy moves more, and by no more than it does at this step.
    #expect(found.total.fluctuation < 0.1, "\(found)")
  }

  @Test func copper() throws {
    let start = try warmed(
      LennardJones.crystal(edge: 2 * 3.61, elements: [29]), calculator("copper"),
      temperature: 300, step: 4, steps: 500
    ).state
    let found = try found(start, calculator("copper"), step: 0.5, steps: 6000)
    #expect(found.isConserved(fluctuation: 0.001), "\(found)")
    #expect(abs(found.total.slope) < Self.most, "\(found)")
  }

  /// The check sees what is wrong: forces in steps of 0.001 eV/Å, and forces that are a thousandth larger
  /// than the slope of the energy.
  @Test func wrongForcesAreSeen() throws {
    let rounded = try ethanol(
      Altered(field: calculator("ethanol")) { ($0 * 1000).rounded() / 1000 }, steps: 10_000)
    #expect(!rounded.isConserved(fluctuation: .infinity), "\(rounded)")
    let scaled = try ethanol(Altered(field: calculator("ethanol")) { 1.001 * $0 }, steps: 10_000)
    #expect(!scaled.isConserved(fluctuation: 0.01), "\(scaled)")
  }

  /// And an energy that jumps where a neighbour leaves.
  @Test func jumpsAreSeen() throws {
    func lennardJones(_ isSmooth: Bool) throws -> Found {
      let field = LennardJones(isSmooth: isSmooth)
      let start = try warmed(
        LennardJones.crystal(edge: 7.8), field, temperature: 40, step: 4, steps: 2000
      ).state
      return try found(start, field, step: 2, steps: 5000)
    }
    let (smooth, sharp) = (try lennardJones(true), try lennardJones(false))
    #expect(smooth.isConserved(fluctuation: 0.01), "\(smooth)")
    #expect(!sharp.isConserved(fluctuation: 0.01), "\(sharp)")
    #expect(!sharp.isConserved(fluctuation: .infinity), "\(sharp)")
  }

  /// The shadow energy is right to one order of the square of the step more than the total energy.
  @Test func shadowEnergy() throws {
    let start = try warmed(
      LennardJones.cluster, LennardJones(), temperature: 40, step: 4, steps: 1000
    ).state
    let coarse = try found(start, LennardJones(), step: 8, steps: 1000)
    let fine = try found(start, LennardJones(), step: 4, steps: 2000)
    #expect(coarse.shadow.fluctuation < coarse.total.fluctuation / 5, "\(coarse)")
    let (second, fourth) = (
      coarse.total.fluctuation / fine.total.fluctuation,
      coarse.shadow.fluctuation / fine.shadow.fluctuation
    )
    #expect(second > 3 && second < 5.5 && fourth > 11 && fourth < 24, "\(second), \(fourth)")
  }

  /// The slope and its error, of numbers that are known.
  @Test func slopes() throws {
    let times = (0..<4000).map { Double($0) / 1000 }
    let line = try EnergyDrift(times: times, energies: times.map { 3 - 2 * $0 })
    #expect(abs(line.slope + 2) < 1e-12 && line.error < 1e-11 && line.fluctuation < 1e-12)
    // Walks at random: in two of three the slope is within its error, and in a twentieth beyond twice.
    var (within, beyond) = (0, 0)
    for seed in 0..<200 {
      let noise = try RandomKey(seed: seed).normal(Double.self, count: times.count)
      var (walk, place) = ([Double](), 0.0)
      for step in noise {
        place += step
        walk.append(place)
      }
      let drift = try EnergyDrift(times: times, energies: walk)
      if abs(drift.slope) < drift.error { within += 1 }
      if abs(drift.slope) > 2 * drift.error { beyond += 1 }
    }
    #expect(within > 110 && within < 160 && beyond < 30, "\(within), \(beyond)")
    for (times, energies, blocks, word) in [
      ([0, 1, 2, 3], [1, 2, 3], 2, "energies"), ([0, 1, 2], [1, 2, 3], 2, "energies"),
      ([0, 2, 2, 3], [1, 2, 3, 4], 2, "times"), ([0, 1, 2, 3], [1, 2, 3, 4], 1, "blocks"),
      ([0, 1, 2, .nan], [1, 2, 3, 4], 2, "times"),
    ] as [([Double], [Double], Int, String)] {
      let error = #expect(throws: ArgumentError.self) {
        try EnergyDrift(times: times, energies: energies, blocks: blocks)
      }
      #expect(error?.argument == word)
    }
  }
}

/// Forces that are not those of the energy.
private struct Altered<Field: ForceField>: ForceField {
  var field: Field
  let alter: @Sendable (Double) -> Double

  init(field: Field, alter: @escaping @Sendable (Double) -> Double) {
    (self.field, self.alter) = (field, alter)
  }

  mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
    var prediction = try field.predict(frame)
    prediction.forces = prediction.forces.map(alter)
    return prediction
  }
}
