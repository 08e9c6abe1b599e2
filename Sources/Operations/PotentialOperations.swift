internal import E3xEngine
internal import E3xNN
internal import E3xPotentials

extension Operations {
  static let potentials: [String: Operation] = [
    "model.AttentionPotential": { call in
      var configuration = PotentialConfiguration()
      configuration.features = try call.config.int("features", default: configuration.features)
      configuration.maxDegree = try call.config.int("max_degree", default: configuration.maxDegree)
      configuration.numLayers = try call.config.int("num_layers", default: configuration.numLayers)
      configuration.numHeads = try call.config.int("num_heads", default: configuration.numHeads)
      configuration.numBasis = try call.config.int("num_basis", default: configuration.numBasis)
      try checkCount(
        call.operation, "num_basis", configuration.numBasis, to: RadialFunction.countLimit)
      // Each layer is traced.
      try checkCount(call.operation, "num_layers", configuration.numLayers, from: 0, to: 1000)
      configuration.cutoff = try call.config.real("cutoff") ?? configuration.cutoff
      configuration.pseudotensors = try call.config.bool("pseudo", default: true)
      // e3x's own attention, and the ten elements of the reference model.
      configuration.smoothAtCutoff = false
      configuration.numEmbeddings = try call.config.int("num_embeddings", default: 10)
      let energies = try AttentionPotential(configuration).atomicEnergies(
        call.scope, positions: call.required("positions"), species: call.required("species"),
        dstIdx: call.required("dst_idx"), srcIdx: call.required("src_idx"))
      return [try energies.sum()]
    },
    "model.MessagePassingPotential": { call in
      var model = MessagePassingPotential()
      model.features = try call.config.int("features", default: model.features)
      model.maxDegree = try call.config.int("max_degree", default: model.maxDegree)
      model.numLayers = try call.config.int("num_layers", default: model.numLayers)
      model.numBasis = try call.config.int("num_basis", default: model.numBasis)
      model.cutoff = try call.config.real("cutoff") ?? model.cutoff
      model.numEmbeddings = try call.config.int("num_embeddings", default: 10)
      let energies = try model.atomicEnergies(
        call.scope, positions: call.required("positions"), species: call.required("species"),
        dstIdx: call.required("dst_idx"), srcIdx: call.required("src_idx"))
      return [try energies.sum()]
    },
  ]
}
