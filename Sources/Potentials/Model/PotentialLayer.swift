internal import E3xEngine
internal import E3xNN

/// A layer of a potential: messages of the neighbours, products of their sums, refinement.
struct PotentialLayer {
  let configuration: PotentialConfiguration
  /// The number of layers before it.
  let index: Int

  private var isLast: Bool { index == configuration.numLayers - 1 }

  /// Of the last layer only scalars are used.
  private var outputDegree: Int { isLast ? 0 : configuration.maxDegree }

  /// Products make scalars of messages of any degree; without them the last layer has no use for
  /// other degrees.
  private var messageDegree: Int {
    configuration.correlation > 1 ? configuration.maxDegree : outputDegree
  }

  /// Whether messages have both parities.
  private var hasPseudotensors: Bool {
    configuration.pseudotensors && messageDegree > 0
      && (configuration.correlation > 1 || !isLast)
  }

  /// - Parameter x: [N, P, (L+1)², F]
  /// - Parameter basis: of the pairs, with the values of the cutoff function.
  /// - Returns: [N, P', (L'+1)², F]
  func callAsFunction(
    _ scope: Scope, _ x: Tensor, basis: RadialAngularBasis, pairs: PairGraph
  ) throws -> Tensor {
    let filters = try radialNetwork(scope, x, basis, pairs)
    let messages =
      try configuration.attention
      ? attend(scope, x, filters, pairs) : sumMessages(scope, x, filters, pairs)
    var x = x
    if messageDegree == 0 {
      x = try changeMaxDegreeOrType(x, maxDegree: 0, includePseudotensors: false)
    }
    x = try add(x, messages)
    if configuration.correlation > 1 { x = try addProducts(scope, x) }
    let refined = try Dense(features: configuration.features)(scope.child("dense_\(index)"), x)
    return try add(x, silu(refined))
  }

  // MARK: Radial networks

  /// The basis with radial functions that a network of one hidden layer makes of the radial basis
  /// functions, each times a sum of linear maps of both atoms' scalars: filters that depend on the
  /// pair's elements. Without biases and with an activation that maps 0 to 0 they vanish at the
  /// cutoff as smoothly as the radial basis functions do.
  private func radialNetwork(
    _ scope: Scope, _ x: Tensor, _ basis: RadialAngularBasis, _ pairs: PairGraph
  ) throws -> RadialAngularBasis {
    let count = configuration.radialFeatures
    guard count > 0 else { return basis }
    func map(_ name: String, _ inputs: Tensor, useBias: Bool = false) throws -> Tensor {
      try Dense(features: count, useBias: useBias)(scope.child("\(name)_\(index)"), inputs)
    }
    let scalars = try changeMaxDegreeOrType(x, maxDegree: 0, includePseudotensors: false)
    let source = try gatherSrc(map("radial_src", scalars), srcIdx: pairs.srcIdx)
    let destination = try gatherDst(
      map("radial_dst", scalars, useBias: true), dstIdx: pairs.dstIdx)
    // [P, K] as features of degree 0.
    let radial = try map("radial", basis.radial.expanded(at: 1).expanded(at: 1))
    let hidden = try silu(radial * (source + destination + 1)) * Self.activationScale
    return try RadialAngularBasis(
      radial: hidden.reshaped(to: [hidden.shape[0], Dimension(count)]), angular: basis.angular,
      cutoff: basis.cutoff, norm: basis.norm)
  }

  /// Keeps the variance through the activation, more or less.
  private static let activationScale = 1.5

  // MARK: Messages

  private func attend(
    _ scope: Scope, _ x: Tensor, _ basis: RadialAngularBasis, _ pairs: PairGraph
  ) throws -> Tensor {
    try SelfAttention(
      numHeads: configuration.numHeads, maxDegree: messageDegree,
      includePseudotensors: hasPseudotensors, cartesianOrder: configuration.cartesianOrder,
      useFusedTensor: configuration.useFusedTensor,
      attendsToNothing: configuration.smoothAtCutoff
    )(
      scope.child("attention_\(index)"), x, basis: basis, cutoffValue: basis.cutoff,
      pairs: Pairs(
        dstIdx: pairs.dstIdx, srcIdx: pairs.srcIdx, numSegments: pairs.atoms, adjIdx: nil,
        where: nil))
  }

  private func sumMessages(
    _ scope: Scope, _ x: Tensor, _ basis: RadialAngularBasis, _ pairs: PairGraph
  ) throws -> Tensor {
    let features = configuration.features
    let values = try Dense(features: features, useBias: false)(scope.child("value_\(index)"), x)
    let sums = try MessagePass(
      maxDegree: messageDegree, includePseudotensors: hasPseudotensors,
      cartesianOrder: configuration.cartesianOrder, useFusedTensor: configuration.useFusedTensor
    )(
      scope.child("message_\(index)"), values, basis: basis, dstIdx: pairs.dstIdx,
      srcIdx: pairs.srcIdx, numSegments: pairs.atoms)
    return try Dense(features: features)(
      scope.child("out_\(index)"), sums * configuration.messageScale)
  }

  // MARK: Products

  /// Adds products of 2, 3, … up to `correlation` linear maps of the features.
  private func addProducts(_ scope: Scope, _ x: Tensor) throws -> Tensor {
    let (features, order) = (configuration.features, configuration.correlation)
    let factors = try Dense(features: order * features)(scope.child("factors_\(index)"), x)
    func factor(_ number: Int) throws -> Tensor {
      try factors.sliced((number * features)..<((number + 1) * features), axis: -1)
    }
    func cut(_ features: Tensor) throws -> Tensor {
      try changeMaxDegreeOrType(
        features, maxDegree: outputDegree, includePseudotensors: hasPseudotensors && !isLast)
    }
    var result = try cut(x)
    var product = try factor(0)
    for number in 1..<order {
      // Only the last product need not have what others are made of.
      let isFinal = number == order - 1
      product = try multiply(
        scope.child("product_\(index)_\(number + 1)"), product, factor(number),
        maxDegree: isFinal ? outputDegree : configuration.maxDegree,
        includePseudotensors: hasPseudotensors && !(isFinal && isLast))
      result = try add(result, cut(product))
    }
    return result
  }

  private func multiply(
    _ scope: Scope, _ x: Tensor, _ y: Tensor, maxDegree: Int, includePseudotensors: Bool
  ) throws -> Tensor {
    if configuration.useFusedTensor {
      return try FusedTensorProduct(
        maxDegree: maxDegree, includePseudotensors: includePseudotensors,
        cartesianOrder: configuration.cartesianOrder)(scope, x, y)
    }
    return try TensorProduct(
      maxDegree: maxDegree, includePseudotensors: includePseudotensors,
      cartesianOrder: configuration.cartesianOrder)(scope, x, y)
  }
}
