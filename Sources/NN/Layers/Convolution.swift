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

  /// A convolution.
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
