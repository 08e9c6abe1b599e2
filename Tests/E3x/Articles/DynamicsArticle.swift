import E3x
import Testing

@Suite struct DynamicsArticle {
  private let frame = LabelledFrame(
    atomicNumbers: [8, 1, 1], positions: [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477])

  private var potential: Potential {
    get throws {
      var configuration = PotentialConfiguration()
      (configuration.features, configuration.numLayers, configuration.maxDegree) = (4, 1, 1)
      let model = AttentionPotential(configuration)
      return try Potential(
        model: model, parameters: model.initialParameters(seed: 0),
        elementEnergies: ElementEnergies([1: 0, 8: 0]))
    }
  }

  @Test func dynamicsOfAMolecule() throws {
    let potential = try potential

    // Example of Sources/E3x/E3x.docc/MovingAtoms.md
    var calculator = try Calculator(potential)
    var state = try DynamicsState(frame, constraint: .usual(isPeriodic: false), field: &calculator)
    try state.drawVelocities(temperature: 300, seed: 1)
    var dynamics = try MolecularDynamics(
      state, Langevin(temperature: 300, friction: 0.01), timeStep: 0.5, field: calculator)
    for _ in 0..<1000 { try dynamics.advance() }
    print(dynamics.state.temperature, dynamics.state.totalEnergy)
    // End of example

    #expect(dynamics.state.step == 1000)
    #expect(abs(dynamics.state.time - 500) < 1e-9)
  }

  @Test func aPageOfResults() throws {
    let times = [0.0, 0.5]
    let energies = [-1.25, -1.5]
    let trajectory = [frame.positions, frame.positions.map { $0 + 0.01 }]

    // Example of Sources/E3x/E3x.docc/MovingAtoms.md
    let viewer = StructureViewer(
      title: "Trajectory", atomicNumbers: frame.atomicNumbers,
      frames: times.indices.map {
        StructureViewer.Frame(positions: trajectory[$0], note: "\(times[$0]) fs")
      })
    let plot = LinePlot(
      title: "Energy", xTitle: "time (fs)", yTitle: "eV",
      lines: [LinePlot.Line("total", x: times, y: energies)])
    let page = ReportDocument.html(
      title: "Water",
      body: ReportDocument.header("Water", about: "molecular dynamics") + "<main>"
        + ReportDocument.section("Structure", viewer.html(id: "structure"))
        + ReportDocument.section("Over time", ReportDocument.figures([plot.html(id: "energy")]))
        + "</main>")
    // End of example

    for part in ["<h1>", "Trajectory", "total: −1.50 to −1.25", "0.5 fs", "<canvas", "Over time"] {
      #expect(page.contains(part), "\(part)")
    }
  }

  @Test func anIntegratorOfOnesOwn() throws {
    var calculator = try Calculator(potential)
    var state = try DynamicsState(frame, field: &calculator)
    try state.drawVelocities(temperature: 300, seed: 1)
    func spread(_ step: Double) throws -> Double {
      var dynamics = try MolecularDynamics(
        state, PositionVerlet(), timeStep: step, field: calculator)
      var energies: [Double] = []
      for _ in 0..<Int(40 / step) {
        try dynamics.advance()
        energies.append(dynamics.conservedEnergy)
      }
      return (energies.max() ?? 0) - (energies.min() ?? 0)
    }
    // What is left of the energy's error is a twentieth of what thermal motion changes.
    #expect(try spread(0.25) < 0.05 * state.kineticEnergy)
  }
}

// Example of Sources/E3x/E3x.docc/MovingAtoms.md
/// Position Verlet: drifts around a kick.
struct PositionVerlet: Integrator {
  static let name = "position-verlet"

  mutating func advance(
    _ state: inout DynamicsState, by step: Double, with field: inout some ForceField
  ) throws {
    state.drift(step / 2)
    try state.update(&field)
    state.kick(step)
    state.drift(step / 2)
    try state.update(&field)
  }
}
// End of example
