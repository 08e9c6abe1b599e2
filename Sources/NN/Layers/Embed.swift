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
