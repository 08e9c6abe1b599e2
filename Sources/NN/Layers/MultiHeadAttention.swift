public import E3xEngine
public import E3xSO3

/// Equivariant multi-head attention. Matches `e3x.nn.MultiHeadAttention`.
///
/// Queries, keys and values are linear maps of the inputs; the logit of a pair is the dot product
/// of its query and key over parities, degrees and the features of a head (weighted by an encoding
/// of the distance), its weight the softmax over the pairs of the query, and the result the sum of
/// the weighted values, coupled with a learned filter of the pair's basis functions.
///
/// Feature f of head h of queries and keys is feature f · heads + h; the weights of head h belong
/// to a contiguous block of features of the values, as in e3x.
///
/// Parameters: `query/…`, `key/…`, `value/…`, `out/…` as of ``Dense``;
/// `relative_positional_encoding/kernel` (and `bias`) if queries and keys are encoded; those of
/// ``Convolution`` if values are.
public struct MultiHeadAttention: Sendable {
  /// What it has in common with message passing: coupling of values and filters.
  public var convolution: Convolution
  /// The number of heads.
  public var numHeads: Int
  /// The number of features of queries, keys and values; that of `inputsQ` if nil.
  public var qkvFeatures: Int?
  /// The number of output features; that of `inputsQ` if nil.
  public var outFeatures: Int?
  /// Whether the dot product of queries and keys is weighted by an encoding of the distance.
  public var useRelativePositionalEncodingQK: Bool
  /// Whether values are coupled with a filter of the basis functions.
  public var useRelativePositionalEncodingV: Bool
  /// The maps to queries, keys and values and from the summed values to the output.
  public var query, key, value, output: Projection
  /// Makes the output continuous as pairs vanish at the cutoff, the last one too: every atom also
  /// attends, with logit 0, to nothing. e3x's normalised weights jump there. Off, as in e3x.
  public var attendsToNothing: Bool

  /// Under which name ``Intermediates`` have the weights of pairs, [..., N, K, heads] of a dense list,
  /// [..., P, heads] of a sparse one.
  public static let weightsName = "weights"

  /// A dense layer inside attention.
  public struct Projection: Sendable {
    /// Draws the weights.
    public var kernelInit: Initializer
    /// Draws the bias.
    public var biasInit: Initializer
    /// Whether there is a bias.
    public var useBias: Bool

    /// A dense layer with these initialisers.
    public init(
      kernelInit: Initializer = .lecunNormal, biasInit: Initializer = .zeros, useBias: Bool = false
    ) {
      self.kernelInit = kernelInit
      self.biasInit = biasInit
      self.useBias = useBias
    }
  }

  /// Attention. What e3x calls `query_use_bias` is `query.useBias`, and so on.
  ///
  /// - Parameters:
  ///   - numHeads: The number of heads.
  ///   - maxDegree: The highest degree of the output; the higher one of inputs and basis if nil.
  ///   - useBasisBias: Whether filter and positional encoding have a bias.
  ///   - includePseudotensors: Whether the output may have both parities.
  ///   - cartesianOrder: Whether irreps are in Cartesian order.
  ///   - useFusedTensor: Whether ``FusedTensorProduct`` couples, instead of ``TensorProduct``.
  ///   - dtype: The element type of the computation; the widest of inputs and parameters if nil.
  ///   - paramDtype: The element type that parameters are drawn in.
  ///   - precision: The precision of the products.
  ///   - denseKernelInit: Draws the weights of filter and positional encoding.
  ///   - denseBiasInit: Draws the biases of filter and positional encoding.
  ///   - tensorKernelInit: Draws the weights of the tensor product.
  ///   - qkvFeatures: The number of features of queries, keys and values; that of `inputsQ` if
  ///     nil.
  ///   - outFeatures: The number of output features; that of `inputsQ` if nil.
  ///   - useRelativePositionalEncodingQK: Whether the dot product of queries and keys is weighted
  ///     by an encoding of the distance.
  ///   - useRelativePositionalEncodingV: Whether values are coupled with a filter of the basis
  ///     functions.
  ///   - query: The map to queries.
  ///   - key: The map to keys.
  ///   - value: The map to values.
  ///   - output: The map from the summed values to the output, with a bias unless it is told
  ///     otherwise.
  ///   - attendsToNothing: Makes the output continuous as pairs vanish at the cutoff, the last
  ///     one too: every atom also attends, with logit 0, to nothing. e3x's normalised weights
  ///     jump there. Off, as in e3x.
  public init(
    numHeads: Int = 1, maxDegree: Int? = nil, useBasisBias: Bool = false,
    includePseudotensors: Bool = true,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
    useFusedTensor: Bool = E3xConfiguration.current.useFusedTensor,
    dtype: DType? = nil, paramDtype: DType = .float32, precision: Precision = .default,
    denseKernelInit: Initializer = .lecunNormal, denseBiasInit: Initializer = .zeros,
    tensorKernelInit: TensorInitializer = TensorInitializer(), qkvFeatures: Int? = nil,
    outFeatures: Int? = nil, useRelativePositionalEncodingQK: Bool = true,
    useRelativePositionalEncodingV: Bool = true, query: Projection = Projection(),
    key: Projection = Projection(), value: Projection = Projection(),
    output: Projection = Projection(useBias: true), attendsToNothing: Bool = false
  ) {
    convolution = Convolution(
      maxDegree: maxDegree, useBasisBias: useBasisBias,
      includePseudotensors: includePseudotensors, cartesianOrder: cartesianOrder,
      useFusedTensor: useFusedTensor, dtype: dtype, paramDtype: paramDtype, precision: precision,
      denseKernelInit: denseKernelInit, denseBiasInit: denseBiasInit,
      tensorKernelInit: tensorKernelInit)
    self.numHeads = numHeads
    self.qkvFeatures = qkvFeatures
    self.outFeatures = outFeatures
    self.useRelativePositionalEncodingQK = useRelativePositionalEncodingQK
    self.useRelativePositionalEncodingV = useRelativePositionalEncodingV
    self.query = query
    self.key = key
    self.value = value
    self.output = output
    self.attendsToNothing = attendsToNothing
  }

  /// Attends.
  ///
  /// - Parameter inputsQ: [..., N, P, (L+1)², Fq], for queries
  /// - Parameter inputsKV: [..., M, P', (L'+1)², Fkv], for keys and values
  /// - Parameter basis: [..., N, K, Pb, (Lb+1)², B] or [..., P, Pb, (Lb+1)², B]; required if
  ///   queries and keys or values are encoded
  /// - Parameter cutoffValue: [..., N, K] or [..., P], factors of the exponentials
  /// - Parameter adjIdx, where: a dense index list [..., N, K] and its mask (sources below M)
  /// - Parameter dstIdx, srcIdx: a sparse index list [..., P]; indices N and M are padding
  /// - Parameter numSegments: the number of destinations of a sparse list (N)
  /// - Parameter indicesAreSorted: accepted for e3x's sake; sorted lists are recognised
  /// - Returns: [..., N, P'', (L''+1)², outFeatures]; a row without pairs gives the output's bias.
  /// - Throws: `ArgumentError`, naming the argument under e3x's name; `EvaluationError` when the
  ///   graph runs, naming the list and the position of an index that is negative or above the
  ///   number of atoms.
  public func callAsFunction(
    _ scope: Scope, _ inputsQ: Tensor, _ inputsKV: Tensor, basis: Tensor? = nil,
    cutoffValue: Tensor? = nil, adjIdx: Tensor? = nil, where mask: Tensor? = nil,
    dstIdx: Tensor? = nil, srcIdx: Tensor? = nil, numSegments: Dimension? = nil,
    indicesAreSorted: Bool = false
  ) throws -> Tensor {
    try attend(
      scope, inputsQ, inputsKV, basis.map { PairBasis($0) }, cutoffValue,
      Pairs(
        dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: adjIdx, where: mask))
  }

  /// Attends with radial and angular functions that are not multiplied out: as with `basis.basis`,
  /// in less time.
  ///
  /// - Throws: As with an array.
  /// - Note: Derivatives to `basis.basis` are not known; those to its factors are.
  public func callAsFunction(
    _ scope: Scope, _ inputsQ: Tensor, _ inputsKV: Tensor, basis: RadialAngularBasis,
    cutoffValue: Tensor? = nil, adjIdx: Tensor? = nil, where mask: Tensor? = nil,
    dstIdx: Tensor? = nil, srcIdx: Tensor? = nil, numSegments: Dimension? = nil,
    indicesAreSorted: Bool = false
  ) throws -> Tensor {
    try attend(
      scope, inputsQ, inputsKV, PairBasis(basis), cutoffValue,
      Pairs(
        dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: adjIdx, where: mask))
  }

  /// Attends over pairs that were made once.
  ///
  /// - Parameter inputsQ: [..., N, P, (L+1)², Fq], for queries
  /// - Parameter inputsKV: [..., M, P', (L'+1)², Fkv], for keys and values
  /// - Parameter basis: of the pairs: [..., N, K, Pb, (Lb+1)², B] of a dense list, [..., P, Pb,
  ///   (Lb+1)², B] of a sparse one; required if queries and keys or values are encoded
  /// - Parameter cutoffValue: [..., N, K] or [..., P], factors of the exponentials
  /// - Parameter pairs: of queries (destinations) with keys and values (sources)
  /// - Returns: [..., N, P'', (L''+1)², outFeatures]; a row without pairs gives the output's bias.
  /// - Throws: As with index lists.
  public func callAsFunction(
    _ scope: Scope, _ inputsQ: Tensor, _ inputsKV: Tensor, basis: Tensor? = nil,
    cutoffValue: Tensor? = nil, pairs: Pairs
  ) throws -> Tensor {
    try attend(scope, inputsQ, inputsKV, basis.map { PairBasis($0) }, cutoffValue, pairs)
  }

  /// Attends over pairs that were made once, with radial and angular functions that are not
  /// multiplied out.
  /// - Throws: As with index lists.
  /// - Note: Derivatives to `basis.basis` are not known; those to its factors are.
  public func callAsFunction(
    _ scope: Scope, _ inputsQ: Tensor, _ inputsKV: Tensor, basis: RadialAngularBasis,
    cutoffValue: Tensor? = nil, pairs: Pairs
  ) throws -> Tensor {
    try attend(scope, inputsQ, inputsKV, PairBasis(basis), cutoffValue, pairs)
  }

  func attend(
    _ scope: Scope, _ inputsQ: Tensor, _ inputsKV: Tensor, _ basis: PairBasis?,
    _ cutoffValue: Tensor?, _ list: Pairs
  ) throws -> Tensor {
    let name = "MultiHeadAttention"
    let shapeQ = try FeatureShape(inputsQ, function: name, argument: "inputs_q")
    let shapeKV = try FeatureShape(inputsKV, function: name, argument: "inputs_kv")
    let outFeatures = self.outFeatures ?? shapeQ.features
    let qkvFeatures = self.qkvFeatures ?? shapeQ.features
    try check(name, hasBasis: basis != nil, qkvFeatures, outFeatures)
    guard shapeQ.batch.dropLast(axes: 1) == shapeKV.batch.dropLast(axes: 1) else {
      throw ArgumentError(
        name, "inputs_kv",
        "expected the leading axes of inputs_q, \(inputsQ.shape), received \(inputsKV.shape)")
    }
    let pairs = try PairArguments(
      name, list, destinations: inputsQ, destinationName: "inputs_q", sources: inputsKV,
      sourceName: "inputs_kv", readsDestinations: true)
    var usedBasis: PairBasis?
    if useRelativePositionalEncodingQK || useRelativePositionalEncodingV, let basis {
      usedBasis = try pairs.basis(name, basis, where: pairs.isPair)
    }
    if let cutoffValue, cutoffValue.shape != pairs.pairs {
      throw ArgumentError(
        name, "cutoff_value",
        "expected one value for each pair, \(pairs.pairs), received shape \(cutoffValue.shape)")
    }

    // The features of all batches are one list. Queries and keys have the degrees and parities
    // that both inputs have.
    let (inputsQ, inputsKV) = (try pairs.flat(inputsQ), try pairs.flat(inputsKV))
    let degree = min(shapeQ.maxDegree, shapeKV.maxDegree)
    let both = shapeQ.parities == 2 && shapeKV.parities == 2
    let queries = try project(query, qkvFeatures)(
      scope.child("query"),
      changeMaxDegreeOrType(inputsQ, maxDegree: degree, includePseudotensors: both))
    let keys = try project(key, qkvFeatures)(
      scope.child("key"),
      changeMaxDegreeOrType(inputsKV, maxDegree: degree, includePseudotensors: both))
    let values = try project(value, qkvFeatures)(scope.child("value"), inputsKV)

    let dot = try logits(
      scope, queries, keys, basis: useRelativePositionalEncodingQK ? usedBasis : nil, pairs)
    let weights = try softmax(dot, cutoffValue, pairs)
    try scope.show(
      Self.weightsName,
      weights.reshaped(to: pairs.pairs + Shape([Dimension(numHeads)])))
    // One weight for each feature of a head.
    let spread = try weights.expanded(at: -1)
      .broadcast(to: weights.shape + Shape([Dimension(qkvFeatures / numHeads)]))
      .reshaped(to: [pairs.rows.count, 1, 1, Dimension(qkvFeatures)])

    let attention = try convolution(
      scope, pairs.rows.source(values), weights: spread,
      basis: useRelativePositionalEncodingV ? usedBasis : nil, pairs: pairs, function: name)
    return try pairs.unflattened(project(output, outFeatures)(scope.child("out"), attention))
  }

  private func check(
    _ name: String, hasBasis: Bool, _ qkvFeatures: Int, _ outFeatures: Int
  ) throws {
    if (useRelativePositionalEncodingQK || useRelativePositionalEncodingV) && !hasBasis {
      throw ArgumentError(
        name, "basis", "is required for relative positional encodings, received none")
    }
    try checkCount(name, "num_heads", numHeads)
    try checkCount(name, "qkv_features", qkvFeatures)
    try checkCount(name, "out_features", outFeatures)
    guard qkvFeatures % numHeads == 0 else {
      throw ArgumentError(
        name, "num_heads",
        "qkv_features (\(qkvFeatures)) must be divisible by num_heads (\(numHeads))")
    }
  }

  private func project(_ projection: Projection, _ features: Int) -> Dense {
    Dense(
      features: features, useBias: projection.useBias, dtype: convolution.dtype,
      paramDtype: convolution.paramDtype, precision: convolution.precision,
      kernelInit: projection.kernelInit, biasInit: projection.biasInit)
  }

  /// The dot products of queries and keys: [R, heads].
  private func logits(
    _ scope: Scope, _ queries: Tensor, _ keys: Tensor, basis: PairBasis?, _ pairs: PairArguments
  ) throws -> Tensor {
    let shape = try FeatureShape(queries, function: "MultiHeadAttention", argument: "query")
    let features = shape.features
    let depth = shape.components * features / numHeads
    let scaled = try queries * (1 / Double(depth).squareRoot())
    let key = try pairs.rows.source(keys)
    let query = try pairs.rows.destination(scaled)
    func rows(_ x: Tensor, _ components: Int) throws -> Tensor {
      try x.reshaped(to: [pairs.rows.count, Dimension(components), Dimension(features)])
    }
    var operands = [try rows(query, shape.components), try rows(key, shape.components)]
    if let basis {
      let scalars = try basis.scalars()
      let encoding = try ScalarDense(
        features: shape.blocks.count * features, useBias: convolution.useBasisBias,
        dtype: convolution.dtype, paramDtype: convolution.paramDtype,
        kernelInit: convolution.denseKernelInit, biasInit: convolution.denseBiasInit
      )(scope.child("relative_positional_encoding"), scalars)
      operands.append(try rows(encoding.cast(to: query.dtype), shape.blocks.count))
    }
    let table = CouplingTables.shared.dotProduct(shape, isWeighted: basis != nil)
    let products = try Tensor.couple(table, operands, output: operands.count)
    // The head is the fastest index of the features.
    return
      try products
      .reshaped(to: [pairs.rows.count, Dimension(features / numHeads), Dimension(numHeads)])
      .sum([-2])
  }

  /// The attention weights, [R, heads].
  private func softmax(
    _ logits: Tensor, _ cutoffValue: Tensor?, _ pairs: PairArguments
  ) throws -> Tensor {
    let isPair = try pairs.isPair.expanded(at: -1)
    var factor: Tensor?
    if let cutoffValue {
      let values = try cutoffValue.flattened(before: cutoffValue.rank)
      factor = try .select(isPair, values.cast(to: logits.dtype).expanded(at: -1), 0)
    }
    return try pairs.rows.reduction.softmax(
      logits, multiplicativeMask: factor, isEntry: isPair, attendsToNothing: attendsToNothing)
  }
}

extension CouplingTables {
  /// Slots: queries, keys, (encodings of each block,) the sum over all components.
  func dotProduct(_ shape: FeatureShape, isWeighted: Bool) -> CouplingTable {
    let name =
      "dot(\(shape.parities) \(shape.maxDegree)\(isWeighted ? " weighted" : ""))"
    return table(name) {
      let blocks = shape.blockOfComponent
      return CouplingTable(
        name: name,
        sizes: [shape.components, shape.components]
          + (isWeighted ? [shape.blocks.count, 1] : [1]),
        terms: blocks.indices.map { component in
          .init(
            isWeighted ? [component, component, blocks[component], 0] : [component, component, 0],
            1)
        })
    }
  }
}
