public import E3xEngine
public import E3xSO3

/// Attention of features to themselves. Matches `e3x.nn.SelfAttention`.
///
/// Parameters: as of ``MultiHeadAttention``.
public struct SelfAttention: Sendable {
  /// The attention, with queries, keys and values from the same inputs.
  public var attention: MultiHeadAttention

  /// A dense layer inside attention.
  public typealias Projection = MultiHeadAttention.Projection

  /// Self-attention by this attention.
  public init(_ attention: MultiHeadAttention) { self.attention = attention }

  /// Self-attention. What e3x calls `query_use_bias` is `query.useBias`, and so on.
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
    self.init(
      MultiHeadAttention(
        numHeads: numHeads, maxDegree: maxDegree, useBasisBias: useBasisBias,
        includePseudotensors: includePseudotensors, cartesianOrder: cartesianOrder,
        useFusedTensor: useFusedTensor, dtype: dtype, paramDtype: paramDtype,
        precision: precision, denseKernelInit: denseKernelInit, denseBiasInit: denseBiasInit,
        tensorKernelInit: tensorKernelInit, qkvFeatures: qkvFeatures, outFeatures: outFeatures,
        useRelativePositionalEncodingQK: useRelativePositionalEncodingQK,
        useRelativePositionalEncodingV: useRelativePositionalEncodingV, query: query, key: key,
        value: value, output: output, attendsToNothing: attendsToNothing))
  }

  /// Attends; `inputs` are [..., N, P, (L+1)², F], for queries, keys and values, and the others as of
  /// ``MultiHeadAttention``.
  /// - Throws: `ArgumentError`, naming the argument under e3x's name.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: Tensor? = nil, cutoffValue: Tensor? = nil,
    adjIdx: Tensor? = nil, where mask: Tensor? = nil, dstIdx: Tensor? = nil,
    srcIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
  ) throws -> Tensor {
    try attend(
      scope, inputs, basis.map { PairBasis($0) }, cutoffValue,
      Pairs(
        dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: adjIdx, where: mask))
  }

  /// Attends with radial and angular functions that are not multiplied out: as with `basis.basis`,
  /// in less time.
  ///
  /// - Throws: As with an array.
  /// - Note: Derivatives to `basis.basis` are not known; those to its factors are.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: RadialAngularBasis, cutoffValue: Tensor? = nil,
    adjIdx: Tensor? = nil, where mask: Tensor? = nil, dstIdx: Tensor? = nil,
    srcIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
  ) throws -> Tensor {
    try attend(
      scope, inputs, PairBasis(basis), cutoffValue,
      Pairs(
        dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: adjIdx, where: mask))
  }

  /// Attends over pairs that were made once.
  ///
  /// - Parameter inputs: [..., N, P, (L+1)², F], for queries, keys and values
  /// - Parameter basis: of the pairs: [..., N, K, Pb, (Lb+1)², B] of a dense list, [..., P, Pb,
  ///   (Lb+1)², B] of a sparse one; required if queries and keys or values are encoded
  /// - Parameter cutoffValue: [..., N, K] or [..., P], factors of the exponentials
  /// - Parameter pairs: among the inputs
  /// - Returns: [..., N, P', (L'+1)², outFeatures]; a row without pairs gives the output's bias.
  /// - Throws: As with index lists.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: Tensor? = nil, cutoffValue: Tensor? = nil,
    pairs: Pairs
  ) throws -> Tensor {
    try attend(scope, inputs, basis.map { PairBasis($0) }, cutoffValue, pairs)
  }

  /// Attends over pairs that were made once, with radial and angular functions that are not
  /// multiplied out.
  /// - Throws: As with index lists.
  /// - Note: Derivatives to `basis.basis` are not known; those to its factors are.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: RadialAngularBasis, cutoffValue: Tensor? = nil,
    pairs: Pairs
  ) throws -> Tensor {
    try attend(scope, inputs, PairBasis(basis), cutoffValue, pairs)
  }

  private func attend(
    _ scope: Scope, _ inputs: Tensor, _ basis: PairBasis?, _ cutoffValue: Tensor?, _ list: Pairs
  ) throws -> Tensor {
    do {
      return try attention.attend(scope, inputs, inputs, basis, cutoffValue, list)
    } catch let error as ArgumentError where ["inputs_q", "inputs_kv"].contains(error.argument) {
      throw ArgumentError("SelfAttention", "inputs", error.reason)
    }
  }
}
