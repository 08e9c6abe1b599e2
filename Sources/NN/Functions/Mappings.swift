public import E3xEngine

/// How distances are mapped to reciprocals; raw values are e3x's names.
public enum ReciprocalMapping: String, CaseIterable, Codable, Hashable, Sendable {
  /// 1 / (x + 1)
  case shifted
  /// (1 - e^-x) / x
  case damped
  /// 1 / (x + e^-x): without a cusp at 0.
  case cuspless
}

/// Maps distances 0 ... infinity to 1 ... 0 as 1/x does for large x. Matches
/// `e3x.nn.reciprocal_mapping`.
///
/// - Parameter x: Distances, not negative, of any shape.
/// - Parameter kind: What happens at small distances.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` unless it is floating-point.
/// - Note: Differentiable to any order.
public func reciprocalMapping(_ x: Tensor, kind: ReciprocalMapping = .shifted) throws -> Tensor {
  try checkFloatingPoint("reciprocal_mapping", "x", x)
  return switch kind {
  case .shifted: try (x + 1).reciprocal()
  case .damped: try RemovableSingularity.exponentialMean(x)
  case .cuspless: try (x + (-x).exp()).reciprocal()
  }
}

/// Maps distances 0 ... infinity to 1 ... 0: e^-γx, or e^-γ(x + e^-x - 1), which has no cusp at 0.
/// Matches `e3x.nn.exponential_mapping`.
///
/// - Parameter x: Distances, not negative, of any shape.
/// - Parameter gamma: γ, in reciprocal units of x.
/// - Parameter cuspless: Whether the derivative at 0 vanishes.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `gamma` unless it is positive and finite.
public func exponentialMapping(
  _ x: Tensor, gamma: Double = 1, cuspless: Bool = false
) throws -> Tensor {
  try checkPositive("exponential_mapping", "gamma", gamma)
  return try exponentialMapping(x, .number(gamma), cuspless)
}

/// As `exponentialMapping(_:gamma:cuspless:)`, with γ a tensor with one element; it is refused when
/// the graph runs, if not before, unless it is finite and not negative.
/// - Throws: `ArgumentError` naming `gamma` unless it is one floating-point number, or `x`.
public func exponentialMapping(
  _ x: Tensor, gamma: Tensor, cuspless: Bool = false
) throws -> Tensor {
  try exponentialMapping(x, .tensor(gamma), cuspless)
}

func exponentialMapping(
  _ x: Tensor, _ gamma: FunctionParameter, _ cuspless: Bool
) throws -> Tensor {
  try checkFloatingPoint("exponential_mapping", "x", x)
  let factor = try gamma.factor("exponential_mapping", "gamma", x.dtype)
  let distance = cuspless ? try x + (-x).expMinusOne() : x
  return try (-(factor * distance)).exp()
}
