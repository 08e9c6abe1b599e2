internal import E3xEngine
internal import E3xNN

/// The graph of a potential on batches: energies, forces, and the loss with its gradient.
struct Objective {
  let potential: AttentionPotential
  let layout: ParameterLayout

  /// The energies of atoms without those of their elements, [N], eV, and forces, [N, 3], eV/Å.
  ///
  /// - Parameter structure: As of ``Batch/structure``. Energies depend on the vectors of pairs, not
  ///   on positions: an atom's force is the derivative to the vectors that begin at it less that to
  ///   those that end at it.
  func energiesAndForces(
    _ scope: Scope, _ structure: [Tensor]
  ) throws -> (energies: Tensor, forces: Tensor) {
    let (displacements, species, dst, src) = (
      structure[0], structure[1], structure[2], structure[3]
    )
    let energies =
      try potential.atomicEnergies(
        scope, displacements: displacements, species: species, dstIdx: dst, srcIdx: src)
      * potential.configuration.energyScale
    let derivative = try gradient(of: energies.sum(), withRespectTo: [displacements])[0]
    let atoms = species.shape[0]
    let forces =
      try derivative.segmentSum(dst, count: atoms) - derivative.segmentSum(src, count: atoms)
    return (energies, forces)
  }

  /// The compiled prediction of fixed parameters.
  ///
  /// Arguments: a structure. Results: energies of atoms and forces, as of
  /// ``energiesAndForces(_:_:)``.
  /// - Throws: `ArgumentError` naming `params` for a parameter that is missing, of another shape, or
  ///   of no use.
  func prediction(_ parameters: Parameters) throws -> CompiledFunction {
    let asked = Scope.Asked()
    let function = try CompiledFunction(Batch.structureSpecification) { structure in
      let (energies, forces) = try energiesAndForces(
        Scope(parameters: parameters, asked: asked), structure)
      return [energies, forces]
    }
    let unused = parameters.map(\.path).filter { !asked.paths.contains($0) }
    guard unused.isEmpty else {
      let listed = unused.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      throw ArgumentError(
        "AttentionPotential", "params",
        "nothing uses \(listed)\(unused.count > 5 ? " and \(unused.count - 5) more" : "")")
    }
    return function
  }

  /// One step of training.
  ///
  /// Arguments: the optimiser's state (parameters, first and second moments, averaged parameters,
  /// [n] each), its numbers (see ``TrainingOptions``), a structure and labels. Results: the new
  /// state, the loss, and the sums of absolute errors of energies and forces.
  func step(_ options: TrainingOptions) throws -> CompiledFunction {
    let vector = layout.specification
    let numbers = TensorSpecification([4])
    return try CompiledFunction(
      [vector, vector, vector, vector, numbers]
        + Batch.structureSpecification + Batch.labelSpecification
    ) { arguments in
      let (theta, first, second, average) = (
        arguments[0], arguments[1], arguments[2], arguments[3]
      )
      let structure = Array(arguments[5..<9])
      let (frames, sizes) = (arguments[9], arguments[10])
      let (targetEnergies, targetForces) = (arguments[11], arguments[12])

      // Differentiated to the single parameters: their gradients are put together once.
      let parameters = try layout.parameters(theta)
      let (atoms, forces) = try energiesAndForces(parameters.scope, structure)
      let energies = try atoms.segmentSum(frames, count: sizes.shape[0])
      let energyErrors = try energies - targetEnergies
      let forceErrors = try forces - targetForces
      var loss = Tensor(0)
      if options.energyWeight > 0 {
        loss = try loss + energyErrors.square().mean() * options.energyWeight
      }
      if options.forcesWeight > 0 {
        loss = try loss + forceErrors.square().mean() * options.forcesWeight
      }
      let gradients = try gradient(of: loss, withRespectTo: parameters.map(\.tensor))
      let next = try options.optimizer.update(
        Adam.State(parameters: theta, firstMoment: first, secondMoment: second),
        gradient: layout.vector(gradients), numbers: arguments[4])
      let averaged = try average + (next.parameters - average) * arguments[4].entry(3, axis: 0)
      return next.tensors + [
        averaged, loss, try energyErrors.absolute().sum(), try forceErrors.absolute().sum(),
      ]
    }
  }
}
