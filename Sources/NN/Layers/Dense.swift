public import E3xEngine

/// A linear map of the features, with own weights for each degree and parity, and a bias for the
/// even scalars. Matches `e3x.nn.Dense`.
///
/// Parameters: `{l}{+-}/kernel` [inputs, features] for each degree and parity; `0+/bias`
/// [features].
public struct Dense: Sendable {
  /// The number of output features.
  public var features: Int
  /// Whether a bias is added to the even scalars.
  public var useBias: Bool
  /// The element type of the computation; the widest of inputs and parameters if nil.
  public var dtype: DType?
  /// The element type that parameters are drawn in.
  public var paramDtype: DType
  /// The precision of the products.
  public var precision: Precision
  /// Draws the weights.
  public var kernelInit: Initializer
  /// Draws the bias.
  public var biasInit: Initializer

  /// A linear map.
  ///
  /// - Parameters:
  ///   - features: The number of output features.
  ///   - useBias: Whether a bias is added to the even scalars.
  ///   - dtype: The element type of the computation; the widest of inputs and parameters if nil.
  ///   - paramDtype: The element type that parameters are drawn in.
  ///   - precision: The precision of the products.
  ///   - kernelInit: Draws the weights.
  ///   - biasInit: Draws the bias.
  public init(
    features: Int, useBias: Bool = true, dtype: DType? = nil, paramDtype: DType = .float32,
    precision: Precision = .default, kernelInit: Initializer = .lecunNormal,
    biasInit: Initializer = .zeros
  ) {
    self.features = features
    self.useBias = useBias
    self.dtype = dtype
    self.paramDtype = paramDtype
    self.precision = precision
    self.kernelInit = kernelInit
    self.biasInit = biasInit
  }

  /// Applies the map.
  ///
  /// - Parameter inputs: [..., P, (L+1)², inputs]
  /// - Returns: [..., P, (L+1)², features]
  /// - Throws: `ArgumentError` naming `inputs`, `features` or `params`.
  public func callAsFunction(_ scope: Scope, _ inputs: Tensor) throws -> Tensor {
    try callAsFunction(scope, inputs, argument: "inputs")
  }

  func callAsFunction(_ scope: Scope, _ inputs: Tensor, argument: String) throws -> Tensor {
    var shape = try FeatureShape(inputs, function: "Dense", argument: argument)
    let (kernels, bias) = try parameters(scope, shape)
    let type = computeType(dtype, [inputs] + kernels)
    let weights = try Tensor.stack(kernels.map { kernel in try kernel.cast(to: type) }, axis: 0)
    var result = try inputs.cast(to: type).reshaped(to: shape.flattened)
      .linear(weights, blocks: shape.blockOfComponent)
    if let bias { result = try result + padded(bias.cast(to: type), shape) }
    shape.features = features
    return try result.reshaped(to: shape.shape)
  }

  /// The kernel of each block of inputs of this shape, and the bias.
  func parameters(
    _ scope: Scope, _ shape: FeatureShape
  ) throws -> (kernels: [Tensor], bias: Tensor?) {
    try checkCount("Dense", "features", features)
    var kernels: [Tensor] = []
    var bias: Tensor?
    for block in shape.blocks {
      let place = scope.child(block.name)
      kernels.append(
        try place.parameter(
          "kernel", shape: [shape.features, features], dtype: paramDtype, initializer: kernelInit))
      if useBias && block.start == 0 {
        bias = try place.parameter(
          "bias", shape: [features], dtype: paramDtype, initializer: biasInit)
      }
    }
    return (kernels, bias)
  }

  /// The bias as that of all components.
  func padded(_ bias: Tensor, _ shape: FeatureShape) throws -> Tensor {
    try bias.expanded(at: 0).padded(after: shape.components - 1, axis: 0)
  }
}
