import E3x
import Testing

@Suite struct RelaxationArticle {
  private let molecule = LabelledFrame(
    atomicNumbers: [8, 1, 1], positions: [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477])
  private let primitive = LabelledFrame(
    atomicNumbers: [8], positions: [0, 0, 0], cell: [0, 2, 2, 2, 0, 2, 2, 2, 0],
    pbc: [true, true, true])

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

  @Test func manyStructures() throws {
    let potential = try potential
    var stretched = primitive
    stretched.cell = [0, 2.1, 2.1, 2.1, 0, 2.1, 2.1, 2.1, 0]
    let frames = [primitive, stretched]

    // Example of Sources/E3x/E3x.docc/RelaxingStructures.md
    var field = BatchedPotential(potential)
    let options = RelaxationOptions(cell: .full, pressure: 2 / Units.gigapascal)
    let relaxed = try RelaxationBatch.relaxed(
      frames.map { try Relaxation($0, LBFGS(), options: options) }, &field)
    for result in relaxed where result.isConverged { print(result.frame, result.steps) }
    // End of example

    #expect(relaxed.count == 2 && relaxed.allSatisfy { $0.isDone && $0.prediction != nil })
  }

  /// A liquid that resists compression alone, and no shear.
  private struct Liquid: ForceField {
    let stiffness = 0.05
    let volume = 16.0

    mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
      let excess = (try frame.periodicCell()?.volume ?? volume) - volume
      let stress = stiffness * excess
      return Potential.Prediction(
        energy: stiffness / 2 * excess * excess,
        forces: frame.positions.map { _ in 0 },
        stress: [stress, 0, 0, 0, stress, 0, 0, 0, stress])
    }
  }

  @Test func crystals() throws {
    let crystal = primitive
    var field = OneByOne(Liquid())

    // Example of Sources/E3x/E3x.docc/RelaxingStructures.md
    let scan = try VolumeScan(crystal, range: 0.05, field: &field)
    let fit = try EquationOfState(fitting: scan.energies, volumes: scan.volumes, form: .vinet)
    let constants = try ElasticConstants(crystal, field: &field)
    print(
      fit.bulkModulus * Units.gigapascal, constants[1, 1] * Units.gigapascal, constants.isStable)
    // End of example

    // V d²E/dV²
    #expect(abs(fit.volume - 16) < 1e-3 && abs(fit.bulkModulus - 0.8) < 2e-3)
    #expect(abs(constants[1, 1] - 0.8) < 1e-9 && abs(constants[1, 2] - 0.8) < 1e-9)
    #expect(!constants.isStable)
  }

  @Test func vibrations() throws {
    let potential = try potential

    // Example of Sources/E3x/E3x.docc/RelaxingStructures.md
    let modes = try NormalModes(molecule, field: potential)
    print(
      modes.wavenumbers, HarmonicThermodynamics(wavenumbers: modes.wavenumbers, temperature: 300))
    let crystalModes = try ForceConstants(primitive, repeats: [4, 4, 4], field: potential)
    print(crystalModes.wavenumbers(SIMD3(0.5, 0, 0.5)))
    // End of example

    #expect(modes.wavenumbers.count == 3)
    for value in crystalModes.wavenumbers(SIMD3(0, 0, 0)) { #expect(abs(value) < 0.1) }
  }
}
