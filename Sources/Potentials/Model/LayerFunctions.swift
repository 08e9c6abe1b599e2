internal import E3xEngine
internal import E3xNN

/// The compiled functions of a model's layers, one by one, and of their derivatives: for atoms whose
/// features come from elsewhere between layers.
///
/// Features after a layer are right for atoms that see all within the cutoff. Those of others are
/// handed over before the next layer, and so are, the other way round, the derivatives of the energy to
/// them. A layer's forward pass is computed again for its derivative, so that nothing but features
/// is kept between passes.
struct LayerFunctions: Sendable {
  /// Of all layers but the last: a structure and, but for the first, features; gives features.
  let forward: [CompiledFunction]
  /// Of the last layer: a structure, features (if there are layers before) and contributions of atoms;
  /// gives energies [N], pair derivatives [P, 3] and derivatives to features.
  let last: CompiledFunction
  /// Of all layers but the last: as forward, and the derivatives to the features that it gives; gives
  /// pair derivatives and, but for the first, derivatives to the features that it takes.
  let backward: [CompiledFunction]
  /// Pair derivatives of all layers; gives forces [N, 3] and strain derivatives [N, 6].
  let total: CompiledFunction

  /// How many numbers the features of an atom are after each layer but the last.
  let widths: [Int]

  /// - Parameter member: whose parameters they are, of a committee of so many.
  init(
    _ model: some LayeredModel, _ parameters: Parameters, member: Int, of members: Int
  ) throws {
    let scope = Committee.scopes(parameters.scope, members)[member]
    let structure = Batch.specification
    var features: TensorSpecification?
    var (forward, backward, widths): ([CompiledFunction], [CompiledFunction], [Int]) = ([], [], [])

    for index in 0..<max(0, model.numLayers - 1) {
      let taken = [features].compactMap(\.self)
      func layer(_ arguments: [Tensor]) throws -> Tensor {
        let graph = PairGraph(arguments)
        return try model.layer(
          index, scope, taken.isEmpty ? model.embedding(scope, graph) : arguments[4],
          model.expansion(graph), graph)
      }
      let function = try CompiledFunction(structure + taken) { [try layer($0)] }
      forward.append(function)
      backward.append(
        try CompiledFunction(structure + taken + function.results) { arguments in
          try layer(arguments).pullback(
            arguments[arguments.count - 1],
            to: [arguments[0]] + (taken.isEmpty ? [] : [arguments[4]]))
        })
      features = function.results[0]
      widths.append(function.results[0].shape[1...].reduce(1) { $0 * ($1.known ?? 1) })
    }

    let taken = [features].compactMap(\.self)
    last = try CompiledFunction(structure + taken + [TensorSpecification([Batch.atoms])]) {
      arguments in
      let graph = PairGraph(arguments)
      var x = try taken.isEmpty ? model.embedding(scope, graph) : arguments[4]
      if model.numLayers > 0 {
        x = try model.layer(model.numLayers - 1, scope, x, model.expansion(graph), graph)
      }
      let energies = try model.atomicEnergies(scope, x, graph) * model.energyScale
      let counted = try (energies * arguments[arguments.count - 1]).sum()
      return [energies]
        + (try gradient(
          of: counted, withRespectTo: [arguments[0]] + (taken.isEmpty ? [] : [arguments[4]])))
    }
    let pairs = TensorSpecification([Batch.pairs, 3])
    let passes = 1 + backward.count
    total = try CompiledFunction(
      structure + [TensorSpecification](repeating: pairs, count: passes)
    ) { arguments in
      var sum = arguments[4]
      for derivatives in arguments[5...] { sum = try sum + derivatives }
      let graph = PairGraph(arguments)
      let forces =
        try sum.segmentSum(graph.dstIdx, count: graph.atoms)
        - sum.segmentSum(graph.srcIdx, count: graph.atoms)
      let results = Objective.AtomicResults(
        energies: sum, forces: forces, pairDerivatives: sum)
      return [forces, try results.strainDerivatives(Array(arguments[..<4]))]
    }
    (self.forward, self.backward, self.widths) = (forward, backward, widths)
  }
}

extension PairGraph {
  /// A structure as of ``Batch/structure``; more arguments may follow.
  init(_ arguments: [Tensor]) {
    self.init(
      displacements: arguments[0], species: arguments[1], dstIdx: arguments[2],
      srcIdx: arguments[3])
  }
}
