internal import E3xEngine
internal import E3xNN

/// One layer of self-attention on random atoms, each with as many random neighbours.
struct AttentionBenchmark {
  private let layer: SelfAttention
  private let inputs: [Tensor]
  private let parameters: Parameters

  init(_ workload: Workload) throws {
    let (atoms, neighbors) = (workload.atoms, workload.neighbors)
    let pairs = atoms * neighbors
    let keys = try RandomKey(seed: 0).split(3)
    let components = (workload.maxDegree + 1) * (workload.maxDegree + 1)
    let x = try Tensor(
      keys[0].normal(
        Float.self,
        count: atoms * (workload.pseudotensors ? 2 : 1) * components * workload.features),
      shape: [atoms, workload.pseudotensors ? 2 : 1, components, workload.features])
    let r = try Tensor(
      keys[1].normal(Float.self, count: pairs * 3).map { 2 * $0 }, shape: [pairs, 3])
    let dst = Tensor((0..<Int32(atoms)).flatMap { [Int32](repeating: $0, count: neighbors) })
    let src = try Tensor(keys[2].integers(count: pairs, in: 0..<Int32(atoms)))
    let expansion = try basis(
      r, maxDegree: workload.maxDegree, num: workload.numBasis, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: 6), returnCutoff: true)
    layer = SelfAttention(
      MultiHeadAttention(
        numHeads: workload.numHeads, maxDegree: workload.maxDegree,
        includePseudotensors: workload.pseudotensors,
        useFusedTensor: workload.fusedTensor))
    inputs = try [x, expansion.basis, expansion.cutoff!, dst, src].map { try $0.materialized() }
    let (layer, inputs) = (layer, inputs)
    parameters = try Parameters.initialize(seed: 0) { scope in
      try Self.call(layer, scope, inputs)
    }
  }

  private static func call(
    _ layer: SelfAttention, _ scope: Scope, _ inputs: [Tensor]
  ) throws -> Tensor {
    try layer(
      scope, inputs[0], basis: inputs[1], cutoffValue: inputs[2], dstIdx: inputs[3],
      srcIdx: inputs[4], numSegments: inputs[0].shape[0], indicesAreSorted: true)
  }

  private func compiled(gradient wantsGradient: Bool) throws -> CompiledFunction {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    var specifications = inputs.enumerated().map { index, input in
      TensorSpecification(
        Shape([index == 0 ? atoms : pairs] + input.shape[1...]), dtype: input.dtype)
    }
    let paths = parameters.map(\.path)
    specifications += parameters.map {
      TensorSpecification($0.tensor.shape, dtype: $0.tensor.dtype)
    }
    return try CompiledFunction(specifications) { arguments in
      var given = Parameters()
      for (path, tensor) in zip(paths, arguments[5...]) { given[path] = tensor }
      let output = try Self.call(layer, given.scope, arguments)
      if !wantsGradient { return [output] }
      return try gradient(
        of: output.square().sum(),
        withRespectTo: Array(arguments[..<3]) + Array(arguments[5...]))
    }
  }

  /// The parts of the plan with their times.
  func profile(gradient: Bool, calls: Int) throws -> [(part: String, seconds: Double)] {
    try compiled(gradient: gradient).profile(inputs + parameters.map(\.tensor), calls: calls)
  }

  /// Reports forward, first and gradient.
  func run(_ report: (String, Double?, () throws -> Void) throws -> Void) throws {
    let arguments = inputs + parameters.map(\.tensor)
    var forward: CompiledFunction?
    let first = try timed {
      let function = try compiled(gradient: false)
      _ = try function(arguments)
      forward = function
    }
    try report("forward", nil) { _ = try forward!(arguments) }
    try report("first", first) {}
    let backward = try compiled(gradient: true)
    try report("gradient", nil) { _ = try backward(arguments) }
  }
}
