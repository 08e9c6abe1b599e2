public import E3xEngine

// Activation functions of pieces, with e3x's derivatives where these meet. Features are multiplied
// with a gate, a function of the even scalars s; the value for scalars is s · gate(s).

/// Gate 1 for s > 0, else 0. Matches `e3x.nn.relu`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func relu(_ x: Tensor) throws -> Tensor {
  try gatedLinear("relu", x) { (s) throws(ShapeError) in try step(s) }
}

/// 1 for s > 0, else 0.
private func step(_ s: Tensor) throws(ShapeError) -> Tensor {
  try s.isGreater(than: 0).cast(to: s.dtype)
}

/// Gate 1 for s >= 0, else `negativeSlope`. Matches `e3x.nn.leaky_relu`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Parameter negativeSlope: The slope for negative scalars.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features, or `negative_slope` unless it is
///   finite.
public func leakyRelu(_ x: Tensor, negativeSlope: Double = 1e-2) throws -> Tensor {
  try checkFinite("leaky_relu", "negative_slope", negativeSlope)
  return try gatedLinear("leaky_relu", x) { (s) throws(ShapeError) in
    try .select(s.isAtLeast(0), 1, .full(s.shape, negativeSlope, dtype: s.dtype))
  }
}

/// Gate 1 for s > 0, else α (e^s - 1) / s. Matches `e3x.nn.elu`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Parameter alpha: α
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features, or `alpha` unless it is finite.
public func elu(_ x: Tensor, alpha: Double = 1) throws -> Tensor {
  try checkFinite("elu", "alpha", alpha)
  return try gatedLinear("elu", x) { (s) throws(ShapeError) in
    try exponentialLinear(s, alpha: alpha, scale: 1)
  }
}

/// Gate λ for s > 0, else λ α (e^s - 1) / s, with λ = 1.0507 and α = 1.6733. Matches
/// `e3x.nn.selu`. Source: Klambauer et al., arXiv:1706.02515.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func selu(_ x: Tensor) throws -> Tensor {
  try gatedLinear("selu", x) { (s) throws(ShapeError) in
    try exponentialLinear(s, alpha: 1.6732632423543772848170429916717, scale: 1)
      * 1.0507009873554804934193349852946
  }
}

/// Gate 1 for s > 0, else α (e^(s/α) - 1) / s. Matches `e3x.nn.celu`. Source: Barron,
/// arXiv:1704.07483.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Parameter alpha: α, not zero.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features, or `alpha` unless it is finite.
public func celu(_ x: Tensor, alpha: Double = 1) throws -> Tensor {
  try checkFinite("celu", "alpha", alpha)
  guard alpha != 0 else { throw ArgumentError("celu", "alpha", "must not be zero, received 0") }
  return try gatedLinear("celu", x) { (s) throws(ShapeError) in
    try exponentialLinear(s, alpha: 1, scale: alpha)
  }
}

/// 1 for s > 0, else α (e^t - 1) / t with t = s / scale.
private func exponentialLinear(
  _ s: Tensor, alpha: Double, scale: Double
) throws(ShapeError) -> Tensor {
  let isPositive = try s.isGreater(than: 0)
  let t = try Tensor.select(isPositive, 0, s) / -scale
  return try .select(isPositive, 1, RemovableSingularity.exponentialMean(t) * alpha)
}

/// Gate 1 for |s| <= 1, else 1 / |s|. Matches `e3x.nn.hard_tanh`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func hardTanh(_ x: Tensor) throws -> Tensor {
  try gatedLinear("hard_tanh", x) { (s) throws(ShapeError) in
    let isOutside = try s.absolute().isGreater(than: 1)
    let safe = try Tensor.select(isOutside, s, 1)
    return try .select(isOutside, safe.absolute().reciprocal(), 1)
  }
}

/// Gate 1 / (|s| + 1). Matches `e3x.nn.soft_sign`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func softSign(_ x: Tensor) throws -> Tensor {
  try gatedLinear("soft_sign", x) { (s) throws(ShapeError) in
    // At 0 the derivative of |s| is 1, as JAX has it.
    try (.select(s.isAtLeast(0), s, -s) + 1).reciprocal()
  }
}

/// Gate 1 for 0 < s < 6, 6/s from 6 on, else 0. Matches `e3x.nn.relu6`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func relu6(_ x: Tensor) throws -> Tensor {
  try gatedLinear("relu6", x) { (s) throws(ShapeError) in
    let safe = try Tensor.select(s.isGreater(than: 1), s, 1)
    return try .minimum(step(s), 6 / safe)
  }
}

/// Gate min(max(s + 3, 0), 6) / 6. Matches `e3x.nn.hard_silu`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func hardSilu(_ x: Tensor) throws -> Tensor {
  try gatedLinear("hard_silu", x) { (s) throws(ShapeError) in
    // At the ends the derivative is 0.
    let isInside = try s.absolute().isLess(than: 3)
    return try .select(isInside, (s + 3) / 6, step(s))
  }
}

/// Another name of ``hardSilu(_:)``. Matches `e3x.nn.hard_swish`.
/// - Throws: As ``hardSilu(_:)``.
public func hardSwish(_ x: Tensor) throws -> Tensor { try hardSilu(x) }

private func checkFinite(
  _ function: String, _ argument: String, _ value: Double
) throws(ArgumentError) {
  guard value.isFinite else {
    throw ArgumentError(function, argument, "must be finite, received \(value)")
  }
}
