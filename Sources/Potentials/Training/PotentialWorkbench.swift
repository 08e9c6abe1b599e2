internal import E3xEngine
internal import E3xNN

/// The compiled functions of a potential on one batch of equal molecules with all pairs, for
/// benchmarks: no data, no schedule.
package struct PotentialWorkbench {
  private let objective: Objective
  private let tree: Parameters
  private let parameters: Tensor
  private let batch: Batch
  private let labels: [Tensor]

  /// - Parameter positions, forces: [molecules · atoms, 3] in row-major order
  /// - Parameter energies: [molecules]
  package init(
    configuration: PotentialConfiguration, species: [Int32], molecules: Int, positions: [Float],
    energies: [Float], forces: [Float]
  ) throws {
    let atoms = species.count
    let examples = try (0..<molecules).map { molecule in
      let range = (3 * atoms * molecule)..<(3 * atoms * (molecule + 1))
      return try Example(
        species: species,
        neighbors: Neighbors(positions: positions[range].map(Double.init), cutoff: .infinity),
        energy: energies[molecule], forces: Array(forces[range]))
    }
    batch = try Batch(examples)
    labels = try BatchLabels(examples, energyIsPerAtom: false).tensors(hasStress: false)
    let batch = batch
    let potential = AttentionPotential(configuration)
    let tree = try Parameters.initialize(seed: 0) { scope in
      try potential.atomicEnergies(
        scope, displacements: batch.displacements, species: batch.species,
        dstIdx: batch.dstIdx, srcIdx: batch.srcIdx)
    }
    self.tree = tree
    objective = Objective(potential: potential, layout: try ParameterLayout(tree))
    parameters = try objective.layout.vector(tree).materialized()
  }

  /// Computes energies and forces at every call.
  package func prediction() throws -> () throws -> Void {
    let function = try objective.prediction(tree)
    return { _ = try function(batch.structure) }
  }

  /// The parts of a plan with their times.
  package func profile(training: Bool, calls: Int) throws -> [(part: String, seconds: Double)] {
    guard training else {
      return try objective.prediction(tree).profile(batch.structure, calls: calls)
    }
    let (step, state, numbers) = try step()
    return try step.profile(state, numbers, batch.structure + labels, calls: calls)
  }

  private func step() throws -> (step: TrainingStep, state: [Tensor], numbers: Tensor) {
    var options = TrainingOptions()
    options.forcesWeight = 1
    let step = try objective.step(options, hasStress: false)
    return (step, try step.state(beginningWith: parameters), options.numbers(step, 1000))
  }

  /// Does a step of training at every call.
  package func trainingStep() throws -> () throws -> Void {
    let (step, start, numbers) = try step()
    var state = start
    return { state = try step(state, numbers, batch.structure + labels).state }
  }
}
