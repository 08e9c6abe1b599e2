public import E3xEngine

/// Looks up scalar features by an index, such as an atomic number. Matches `e3x.nn.Embed`.
///
/// Parameters: `embedding` [num_embeddings, 1, 1, features].
public struct Embed: Sendable {
  /// The number of embeddings.
  public var numEmbeddings: Int
  /// The number of features.
  public var features: Int
  /// The element type of the result; that of the parameters if nil.
  public var dtype: DType?
  /// The element type that parameters are drawn in.
  public var paramDtype: DType
  /// Draws the embeddings.
  public var embeddingInit: Initializer

  /// An embedding.
  ///
  /// - Parameters:
  ///   - numEmbeddings: The number of embeddings.
  ///   - features: The number of features.
  ///   - dtype: The element type of the result; that of the parameters if nil.
  ///   - paramDtype: The element type that parameters are drawn in.
  ///   - embeddingInit: Draws the embeddings.
  public init(
    numEmbeddings: Int, features: Int, dtype: DType? = nil, paramDtype: DType = .float32,
    embeddingInit: Initializer = .embedding
  ) {
    self.numEmbeddings = numEmbeddings
    self.features = features
    self.dtype = dtype
    self.paramDtype = paramDtype
    self.embeddingInit = embeddingInit
  }

  /// The features of each index.
  ///
  /// - Parameter inputs: int32, any shape; 0 ..< numEmbeddings (another value is an error when the
  ///   graph runs).
  /// - Returns: [..., 1, 1, features]
  /// - Throws: `ArgumentError` naming `inputs`, `num_embeddings`, `features` or `params`;
  ///   `EvaluationError` for another index when numbers are asked for.
  public func callAsFunction(_ scope: Scope, _ inputs: Tensor) throws -> Tensor {
    guard inputs.dtype == .int32 else {
      throw ArgumentError("Embed", "inputs", "expected int32 elements, received \(inputs.dtype)")
    }
    try checkCount("Embed", "num_embeddings", numEmbeddings)
    try checkCount("Embed", "features", features)
    let embedding = try scope.parameter(
      "embedding", shape: [numEmbeddings, 1, 1, features], dtype: paramDtype,
      initializer: embeddingInit)
    return try embedding.cast(to: computeType(dtype, [embedding]))
      .gathered(
        inputs, padding: .refused,
        IndexLabel("Embed", "inputs", shape: inputs.shape, size: Dimension(numEmbeddings)))
  }
}

/// The precision of matrix products, as `jax.lax.Precision`; on a CPU all give that of the
/// element type.
public enum Precision: String, Sendable, CaseIterable {
  /// The fastest.
  case `default`
  /// More digits, where the hardware has a choice.
  case high
  /// All digits of the element type.
  case highest
}

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

/// An ordinary dense layer on the last axis, as `flax.linen.Dense`.
///
/// Parameters: `kernel` [inputs, features], `bias` [features].
struct ScalarDense {
  var features: Int
  var useBias: Bool
  var dtype: DType?
  var paramDtype: DType
  var kernelInit: Initializer
  var biasInit: Initializer

  func callAsFunction(_ scope: Scope, _ inputs: Tensor) throws -> Tensor {
    let size = inputs.shape[inputs.rank - 1].known!
    let kernel = try scope.parameter(
      "kernel", shape: [size, features], dtype: paramDtype, initializer: kernelInit)
    let type = computeType(dtype, [inputs, kernel])
    let weights = try kernel.cast(to: type).expanded(at: 0)
    var result = try inputs.cast(to: type).expanded(at: -2).linear(weights, blocks: [0])
      .squeezed(axis: -2)
    if useBias {
      let bias = try scope.parameter(
        "bias", shape: [features], dtype: paramDtype, initializer: biasInit)
      result = try result + bias.cast(to: type)
    }
    return result
  }
}
