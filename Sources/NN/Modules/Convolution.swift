public import E3xEngine
public import E3xSO3

/// What message passing and attention have in common: a learned filter from basis functions,
/// coupled with the inputs of each pair and summed over the pairs of each destination. Matches
/// e3x's `_Conv`.
///
/// Parameters: `filter/…` as of ``Dense``, `tensor/…` or `fused_tensor/…` (none without a basis).
public struct Convolution: Sendable {
  /// The highest degree of the output; the higher one of inputs and basis if nil.
  public var maxDegree: Int?
  /// Whether the filter has a bias.
  public var useBasisBias: Bool
  /// Whether the output may have both parities.
  public var includePseudotensors: Bool
  /// Whether irreps are in Cartesian order.
  public var cartesianOrder: Bool
  /// Whether ``FusedTensorProduct`` couples, instead of ``TensorProduct``.
  public var useFusedTensor: Bool
  /// The element type of the computation; the widest of inputs and parameters if nil.
  public var dtype: DType?
  /// The element type that parameters are drawn in.
  public var paramDtype: DType
  /// The precision of the products.
  public var precision: Precision
  /// Draws the weights of dense layers.
  public var denseKernelInit: Initializer
  /// Draws the biases of dense layers.
  public var denseBiasInit: Initializer
  /// Draws the weights of the tensor product.
  public var tensorKernelInit: TensorInitializer

  /// A convolution; parameters as of `e3x.nn.MessagePass`.
  public init(
    maxDegree: Int? = nil, useBasisBias: Bool = false, includePseudotensors: Bool = true,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
    useFusedTensor: Bool = E3xConfiguration.current.useFusedTensor, dtype: DType? = nil,
    paramDtype: DType = .float32, precision: Precision = .default,
    denseKernelInit: Initializer = .lecunNormal, denseBiasInit: Initializer = .zeros,
    tensorKernelInit: TensorInitializer = TensorInitializer()
  ) {
    self.maxDegree = maxDegree
    self.useBasisBias = useBasisBias
    self.includePseudotensors = includePseudotensors
    self.cartesianOrder = cartesianOrder
    self.useFusedTensor = useFusedTensor
    self.dtype = dtype
    self.paramDtype = paramDtype
    self.precision = precision
    self.denseKernelInit = denseKernelInit
    self.denseBiasInit = denseBiasInit
    self.tensorKernelInit = tensorKernelInit
  }

  /// Filters and sums the inputs of the pairs.
  ///
  /// - Parameter inputs: [R, P, (L+1)², F]
  /// - Parameter weights: a factor for each pair and feature, [R, 1, 1, F], or nil
  /// - Parameter basis: [R, Pb, (Lb+1)², K], 0 for padding, or nil for a plain sum
  /// - Returns: [N of all batches, P'', (L''+1)², F]
  func callAsFunction(
    _ scope: Scope, _ inputs: Tensor, weights: Tensor? = nil, basis: PairBasis?,
    pairs: PairArguments, function: String
  ) throws -> Tensor {
    let shape = try FeatureShape(inputs, function: function, argument: "inputs")
    var products = inputs
    if let basis {
      let basisShape = try FeatureShape(basis.array, function: function, argument: "basis")
      try checkDegree(function, basis: basisShape.maxDegree, inputs: shape.maxDegree)
      let dense = Dense(
        features: shape.features, useBias: useBasisBias, dtype: dtype, paramDtype: paramDtype,
        precision: precision, kernelInit: denseKernelInit, biasInit: denseBiasInit)
      // The coupling is linear in both factors; the filter is the smaller one.
      var filters: Tensor
      if let (radial, angular) = basis.factors {
        filters = try dense(
          scope.child("filter"), radial: radial, angular: angular, weights: weights,
          shape: basisShape)
      } else {
        filters = try dense(scope.child("filter"), basis.array, argument: "basis")
        if let weights { filters = try filters * weights.cast(to: filters.dtype) }
      }
      products = try Coupling(
        maxDegree: maxDegree, includePseudotensors: includePseudotensors,
        cartesianOrder: cartesianOrder, useFusedTensor: useFusedTensor, dtype: dtype,
        paramDtype: paramDtype, precision: precision, kernelInit: tensorKernelInit
      )(scope, filters, inputs, isSummed: true)
    } else if let weights {
      products = try inputs * weights
    }
    return try pairs.rows.reduction.sum(products, keepDims: false)
  }

  private func checkDegree(_ function: String, basis: Int, inputs: Int) throws {
    guard let maxDegree else { return }
    guard maxDegree >= 0, maxDegree <= basis + inputs else {
      throw ArgumentError(
        function, "max_degree",
        "a basis of degree \(basis) and inputs of degree \(inputs) couple to degrees 0 ... "
          + "\(basis + inputs), received \(maxDegree)")
    }
  }
}

/// A step of message passing: m[i] = Σ_j tensor(dense(basis[ij]), x[j]). Matches
/// `e3x.nn.MessagePass`.
///
/// Parameters: as of ``Convolution``.
public struct MessagePass: Sendable {
  /// What it has in common with attention.
  public var convolution: Convolution

  /// Message passing; parameters as of `e3x.nn.MessagePass`.
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
      scope, inputs, basis.map { PairBasis($0) }, weights, adjIdx, mask, dstIdx, srcIdx,
      numSegments)
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
      scope, inputs, PairBasis(basis), weights, adjIdx, mask, dstIdx, srcIdx, numSegments)
  }

  private func pass(
    _ scope: Scope, _ inputs: Tensor, _ basis: PairBasis?, _ weights: Tensor?, _ adjIdx: Tensor?,
    _ mask: Tensor?, _ dstIdx: Tensor?, _ srcIdx: Tensor?, _ numSegments: Dimension?
  ) throws -> Tensor {
    let function = "MessagePass"
    _ = try FeatureShape(inputs, function: function, argument: "inputs")
    let pairs = try PairArguments(
      function, adjIdx: adjIdx, mask: mask, dstIdx: dstIdx, srcIdx: srcIdx,
      numSegments: numSegments, destinations: inputs, destinationName: "inputs", sources: inputs,
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
