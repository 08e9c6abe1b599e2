public import E3xEngine
public import E3xSO3

/// Couples features with another linear projection of themselves. Matches `e3x.nn.TensorDense`.
///
/// Parameters: `dense/…` as of ``Dense`` with twice the features, `tensor/…` or `fused_tensor/…`.
public struct TensorDense: Sendable {
  /// The number of output features; that of the inputs if nil.
  public var features: Int?
  /// The highest degree of the output; that of the inputs if nil.
  public var maxDegree: Int?
  /// Whether the dense layer has a bias.
  public var useBias: Bool
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
  /// Draws the weights of the dense layer.
  public var denseKernelInit: Initializer
  /// Draws the bias of the dense layer.
  public var denseBiasInit: Initializer
  /// Draws the weights of the tensor product.
  public var tensorKernelInit: TensorInitializer

  /// A projection and coupling.
  ///
  /// - Parameters:
  ///   - features: The number of output features; that of the inputs if nil.
  ///   - maxDegree: The highest degree of the output; that of the inputs if nil.
  ///   - useBias: Whether the dense layer has a bias.
  ///   - includePseudotensors: Whether the output may have both parities.
  ///   - cartesianOrder: Whether irreps are in Cartesian order.
  ///   - useFusedTensor: Whether ``FusedTensorProduct`` couples, instead of ``TensorProduct``.
  ///   - dtype: The element type of the computation; the widest of inputs and parameters if nil.
  ///   - paramDtype: The element type that parameters are drawn in.
  ///   - precision: The precision of the products.
  ///   - denseKernelInit: Draws the weights of the dense layer.
  ///   - denseBiasInit: Draws the bias of the dense layer.
  ///   - tensorKernelInit: Draws the weights of the tensor product.
  public init(
    features: Int? = nil, maxDegree: Int? = nil, useBias: Bool = true,
    includePseudotensors: Bool = true,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
    useFusedTensor: Bool = E3xConfiguration.current.useFusedTensor,
    dtype: DType? = nil, paramDtype: DType = .float32, precision: Precision = .default,
    denseKernelInit: Initializer = .lecunNormal, denseBiasInit: Initializer = .zeros,
    tensorKernelInit: TensorInitializer = TensorInitializer()
  ) {
    self.features = features
    self.maxDegree = maxDegree
    self.useBias = useBias
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

  /// Projects the inputs twice and couples both projections.
  ///
  /// - Parameter inputs: [..., P, (L+1)², F]
  /// - Returns: [..., P', (L'+1)², features]
  /// - Throws: `ArgumentError` naming `inputs`, `features`, `max_degree` or `params`.
  public func callAsFunction(_ scope: Scope, _ inputs: Tensor) throws -> Tensor {
    let shape = try FeatureShape(inputs, function: "TensorDense", argument: "inputs")
    let features = features ?? shape.features
    try checkCount("TensorDense", "features", features)
    let both = try Dense(
      features: 2 * features, useBias: useBias, dtype: dtype, paramDtype: paramDtype,
      precision: precision, kernelInit: denseKernelInit, biasInit: denseBiasInit
    )(scope.child("dense"), inputs)
    return try Coupling(
      maxDegree: maxDegree, includePseudotensors: includePseudotensors,
      cartesianOrder: cartesianOrder, useFusedTensor: useFusedTensor, dtype: dtype,
      paramDtype: paramDtype, precision: precision, kernelInit: tensorKernelInit
    )(
      scope, both.sliced(0..<features, axis: -1), both.sliced(features..<(2 * features), axis: -1))
  }
}
