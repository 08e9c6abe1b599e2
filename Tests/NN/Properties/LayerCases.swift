import E3xEngine
import E3xNN
import TestSupport

/// What layers are made of, drawn at random.
private struct Options {
  var parities: Int
  var degree: Int
  var features: Int
  var maxDegree: Int
  var pseudotensors: Bool
  var cartesianOrder: Bool
  var fused: Bool
  var kind: PairKind

  init(_ dice: inout Dice) {
    parities = 1 + dice.roll(2)
    degree = dice.roll(3)
    features = 1 + dice.roll(4)
    maxDegree = dice.roll(4)
    pseudotensors = dice.flag()
    cartesianOrder = dice.flag()
    fused = dice.flag()
    kind = dice.pick(PairKind.allCases)
  }

  var text: String { "\(self)" }

  func scene(_ dice: inout Dice) throws -> Scene {
    try Scene(atoms: 4, cartesianOrder: cartesianOrder, seed: dice.roll(100))
  }

  func inputs(_ leading: [Int], _ dice: inout Dice) throws -> Tensor {
    try testFeatures(
      leading, parities: parities, maxDegree: degree, features: features, seed: dice.roll(100))
  }
}

/// Degree, kind of list and functions of a basis, drawn at random.
private struct BasisOptions {
  var degree: Int
  var num: Int
  var radial: RadialFunction
  var cutoff: CutoffFunction
  var damping: DampingFunction?

  init(_ dice: inout Dice) {
    degree = dice.roll(3)
    num = 1 + dice.roll(4)
    radial = dice.pick([
      .reciprocalBernstein, .exponential(.gaussian, gamma: 0.5), .sinc(limit: 8),
      .reciprocal(.chebyshev, kind: .damped), .basic(.fourier, limit: 8),
    ])
    cutoff = dice.flag() ? .smooth(cutoff: 6) : .cosine(cutoff: 9)
    damping = dice.flag() ? .smooth(gamma: 0.8) : nil
  }

  func callAsFunction(_ scene: Scene, _ pairs: Scene.Pairs) throws -> RadialAngularBasis {
    try basis(
      scene.displacements(pairs), maxDegree: degree, num: num, radialFn: radial, cutoffFn: cutoff,
      returnCutoff: true, dampingFn: damping, cartesianOrder: scene.cartesianOrder)
  }
}

/// Every layer.
let layerCases: [SymmetryCase] = [
  SymmetryCase("nn.Dense") { dice in
    let options = Options(&dice)
    let (features, bias) = (1 + dice.roll(4), dice.flag())
    return try SymmetryCall(
      "\(options.text), \(features) features, bias \(bias)", scene: options.scene(&dice),
      inputs: [options.inputs([2, 3], &dice)]
    ) { scope, _, inputs in
      try Dense(features: features, useBias: bias)(scope, inputs[0])
    }
  },
  SymmetryCase("nn.Embed") { dice in
    let (features, count) = (1 + dice.roll(4), 3 + dice.roll(4))
    let species = Tensor((0..<5).map { _ in Int32(dice.roll(count)) })
    return try SymmetryCall("\(count) species, \(features) features") { scope, _, _ in
      try Embed(numEmbeddings: count, features: features)(scope, species)
    }
  },
  product("nn.Tensor") { scope, options, x, y in
    try TensorProduct(
      maxDegree: options.maxDegree, includePseudotensors: options.pseudotensors,
      cartesianOrder: options.cartesianOrder)(scope, x, y)
  },
  product("nn.FusedTensor") { scope, options, x, y in
    try FusedTensorProduct(
      maxDegree: options.maxDegree, includePseudotensors: options.pseudotensors,
      cartesianOrder: options.cartesianOrder)(scope, x, y)
  },
  SymmetryCase("nn.TensorDense") { dice in
    var options = Options(&dice)
    options.maxDegree = min(options.maxDegree, 2 * options.degree)
    let features = 1 + dice.roll(3)
    return try SymmetryCall(
      "\(options.text), \(features) features", scene: options.scene(&dice),
      inputs: [options.inputs([3], &dice)]
    ) { scope, _, inputs in
      try TensorDense(
        features: features, maxDegree: options.maxDegree,
        includePseudotensors: options.pseudotensors, cartesianOrder: options.cartesianOrder,
        useFusedTensor: options.fused)(scope, inputs[0])
    }
  },
  SymmetryCase("nn.MessagePass") { dice in
    var options = Options(&dice)
    let expansion = BasisOptions(&dice)
    options.maxDegree = min(options.maxDegree, options.degree + expansion.degree)
    let (usesBasis, bias) = (dice.roll(5) > 0, dice.flag())
    return try SymmetryCall(
      "\(options.text), \(expansion), basis \(usesBasis)", scene: options.scene(&dice),
      inputs: [options.inputs([4], &dice)]
    ) { scope, scene, inputs in
      let pairs = try scene.pairs(options.kind)
      let values = try expansion(scene, pairs)
      // Without a basis, positions come in as weights of the pairs.
      let weights =
        try usesBasis
        ? nil
        : values.cutoff!.expanded(at: -1).expanded(at: -1)
          .expanded(at: -1)
      return try MessagePass(
        maxDegree: options.maxDegree, useBasisBias: bias,
        includePseudotensors: options.pseudotensors, cartesianOrder: options.cartesianOrder,
        useFusedTensor: options.fused)(
          scope, inputs[0], basis: usesBasis ? values.basis : nil, weights: weights,
          adjIdx: pairs.adjacency, dstIdx: pairs.destinations, srcIdx: pairs.sources)
    }
  },
  attention("nn.MultiHeadAttention", isSelf: false),
  attention("nn.SelfAttention", isSelf: true),
  SymmetryCase("nn.ExponentialBasis") { dice in
    let options = Options(&dice)
    let (num, isCuspless) = (1 + dice.roll(4), dice.flag())
    let family = dice.pick(RadialFamily.allCases)
    return try SymmetryCall(
      "\(options.text), \(family)", scene: options.scene(&dice)
    ) { scope, scene, _ in
      try ExponentialBasis()(
        scope, scene.displacements(scene.pairs(options.kind)), maxDegree: options.maxDegree,
        num: num, radialFn: .exponential(family, cuspless: isCuspless),
        cutoffFn: .smooth(cutoff: 6), cartesianOrder: scene.cartesianOrder
      ).basis
    }
  },
]

private func product(
  _ name: String,
  _ layer: @escaping @Sendable (Scope, Options, Tensor, Tensor) throws -> Tensor
) -> SymmetryCase {
  SymmetryCase(name) { dice in
    var (first, second) = (Options(&dice), Options(&dice))
    second.features = first.features
    first.maxDegree = min(first.maxDegree, first.degree + second.degree)
    let options = first
    // Leading axes broadcast.
    return try SymmetryCall(
      "\(first.text), \(second.text)", scene: options.scene(&dice),
      inputs: [first.inputs([2, 1], &dice), second.inputs([3], &dice)]
    ) { scope, _, inputs in try layer(scope, options, inputs[0], inputs[1]) }
  }
}

private func attention(_ name: String, isSelf: Bool) -> SymmetryCase {
  SymmetryCase(name) { dice in
    var (options, other) = (Options(&dice), Options(&dice))
    options.features = dice.pick([2, 4])
    let expansion = BasisOptions(&dice)
    let values = isSelf ? options : other
    options.maxDegree = min(options.maxDegree, values.degree + expansion.degree)
    let heads = 1 + dice.roll(2)
    let (encodesQK, encodesV) = (dice.roll(4) > 0, dice.roll(4) > 0)
    let (usesCutoff, toNothing, bias) = (dice.flag(), dice.flag(), dice.flag())
    other.parities = dice.pick([options.parities, other.parities])
    let layer = MultiHeadAttention(
      numHeads: heads, maxDegree: options.maxDegree, useBasisBias: bias,
      includePseudotensors: options.pseudotensors, cartesianOrder: options.cartesianOrder,
      useFusedTensor: options.fused, qkvFeatures: dice.pick([nil, 4, 6]),
      outFeatures: dice.pick([nil, 3]), useRelativePositionalEncodingQK: encodesQK,
      useRelativePositionalEncodingV: encodesV, query: .init(useBias: bias),
      key: .init(useBias: dice.flag()), value: .init(useBias: dice.flag()),
      attendsToNothing: toNothing)
    let kind = options.kind
    return try SymmetryCall(
      "\(options.text), \(other.text), \(expansion), \(heads) heads, encodes \(encodesQK) "
        + "\(encodesV), cutoff \(usesCutoff), to nothing \(toNothing)",
      scene: options.scene(&dice),
      inputs: [options.inputs([4], &dice)] + (isSelf ? [] : [other.inputs([4], &dice)])
    ) { scope, scene, inputs in
      let pairs = try scene.pairs(kind)
      let values = try expansion(scene, pairs)
      let cutoff = usesCutoff ? values.cutoff : nil
      if isSelf {
        return try SelfAttention(layer)(
          scope, inputs[0], basis: values.basis, cutoffValue: cutoff, adjIdx: pairs.adjacency,
          dstIdx: pairs.destinations, srcIdx: pairs.sources)
      }
      return try layer(
        scope, inputs[0], inputs[1], basis: values.basis, cutoffValue: cutoff,
        adjIdx: pairs.adjacency, dstIdx: pairs.destinations, srcIdx: pairs.sources)
    }
  }
}
