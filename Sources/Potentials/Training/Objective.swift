internal import E3xEngine
internal import E3xNN

/// The graph of a potential on batches: energies, forces, and the loss with its gradient.
struct Objective {
  let potential: AttentionPotential
  let layout: ParameterLayout

  /// Relative energies of the frames, [B], and forces, [N, 3]; eV and eV/Å.
  func energiesAndForces(
    _ parameters: Parameters, _ structure: [Tensor]
  ) throws -> (energies: Tensor, forces: Tensor) {
    let (positions, species, dst, src, frames, sizes) = (
      structure[0], structure[1], structure[2], structure[3], structure[4], structure[5]
    )
    let scale = potential.configuration.energyScale
    let atoms = try potential.atomicEnergies(
      parameters.scope, positions: positions, species: species, dstIdx: dst, srcIdx: src)
    let energies = try (atoms * scale).segmentSum(frames, count: sizes.shape[0])
    let forces = try -gradient(of: energies.sum(), withRespectTo: [positions])[0]
    return (energies, forces)
  }

  /// The compiled prediction of fixed parameters: arguments a structure.
  func prediction(_ parameters: Parameters) throws -> CompiledFunction {
    try CompiledFunction(Batch.specifications().structure) { structure in
      let (energies, forces) = try energiesAndForces(parameters, structure)
      return [energies, forces]
    }
  }

  /// One step of training.
  ///
  /// Arguments: the optimiser's state (parameters, first and second moments, averaged parameters,
  /// [n] each), its numbers (see ``TrainingOptions``), a structure and labels. Results: the new
  /// state, the loss, and the sums of absolute errors of energies and forces.
  func step(_ options: TrainingOptions) throws -> CompiledFunction {
    let vector = layout.specification
    let specifications = Batch.specifications()
    let numbers = TensorSpecification([4])
    return try CompiledFunction(
      [vector, vector, vector, vector, numbers] + specifications.structure + specifications.labels
    ) { arguments in
      let (theta, first, second, average) = (
        arguments[0], arguments[1], arguments[2], arguments[3]
      )
      let structure = Array(arguments[5..<11])
      let (targetEnergies, targetForces) = (arguments[11], arguments[12])

      // Differentiated to the single parameters: their gradients are put together once.
      let parameters = try layout.parameters(theta)
      let (energies, forces) = try energiesAndForces(parameters, structure)
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
      let averaged = try average + (next.parameters - average) * arguments[4].entry(0, 3)
      return next.tensors + [
        averaged, loss, try energyErrors.absolute().sum(), try forceErrors.absolute().sum(),
      ]
    }
  }
}
