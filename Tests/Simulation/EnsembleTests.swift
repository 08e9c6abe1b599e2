import E3xEngine
import E3xPotentials
import E3xSimulation
import Testing

/// Thermostats and barostats give the ensembles that they promise.
@Suite struct EnsembleTests {
  private static let thermal = 300 * Units.boltzmann

  /// Wells of atoms of several masses, after a while.
  private func wells(
    _ integrator: some Integrator, step: Double, steps: Int,
    _ visit: (MolecularDynamics<HarmonicWells>) -> Void
  ) throws {
    var field = HarmonicWells()
    let frame = LabelledFrame(
      atomicNumbers: [1, 6, 8, 29], positions: [Double](repeating: 0.1, count: 12))
    var state = try DynamicsState(frame, field: &field)
    try state.drawVelocities(temperature: 300, seed: 5)
    var dynamics = try MolecularDynamics(state, integrator, timeStep: step, field: field)
    try dynamics.run(1000)
    try dynamics.run(steps, visit)
  }

  /// Equipartition by atoms, the variance of the kinetic energy, and positions that have the variance of
  /// the well exactly, however long the step.
  @Test func langevin() throws {
    var positions = [Moments](repeating: Moments(), count: 4)
    var energies = [Moments](repeating: Moments(), count: 4)
    var kinetic = Moments()
    // The period of hydrogen is 45 fs.
    try wells(Langevin(temperature: 300, friction: 0.02, seed: 2), step: 6, steps: 200_000) {
      let state = $0.state
      kinetic.add(state.kineticEnergy)
      for atom in 0..<4 {
        for index in (3 * atom)..<(3 * atom + 3) {
          positions[atom].add(state.frame.positions[index])
          let v = state.velocities[index]
          energies[atom].add(state.masses[atom] * v * v / 2 / Units.acceleration)
        }
      }
    }
    for atom in 0..<4 {
      #expect(abs(positions[atom].variance / (Self.thermal / 2) - 1) < 0.05)
      // The heavy atoms' velocities are nearly right too; hydrogen's have the error of the step.
      if atom > 0 { #expect(abs(energies[atom].mean / (Self.thermal / 2) - 1) < 0.05) }
    }
    var fine = Moments()
    try wells(Langevin(temperature: 300, friction: 0.05, seed: 2), step: 1, steps: 200_000) {
      fine.add($0.state.kineticEnergy)
    }
    #expect(abs(fine.mean / (6 * Self.thermal) - 1) < 0.03)
    #expect(abs(fine.variance / (6 * Self.thermal * Self.thermal) - 1) < 0.1)
  }

  /// Detailed balance: forth and back in time, with velocities reversed, motion looks the same.
  @Test func langevinIsBalanced() throws {
    var field = HarmonicWells()
    let frame = LabelledFrame(atomicNumbers: [6], positions: [0, 0, 0])
    let state = try DynamicsState(frame, field: &field)
    var dynamics = try MolecularDynamics(
      state, Langevin(temperature: 300, friction: 0.05, seed: 4), timeStep: 4, field: field)
    var track: [(x: Double, v: Double)] = []
    try dynamics.run(300_000) {
      track.append(($0.state.frame.positions[0], $0.state.velocities[0]))
    }
    let lag = 5
    var (xv, vx, cubes) = (Moments(), Moments(), Moments())
    for index in 0..<(track.count - lag) {
      let (now, then) = (track[index], track[index + lag])
      xv.add(now.x * then.v)
      vx.add(now.v * then.x)
      // Odd in time: zero if there is no current.
      cubes.add(now.x * now.x * now.x * then.x - now.x * then.x * then.x * then.x)
    }
    let scale =
      (Self.thermal / 2).squareRoot() * (Self.thermal * Units.acceleration / 12.011).squareRoot()
    #expect(abs(xv.mean + vx.mean) < 0.02 * scale)
    #expect(abs(xv.mean) > 0.2 * scale)
    #expect(abs(cubes.mean) < 0.02 * cubes.variance.squareRoot())
  }

  private func crystal(_ temperature: Double, edge: Double = 7.8) throws -> DynamicsState {
    var field = LennardJones()
    var state = try DynamicsState(
      LennardJones.crystal(edge: edge), constraint: .translation, field: &field)
    try state.drawVelocities(temperature: 2 * temperature, seed: 8, isExact: true)
    return state
  }

  /// The kinetic energy has mean and variance of the canonical ensemble.
  @Test func kineticEnergies() throws {
    func check(_ integrator: some Integrator) throws {
      var dynamics = try MolecularDynamics(
        crystal(60), integrator, timeStep: 4, field: LennardJones())
      try dynamics.run(2000)
      var kinetic = Moments()
      try dynamics.run(30_000) { kinetic.add($0.state.kineticEnergy) }
      let (freedom, thermal) = (93.0, 60 * Units.boltzmann)
      let name = type(of: integrator).name
      #expect(abs(kinetic.mean / (freedom * thermal / 2) - 1) < 0.015, "\(name) \(kinetic.mean)")
      let variance = kinetic.variance / (freedom * thermal * thermal / 2)
      #expect(abs(variance - 1) < 0.15, "\(name) \(variance)")
    }
    try check(Langevin(temperature: 60, friction: 0.01, seed: 1))
    try check(VelocityRescaling(temperature: 60, relaxationTime: 100, seed: 1))
    try check(NoseHooverChain(temperature: 60, relaxationTime: 100))
    try check(
      IsothermalIsobaric(
        temperature: 60, pressure: 0.003, relaxationTime: 100, barostatTime: 500))
    try check(
      StochasticCellRescaling(
        temperature: 60, pressure: 0.003, compressibility: 20, barostatTime: 500, seed: 1))
  }

  /// Mean pressure, <V (P − P₀)> = −kT, and fluctuations of the volume that are those of the
  /// compressibility: var V = −kT d<V>/dP.
  @Test func volumes() throws {
    try checkVolumes {
      try IsothermalIsobaric(
        temperature: 60, pressure: $0, relaxationTime: 100, barostatTime: 300)
    }
    // The ensemble does not depend on a compressibility that is right.
    for compressibility in [10.0, 30] {
      try checkVolumes {
        try StochasticCellRescaling(
          temperature: 60, pressure: $0, compressibility: compressibility, relaxationTime: 100,
          barostatTime: 300, seed: 2)
      }
    }
  }

  private func checkVolumes(
    _ make: (_ pressure: Double) throws -> some Integrator,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    func run(_ pressure: Double) throws -> (volume: Moments, pressure: Moments, work: Moments) {
      let integrator = try make(pressure)
      var dynamics = try MolecularDynamics(
        crystal(60), integrator, timeStep: 5, field: LennardJones())
      try dynamics.run(3000)
      var (volumes, pressures, work) = (Moments(), Moments(), Moments())
      try dynamics.run(50_000) {
        let (volume, found) = ($0.state.volume ?? 0, $0.state.pressure ?? 0)
        volumes.add(volume)
        pressures.add(found)
        work.add(volume * (found - pressure))
      }
      return (volumes, pressures, work)
    }
    let (low, high) = (try run(0.003), try run(0.005))
    let thermal = 60 * Units.boltzmann
    for (result, pressure) in [(low, 0.003), (high, 0.005)] {
      #expect(abs(result.pressure.mean - pressure) < 1e-4, "\(result.pressure.mean)")
      #expect(abs(result.work.mean + thermal) < 8 * thermal, "\(result.work.mean / thermal)")
    }
    let slope = (low.volume.mean - high.volume.mean) / 0.002
    let variance = (low.volume.variance * high.volume.variance).squareRoot()
    #expect(abs(variance / (thermal * slope) - 1) < 0.2, "\(variance / (thermal * slope))")
  }

  /// Shape and volume follow the pressure: a cell that is too long along x becomes cubic again.
  @Test func shapes() throws {
    var frame = LennardJones.crystal(edge: 7.8)
    let stretch = [1.03, 0.98, 0.99]
    for index in frame.positions.indices { frame.positions[index] *= stretch[index % 3] }
    frame.cell = [7.8 * 1.03, 0.2, 0, 0, 7.8 * 0.98, 0, 0, 0.1, 7.8 * 0.99]
    for coupling in [IsothermalIsobaric.Coupling.axes, .full] {
      var field = LennardJones()
      var state = try DynamicsState(frame, constraint: .translation, field: &field)
      try state.drawVelocities(temperature: 20, seed: 8)
      let integrator = try IsothermalIsobaric(
        temperature: 10, pressure: 0.002, relaxationTime: 50, barostatTime: 200,
        coupling: coupling)
      var dynamics = try MolecularDynamics(state, integrator, timeStep: 4, field: field)
      try dynamics.run(3000)
      var stresses = [Moments](repeating: Moments(), count: 9)
      try dynamics.run(15_000) {
        for (index, value) in ($0.state.pressureTensor ?? []).enumerated() {
          stresses[index].add(value)
        }
      }
      for axis in 0..<3 { #expect(abs(stresses[4 * axis].mean - 0.002) < 2e-4) }
      let cell = try #require(dynamics.state.frame.cell)
      if coupling == .axes {
        #expect(cell[1] / cell[0] != 0)
      } else {
        for index in [1, 2, 5] { #expect(abs(stresses[index].mean) < 2e-4) }
      }
    }
  }
}
