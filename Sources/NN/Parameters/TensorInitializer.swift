/// The initialisers of both kinds of tensor product; which one is used depends on the layer.
public struct TensorInitializer: Sendable {
  /// For ``TensorProduct``.
  public var tensor: Initializer
  /// For ``FusedTensorProduct``.
  public var fused: FusedInitializer

  /// Initialisers of both kinds; e3x's by default.
  public init(tensor: Initializer = .tensorLecunNormal, fused: FusedInitializer = .normal) {
    self.tensor = tensor
    self.fused = fused
  }
}
