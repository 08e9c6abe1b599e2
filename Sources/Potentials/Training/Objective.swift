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

  /// One step of training, on a structure and labels. Beside the loss it gives the sums of absolute
  /// errors of energies and forces.
  func step(_ options: TrainingOptions) throws -> TrainingStep {
    try TrainingStep(
      layout, options.optimizer, isAveraged: true,
      batch: Batch.structureSpecification + Batch.labelSpecification
    ) { parameters, batch in
      let structure = Array(batch[..<4])
      let (frames, sizes, targetEnergies, targetForces) = (batch[4], batch[5], batch[6], batch[7])
      let (atoms, forces) = try energiesAndForces(parameters.scope, structure)
      let energies = try atoms.segmentSum(frames, count: sizes.shape[0])
      let energyErrors = try energies - targetEnergies
      let forceErrors = try forces - targetForces
      var loss = Tensor(0)
      if options.energyWeight > 0 {
        try loss += energyErrors.square().mean() * options.energyWeight
      }
      if options.forcesWeight > 0 {
        try loss += forceErrors.square().mean() * options.forcesWeight
      }
      return (loss, [try energyErrors.absolute().sum(), try forceErrors.absolute().sum()])
    }
  }
}
