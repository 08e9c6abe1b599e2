public import E3xEngine
public import E3xSO3
internal import E3xSystem

/// Basis functions whose exponential radial functions have a learned γ = log(1 + e^g). Matches
/// `e3x.nn.ExponentialBasis`.
///
/// Parameters: `gamma` [] (the number g).
public struct ExponentialBasis: Sendable, Hashable {
  /// The first γ, in reciprocal units of distances.
  public var initialGamma: Double
  /// The element type that g is drawn in.
  public var paramDtype: DType

  /// A basis.
  ///
  /// - Parameters:
  ///   - initialGamma: The first γ, in reciprocal units of distances.
  ///   - paramDtype: The element type that g is drawn in.
  public init(initialGamma: Double = 1, paramDtype: DType = .float32) {
    self.initialGamma = initialGamma
    self.paramDtype = paramDtype
  }

  /// The basis functions; arguments and results as of `basis`.
  ///
  /// - Parameter radialFn: Exponential functions, whose own gamma has no effect.
  /// - Throws: `ArgumentError` naming `initial_gamma` unless it is positive and finite, `radial_fn`
  ///   if that has no γ, or what `basis` refuses.
  public func callAsFunction(
    _ scope: Scope, _ r: Tensor, maxDegree: Int, num: Int,
    radialFn: RadialFunction = .exponentialBernstein,
    angularFn: AngularFunction = .sphericalHarmonics(), cutoffFn: CutoffFunction? = nil,
    returnCutoff: Bool = false, returnNorm: Bool = false, dampingFn: DampingFunction? = nil,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
  ) throws -> RadialAngularBasis {
    try checkPositive("ExponentialBasis", "initial_gamma", initialGamma)
    guard radialFn.hasGamma else {
      throw ArgumentError(
        "ExponentialBasis", "radial_fn",
        "expected an exponential function, which has a gamma, received \(radialFn)")
    }
    let start = initialGamma + log(-expm1(-initialGamma))
    let parameter = try scope.parameter(
      "gamma", shape: [], dtype: paramDtype, initializer: .constant(start))
    let gamma = try parameter.logisticIntegral()
    return try basis(
      r, maxDegree: maxDegree, num: num,
      radialFn: { x, num in try radialFn(x, num: num, gamma: gamma) },
      angularFn: { r, degree, order in try angularFn(r, maxDegree: degree, cartesianOrder: order) },
      cutoffFn: cutoffFn.map { function in { x in try function(distances: x) } },
      returnCutoff: returnCutoff,
      returnNorm: returnNorm, dampingFn: dampingFn.map { function in { x in try function(x) } },
      cartesianOrder: cartesianOrder)
  }
}
