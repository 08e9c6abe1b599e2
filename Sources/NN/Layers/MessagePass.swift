public import E3xEngine
public import E3xSO3

/// A step of message passing: m[i] = Σ_j tensor(dense(basis[ij]), x[j]). Matches
/// `e3x.nn.MessagePass`.
///
/// Parameters: as of ``Convolution``.
public struct MessagePass: Sendable {
  /// What it has in common with attention.
  public var convolution: Convolution

  /// Message passing.
  ///
  /// - Parameters:
  ///   - maxDegree: The highest degree of the output; the higher one of inputs and basis if nil.
  ///   - useBasisBias: Whether the filter has a bias.
  ///   - includePseudotensors: Whether the output may have both parities.
  ///   - cartesianOrder: Whether irreps are in Cartesian order.
  ///   - useFusedTensor: Whether ``FusedTensorProduct`` couples, instead of ``TensorProduct``.
  ///   - dtype: The element type of the computation; the widest of inputs and parameters if nil.
  ///   - paramDtype: The element type that parameters are drawn in.
  ///   - precision: The precision of the products.
  ///   - denseKernelInit: Draws the weights of dense layers.
  ///   - denseBiasInit: Draws the biases of dense layers.
  ///   - tensorKernelInit: Draws the weights of the tensor product.
  public init(
    maxDegree: Int? = nil, useBasisBias: Bool = false, includePseudotensors: Bool = true,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
    useFusedTensor: Bool = E3xConfiguration.current.useFusedTensor, dtype: DType? = nil,
    paramDtype: DType = .float32, precision: Precision = .default,
    denseKernelInit: Initializer = .lecunNormal, denseBiasInit: Initializer = .zeros,
    tensorKernelInit: TensorInitializer = TensorInitializer()
  ) {
    convolution = Convolution(
      maxDegree: maxDegree, useBasisBias: useBasisBias,
      includePseudotensors: includePseudotensors, cartesianOrder: cartesianOrder,
      useFusedTensor: useFusedTensor, dtype: dtype, paramDtype: paramDtype, precision: precision,
      denseKernelInit: denseKernelInit, denseBiasInit: denseBiasInit,
      tensorKernelInit: tensorKernelInit)
  }

  /// Passes messages along all pairs.
  ///
  /// - Parameter inputs: [..., N, P, (L+1)², F]
  /// - Parameter basis: [..., N, M, Pb, (Lb+1)², K] or [..., P, Pb, (Lb+1)², K], or nil
  /// - Parameter weights: factors that broadcast with the gathered inputs, or nil
  /// - Parameter adjIdx, where: a dense index list [..., N, M] and its mask (sources below N)
  /// - Parameter dstIdx, srcIdx: a sparse index list [..., P]; a destination `numSegments` or a
  ///   source N is padding
  /// - Parameter numSegments: the number of destinations of a sparse list (N)
  /// - Returns: [..., N, P', (L'+1)², F], with a row for each destination
  /// - Throws: `ArgumentError`, naming the argument under e3x's name; `EvaluationError` when the
  ///   graph runs, naming the list and the position of an index that is out of range.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: Tensor?, weights: Tensor? = nil,
    adjIdx: Tensor? = nil, where mask: Tensor? = nil, dstIdx: Tensor? = nil,
    srcIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
  ) throws -> Tensor {
    try pass(
      scope, inputs, basis.map { PairBasis($0) }, weights,
      Pairs(
        dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: adjIdx, where: mask))
  }

  /// Passes messages with radial and angular functions that are not multiplied out: as with
  /// `basis.basis`, in less time.
  ///
  /// - Throws: As with an array.
  /// - Note: Derivatives to `basis.basis` are not known; those to its factors are.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: RadialAngularBasis, weights: Tensor? = nil,
    adjIdx: Tensor? = nil, where mask: Tensor? = nil, dstIdx: Tensor? = nil,
    srcIdx: Tensor? = nil, numSegments: Dimension? = nil, indicesAreSorted: Bool = false
  ) throws -> Tensor {
    try pass(
      scope, inputs, PairBasis(basis), weights,
      Pairs(
        dstIdx: dstIdx, srcIdx: srcIdx, numSegments: numSegments, adjIdx: adjIdx, where: mask))
  }

  /// Passes messages along pairs that were made once.
  ///
  /// - Parameter inputs: [..., N, P, (L+1)², F]
  /// - Parameter basis: of the pairs: [..., N, M, Pb, (Lb+1)², K] of a dense list, [..., P, Pb,
  ///   (Lb+1)², K] of a sparse one, or nil
  /// - Parameter weights: factors that broadcast with the gathered inputs, or nil
  /// - Parameter pairs: among the inputs
  /// - Returns: [..., N, P', (L'+1)², F], with a row for each destination
  /// - Throws: As with index lists.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: Tensor?, weights: Tensor? = nil, pairs: Pairs
  ) throws -> Tensor {
    try pass(scope, inputs, basis.map { PairBasis($0) }, weights, pairs)
  }

  /// Passes messages along pairs that were made once, with radial and angular functions that are
  /// not multiplied out.
  /// - Throws: As with index lists.
  /// - Note: Derivatives to `basis.basis` are not known; those to its factors are.
  public func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, basis: RadialAngularBasis, weights: Tensor? = nil,
    pairs: Pairs
  ) throws -> Tensor {
    try pass(scope, inputs, PairBasis(basis), weights, pairs)
  }

  private func pass(
    _ scope: Scope, _ inputs: Tensor, _ basis: PairBasis?, _ weights: Tensor?, _ list: Pairs
  ) throws -> Tensor {
    let function = "MessagePass"
    _ = try FeatureShape(inputs, function: function, argument: "inputs")
    let pairs = try PairArguments(
      function, list, destinations: inputs, destinationName: "inputs", sources: inputs,
      sourceName: "inputs", readsDestinations: false)
    let gathered = try pairs.rows.source(pairs.flat(inputs))
    var weighted = gathered
    if let weights {
      guard weights.rank <= pairs.pairs.rank + 3,
        let product = try? gathered * factors(weights.cast(to: gathered.dtype), pairs),
        product.shape.dropLast(axes: 3) == [pairs.rows.count],
        (try? FeatureShape(product, function: function, argument: "weights")) != nil
      else {
        throw ArgumentError(
          function, "weights",
          "shape \(weights.shape) does not broadcast to that of the gathered inputs, "
            + "\(pairs.pairs + Shape(Array(gathered.shape.dropFirst())))")
      }
      weighted = product
    }
    let usedBasis = try basis.map { try pairs.basis(function, $0, where: pairs.isSummed) }
    return try pairs.unflattened(
      convolution(scope, weighted, basis: usedBasis, pairs: pairs, function: function))
  }

  /// Factors that broadcast to [pairs..., *, *, *], as rows, and 0 for padding.
  private func factors(_ weights: Tensor, _ pairs: PairArguments) throws -> Tensor {
    guard weights.rank > 3 else { return try pairs.masked(weights, where: pairs.isSummed) }
    let axes = Shape(Array(weights.shape[(weights.rank - 3)...]))
    let all = try weights.broadcast(to: pairs.pairs + axes)
    return try pairs.masked(all.flattened(before: pairs.pairs.rank), where: pairs.isSummed)
  }
}
