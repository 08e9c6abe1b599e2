public import E3xExact

/// Conventions that functions and layers follow where a call does not say otherwise: they are the
/// default values of the arguments of the same names.
///
/// e3x's counterpart, `e3x.Config`, is global and read when its modules are imported. Here the
/// values hold within a scope (and the tasks started in it), and layers keep what they were made
/// with:
///
///     let layer = try E3xConfiguration.with(cartesianOrder: false) { TensorProduct() }
///
/// e3x's settings for caches of coefficients have no counterpart: coefficients are computed.
public struct E3xConfiguration: Hashable, Sendable {
  /// Whether irreps are in Cartesian order.
  public var cartesianOrder = true
  /// Whether layers that multiply tensors use fused tensor products.
  public var useFusedTensor = false
  /// How spherical harmonics are normalised.
  public var normalization = SphericalHarmonicsNormalization.racah

  /// e3x's own defaults: Cartesian order, full tensor products, Racah's normalisation.
  public init() {}

  /// The values that hold here.
  @TaskLocal public static var current = E3xConfiguration()

  /// Runs `body` with other values; nil keeps what holds outside.
  public static func with<Result>(
    cartesianOrder: Bool? = nil, useFusedTensor: Bool? = nil,
    normalization: SphericalHarmonicsNormalization? = nil, _ body: () throws -> Result
  ) rethrows -> Result {
    var configuration = current
    if let cartesianOrder { configuration.cartesianOrder = cartesianOrder }
    if let useFusedTensor { configuration.useFusedTensor = useFusedTensor }
    if let normalization { configuration.normalization = normalization }
    return try $current.withValue(configuration, operation: body)
  }
}
