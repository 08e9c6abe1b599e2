internal import E3xEngine
internal import E3xNN

/// The graph of a potential on batches: energies, forces, strain derivatives, and the loss with its
/// gradient.
struct Objective {
  let potential: any PotentialModel
  let layout: ParameterLayout
  /// How many models are in one tree of parameters, see ``Potential/members``.
  var members = 1
  /// The paths of parameters that do not move in training.
  var frozen: Set<String> = []

  /// What a potential says of the atoms of a structure.
  struct AtomicResults {
    /// [N], eV, without the energies of the elements
    var energies: Tensor
    /// [N, 3], eV/Å
    var forces: Tensor
    /// [P, 3], eV/Å: the derivatives of the energy to the vectors of pairs
    var pairDerivatives: Tensor

    /// [N, 6], eV: the derivative of the energy with respect to strain, in Voigt's order, half of
    /// what each pair gives at either of its atoms.
    ///
    /// Under a strain ε every vector d of a pair becomes (1 + ε) d, and so dE/dε is the sum of
    /// ∂E/∂d dᵀ over all pairs; it is symmetric, as energies do not change when all turns.
    func strainDerivatives(_ structure: [Tensor]) throws -> Tensor {
      let (vectors, dst, src) = (structure[0], structure[2], structure[3])
      let atoms = structure[1].shape[0]
      let components = try Voigt.axes.map { row, column in
        let (a, b) = (pairDerivatives, vectors)
        func product(_ row: Int, _ column: Int) throws -> Tensor {
          try a.sliced(row..<(row + 1), axis: 1) * b.sliced(column..<(column + 1), axis: 1)
        }
        return row == column
          ? try product(row, row) * 0.5
          : try (product(row, column) + product(column, row)) * 0.25
      }
      let halves = try Tensor.concatenate(components, axis: 1)
      return try halves.segmentSum(dst, count: atoms) + halves.segmentSum(src, count: atoms)
    }
  }

  /// Energies and forces of the atoms.
  ///
  /// - Parameter structure: As of ``Batch/structure``. Energies depend on the vectors of pairs, not
  ///   on positions: an atom's force is the derivative to the vectors that begin at it less that to
  ///   those that end at it.
  /// - Parameter contributions: [N], how often an atom's energy counts in the total that forces are
  ///   the gradient of; once if there are none.
  func atomicResults(
    _ scope: Scope, _ structure: [Tensor], contributions: Tensor? = nil
  ) throws -> AtomicResults {
    let (displacements, species, dst, src) = (
      structure[0], structure[1], structure[2], structure[3]
    )
    let energies =
      try potential.atomicEnergies(
        scope, displacements: displacements, species: species, dstIdx: dst, srcIdx: src)
      * potential.energyScale
    let total = try (contributions.map { try energies * $0 } ?? energies).sum()
    let derivative = try gradient(of: total, withRespectTo: [displacements])[0]
    let atoms = species.shape[0]
    let forces =
      try derivative.segmentSum(dst, count: atoms) - derivative.segmentSum(src, count: atoms)
    return AtomicResults(energies: energies, forces: forces, pairDerivatives: derivative)
  }

  /// The compiled prediction of fixed parameters.
  ///
  /// Arguments: a structure and, if only some atoms contribute, how often each does, [N]. Results:
  /// energies of atoms, [N], forces, [N, 3], and, if they are asked for, strain derivatives, [N, 6];
  /// the same of each member.
  /// - Throws: `ArgumentError` naming `params` for a parameter that is missing, of another shape, or
  ///   of no use.
  func prediction(
    _ parameters: Parameters, strains: Bool = false, someContribute: Bool = false
  ) throws -> CompiledFunction {
    let asked = Scope.Asked()
    let contributions = someContribute ? [TensorSpecification([Batch.atoms])] : []
    let function = try CompiledFunction(Batch.specification + contributions) { arguments in
      let structure = Array(arguments[..<4])
      // What members have in common, as basis functions, is computed once.
      return try Committee.scopes(Scope(parameters: parameters, asked: asked), members).flatMap {
        scope in
        let results = try atomicResults(
          scope, structure, contributions: someContribute ? arguments[4] : nil)
        return [results.energies, results.forces]
          + (strains ? [try results.strainDerivatives(structure)] : [])
      }
    }
    let unused = parameters.map(\.path).filter { !asked.paths.contains($0) }
    guard unused.isEmpty else {
      let listed = unused.prefix(5).map { "'\($0)'" }.joined(separator: ", ")
      throw ArgumentError(
        "Potential", "params",
        "nothing uses \(listed)\(unused.count > 5 ? " and \(unused.count - 5) more" : "")")
    }
    return function
  }

  /// The compiled product of the second derivatives of all energies to positions with a direction.
  ///
  /// Arguments: a structure, and [N, 3]; result: [N, 3], eV/Å². A direction of the atoms moves the
  /// vector of a pair by what its atoms differ in.
  /// - Parameter parameters: in double precision, as are vectors and directions.
  func hessianProduct(_ parameters: Parameters) throws -> CompiledFunction {
    let vectors = TensorSpecification([Batch.pairs, 3], dtype: .float64)
    let specification = [vectors] + Batch.specification[1...]
    return try CompiledFunction(
      specification + [TensorSpecification([Batch.atoms, 3], dtype: .float64)]
    ) { arguments in
      let structure = Array(arguments[..<4])
      let (species, dst, src, direction) = (
        structure[1], structure[2], structure[3], arguments[4]
      )
      let moved =
        try gatherSrc(direction, srcIdx: src) - gatherDst(direction, dstIdx: dst)
      let slopes = try Committee.scopes(parameters.scope, members).map { scope in
        try (atomicResults(scope, structure).pairDerivatives * moved).sum()
      }
      var slope = slopes[0]
      for other in slopes.dropFirst() { try slope += other }
      if members > 1 { slope = try slope / Double(members) }
      let derivative = try gradient(of: slope, withRespectTo: [structure[0]])[0]
      let atoms = species.shape[0]
      return [
        try derivative.segmentSum(src, count: atoms) - derivative.segmentSum(dst, count: atoms)
      ]
    }
  }

  /// One step of training, on a structure and labels. Beside the loss it gives the sums of absolute
  /// errors of energies, of forces and, if it is learned, of stress.
  /// - Parameter isSplit: whether its gradient and its update are asked for apart.
  func step(
    _ options: TrainingOptions, hasStress: Bool, isSplit: Bool = false
  ) throws -> TrainingStep {
    try TrainingStep(
      layout, options.update, isAveraged: true, frozen: frozen, isSplit: isSplit,
      batch: Batch.specification + BatchLabels.specification(hasStress: hasStress)
    ) { parameters, batch in
      let (structure, labels) = (Array(batch[..<4]), Array(batch[4...]))
      let (frames, count) = (labels[0], labels[1].shape[0])
      let results = try atomicResults(parameters.scope, structure)
      // What a stage gives less, the labels' weights say.
      let weights = options.greatestWeights
      var loss = Tensor(0)
      var sums: [Tensor] = []
      func add(
        _ predicted: Tensor, _ reference: Tensor, _ weights: Tensor, _ kind: TrainingLoss,
        times factor: Double, isVector: Bool = false, sizes: Tensor? = nil
      ) throws {
        let errors = try predicted - reference
        if factor > 0, kind == .squared {
          try loss += (errors.square() * weights).sum() * factor
        } else if factor > 0 {
          let counted = try sizes.map { try errors / $0 } ?? errors
          let counts = try sizes.map { try weights * $0.square() } ?? weights
          func columns(_ tensor: Tensor) throws -> Tensor {
            try tensor.rank == 1 ? tensor.expanded(at: 1) : tensor
          }
          try loss +=
            kind(columns(counted), weights: columns(counts), isVector: isVector) * factor
        }
        // A label that is not there has no weight.
        try sums.append(
          (errors.absolute() * weights.isGreater(than: 0).cast(to: weights.dtype)).sum())
      }
      let energies = try results.energies.segmentSum(frames, count: count)
      // Squares are per atom by their weights already.
      let sizes =
        try options.energyPerAtom && options.energyLoss != .squared
        ? Tensor.maximum(Tensor.ones(results.energies.shape).segmentSum(frames, count: count), 1)
        : nil
      try add(
        energies, labels[1], labels[2], options.energyLoss, times: weights.energy,
        sizes: sizes)
      try add(
        results.forces, labels[3], labels[4], options.forcesLoss, times: weights.forces,
        isVector: true)
      if hasStress {
        let strains = try results.strainDerivatives(structure)
          .segmentSum(frames, count: count)
        try add(
          strains * labels[7], labels[5], labels[6], options.stressLoss,
          times: weights.stress)
      }
      return (loss, sums)
    }
  }
}
