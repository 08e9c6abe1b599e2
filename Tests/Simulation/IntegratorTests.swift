import E3xEngine
import E3xPotentials
import E3xSimulation
import Testing

/// What holds for each integrator by itself: order, reversibility, conserved energies.
@Suite struct IntegratorTests {
  private func state(
    _ frame: LabelledFrame, _ temperature: Double, _ constraint: MotionConstraint = [],
    seed: Int = 1
  ) throws -> DynamicsState {
    var field = LennardJones()
    var state = try DynamicsState(frame, constraint: constraint, field: &field)
    try state.drawVelocities(temperature: temperature, seed: seed, isExact: true)
    return state
  }

  /// The spread of the conserved energy over 2 ps.
  private func spread(
    _ frame: LabelledFrame, _ step: Double, _ integrator: some Integrator
  ) throws -> Double {
    var dynamics = try MolecularDynamics(
      state(frame, 40, .translation), integrator, timeStep: step, field: LennardJones())
    var moments = Moments()
    try dynamics.run(Int((2000 / step).rounded())) { moments.add($0.conservedEnergy) }
    return moments.variance.squareRoot()
  }

  /// Errors fall with the square of the step.
  @Test func secondOrder() throws {
    let (molecule, crystal) = (LennardJones.cluster, LennardJones.crystal())
    func check(_ name: String, _ coarse: Double, _ fine: Double) {
      #expect(fine > 0, "\(name)")
      let ratio = coarse / fine
      #expect(ratio > 3 && ratio < 5.5, "\(name): \(ratio)")
    }
    check(
      "nve", try spread(molecule, 8, VelocityVerlet()), try spread(molecule, 4, VelocityVerlet()))
    for frame in [molecule, crystal] {
      func chain() throws -> NoseHooverChain {
        try NoseHooverChain(temperature: 40, relaxationTime: 100)
      }
      check("chain", try spread(frame, 8, chain()), try spread(frame, 4, chain()))
    }
    for coupling in IsothermalIsobaric.Coupling.allCases {
      func barostat() throws -> IsothermalIsobaric {
        try IsothermalIsobaric(
          temperature: 40, pressure: 1e-4, relaxationTime: 100, barostatTime: 300,
          coupling: coupling)
      }
      check(
        "\(coupling)", try spread(crystal, 8, barostat()), try spread(crystal, 4, barostat()))
    }
  }

  /// Deterministic motion goes back to where it came from.
  @Test func reversibility() throws {
    func check(_ integrator: some Integrator) throws {
      let start = try state(LennardJones.crystal(), 60, .translation)
      var forth = try MolecularDynamics(start, integrator, timeStep: 4, field: LennardJones())
      try forth.run(200)
      let moved = zip(forth.state.frame.positions, start.frame.positions).map { abs($0 - $1) }
      #expect((moved.max() ?? 0) > 0.1)
      var back = try MolecularDynamics(
        forth.state, VelocityVerlet(), timeStep: -4, field: LennardJones())
      back.replaceIntegrator(forth.integrator)
      try back.run(200)
      for (now, then) in zip(back.state.frame.positions, start.frame.positions) {
        #expect(abs(now - then) < 1e-9)
      }
      for (now, then) in zip(back.state.velocities, start.velocities) {
        #expect(abs(now - then) < 1e-11)
      }
    }
    try check(VelocityVerlet())
    try check(NoseHooverChain(temperature: 60, relaxationTime: 50))
    try check(
      IsothermalIsobaric(
        temperature: 60, relaxationTime: 50, barostatTime: 300, coupling: .full))
  }

  /// What a thermostat takes is counted: the conserved energy moves far less than the total one.
  @Test func heatIsCounted() throws {
    func check(_ integrator: some Integrator) throws {
      var dynamics = try MolecularDynamics(
        state(LennardJones.crystal(), 40, .translation), integrator, timeStep: 2,
        field: LennardJones())
      var (conserved, total) = (Moments(), Moments())
      try dynamics.run(3000) {
        conserved.add($0.conservedEnergy)
        total.add($0.state.totalEnergy)
      }
      #expect(conserved.variance < 1e-3 * total.variance, "\(type(of: integrator).name)")
    }
    try check(Langevin(temperature: 80, friction: 0.01, seed: 3))
    try check(VelocityRescaling(temperature: 80, relaxationTime: 50, seed: 3))
    try check(NoseHooverChain(temperature: 80, relaxationTime: 50))
    try check(
      StochasticCellRescaling(
        temperature: 80, pressure: 0.002, compressibility: 20, relaxationTime: 50,
        barostatTime: 300, seed: 3))
  }

  /// Memory and state are all that counts for what follows.
  @Test func memoryGoesOnToTheSameBits() throws {
    func check(_ integrator: some Integrator, fresh: some Integrator) throws {
      var whole = try MolecularDynamics(
        state(LennardJones.crystal(), 50, .translation), integrator, timeStep: 3,
        field: LennardJones())
      try whole.run(20)
      let half = whole
      try whole.run(20)
      var other: any Integrator = fresh
      other.memory = half.integrator.memory
      var again = try MolecularDynamics(
        half.state, VelocityVerlet(), timeStep: 3, field: LennardJones())
      again.replaceIntegrator(other)
      try again.run(20)
      #expect(again.state.frame.positions == whole.state.frame.positions)
      #expect(again.state.velocities == whole.state.velocities)
      #expect(again.conservedEnergy == whole.conservedEnergy)
    }
    try check(VelocityVerlet(), fresh: VelocityVerlet())
    func langevin() throws -> Langevin { try Langevin(temperature: 50, friction: 0.02, seed: 9) }
    try check(langevin(), fresh: langevin())
    func rescaling() throws -> VelocityRescaling {
      try VelocityRescaling(temperature: 50, relaxationTime: 40, seed: 9)
    }
    try check(rescaling(), fresh: rescaling())
    func chain() throws -> NoseHooverChain {
      try NoseHooverChain(temperature: 50, relaxationTime: 40)
    }
    try check(chain(), fresh: chain())
    func barostat() throws -> IsothermalIsobaric {
      try IsothermalIsobaric(
        temperature: 50, relaxationTime: 40, barostatTime: 200, coupling: .axes)
    }
    try check(barostat(), fresh: barostat())
    func cellRescaling() throws -> StochasticCellRescaling {
      try StochasticCellRescaling(
        temperature: 50, compressibility: 20, relaxationTime: 40, barostatTime: 200, seed: 9)
    }
    try check(cellRescaling(), fresh: cellRescaling())
  }

  /// Noise neither moves nor turns a molecule whose motion is constrained.
  @Test func constraints() throws {
    var field = LennardJones()
    for (constraint, freedom) in [
      (MotionConstraint([]), 15), (.translation, 12), ([.translation, .rotation], 9),
    ] {
      let state = try DynamicsState(
        LennardJones.cluster, constraint: constraint, field: &field)
      #expect(state.degreesOfFreedom == freedom)
    }
    var dynamics = try MolecularDynamics(
      state(LennardJones.cluster, 30, [.translation, .rotation]),
      Langevin(temperature: 30, friction: 0.05), timeStep: 2, field: LennardJones())
    try dynamics.run(500)
    let state = dynamics.state
    var (momentum, turning) = (SIMD3<Double>(), SIMD3<Double>())
    for atom in 0..<state.count {
      let v = SIMD3(
        state.velocities[3 * atom], state.velocities[3 * atom + 1], state.velocities[3 * atom + 2])
      let r = SIMD3(
        state.frame.positions[3 * atom], state.frame.positions[3 * atom + 1],
        state.frame.positions[3 * atom + 2])
      momentum += state.masses[atom] * v
      turning += state.masses[atom] * cross(r, v)
    }
    let size = state.masses.reduce(0, +) * 0.005
    #expect((momentum * momentum).sum().squareRoot() < 1e-10 * size)
    #expect((turning * turning).sum().squareRoot() < 1e-3 * size)
  }

  /// Atoms on a line turn about two axes, a single one about none.
  @Test func degreesOfFreedom() throws {
    var field = HarmonicWells()
    let both: MotionConstraint = [.translation, .rotation]
    func freedom(_ positions: [Double]) throws -> Int {
      let frame = LabelledFrame(
        atomicNumbers: [Int32](repeating: 8, count: positions.count / 3), positions: positions)
      return try DynamicsState(frame, constraint: both, field: &field).degreesOfFreedom
    }
    #expect(try freedom([1, 2, 3]) == 0)
    #expect(try freedom([1, 2, 3, 2, 4, 3]) == 1)
    #expect(try freedom([0, 0, 0, 1, 1, 1, 2, 2, 2]) == 4)
    #expect(try freedom([0, 0, 0, 1, 1, 1, 2, 2, 1]) == 3)
  }
}
