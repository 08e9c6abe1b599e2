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

  /// The compiled prediction: arguments parameters [n] and a structure.
  func prediction() throws -> CompiledFunction {
    let vector = TensorSpecification([Dimension(layout.count)])
    return try CompiledFunction([vector] + Batch.specifications().structure) { arguments in
      let parameters = try layout.parameters(arguments[0])
      let (energies, forces) = try energiesAndForces(parameters, Array(arguments[1...]))
      return [energies, forces]
    }
  }

  /// One step of training.
  ///
  /// Arguments: the optimiser's state (parameters, first and second moments, averaged parameters,
  /// [n] each), its numbers (``StepNumbers``), a structure and labels. Results: the new state, the
  /// loss, and the sums of absolute errors of energies and forces.
  func step(_ options: TrainingOptions) throws -> CompiledFunction {
    let vector = TensorSpecification([Dimension(layout.count)])
    let specifications = Batch.specifications()
    let numbers = TensorSpecification([Dimension(StepNumbers.count)])
    return try CompiledFunction(
      [vector, vector, vector, vector, numbers] + specifications.structure + specifications.labels
    ) { arguments in
      let (theta, first, second, average) = (
        arguments[0], arguments[1], arguments[2], arguments[3]
      )
      func number(_ index: Int) throws -> Tensor { try arguments[4].entry(0, index) }
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
      let flat = try Tensor.concatenate(
        zip(gradients, layout.entries).map { gradient, entry in
          try gradient.reshaped(to: [Dimension(entry.range.count)])
        }, axis: 0)

      // Clipped by the norm of all gradients, then Adam (Kingma & Ba 2015, algorithm 1).
      let norm = try (flat.square().sum() + 1e-20).squareRoot()
      let clip = try Tensor.minimum(options.gradientClip / norm, 1)
      let g = try flat * clip
      let (beta1, beta2) = (0.9, options.secondMomentDecay)
      let m = try first * beta1 + g * (1 - beta1)
      let v = try second * beta2 + g.square() * (1 - beta2)
      let update = try (m * number(1)) / ((v * number(2)).squareRoot() + 1e-8)
      let next = try theta - update * number(0)
      let averaged = try average + (next - average) * number(3)
      return [
        next, m, v, averaged, loss, try energyErrors.absolute().sum(),
        try forceErrors.absolute().sum(), norm,
      ]
    }
  }
}

/// What changes from step to step, as one argument of the compiled step.
struct StepNumbers {
  static let count = 4
  /// The rate of this step.
  var learningRate: Double
  /// 1 / (1 - β^t) of both moments.
  var firstCorrection: Double
  var secondCorrection: Double
  /// How far the averaged parameters move towards the new ones.
  var averaging: Double

  func tensor() -> Tensor {
    Tensor([
      Float(learningRate), Float(firstCorrection), Float(secondCorrection), Float(averaging),
    ])
  }
}
