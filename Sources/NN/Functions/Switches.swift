public import E3xEngine
internal import E3xSystem

/// Goes smoothly from 1 at x = 0 to 0 at `cutoff`: e^(1 - 1/(1 - (x/cutoff)²)), with all of its
/// derivatives. Matches `e3x.nn.smooth_cutoff`.
///
/// - Parameter x: Distances of any shape.
/// - Parameter cutoff: In the units of x.
/// - Returns: The shape of x; 0 from the cutoff on.
/// - Throws: `ArgumentError` naming `cutoff` unless it is positive and finite, or `x` if distances
///   that are known are negative; others throw `EvaluationError` when the graph runs.
public func smoothCutoff(_ x: Tensor, cutoff: Double = 1) throws -> Tensor {
  try checkFloatingPoint("smooth_cutoff", "x", x)
  return try smoothCutoff(
    distances: x.checked(.notNegative, "smooth_cutoff", "x"), cutoff: cutoff)
}

/// As ``smoothCutoff(_:cutoff:)``, of distances that cannot be negative.
func smoothCutoff(distances x: Tensor, cutoff: Double) throws -> Tensor {
  try checkPositive("smooth_cutoff", "cutoff", cutoff)
  let scaled = try x / cutoff
  let gap = try 1 - scaled * scaled
  // Where the gap is smaller, the value is below the smallest number, and so are its derivatives.
  let isInside = try gap.isGreater(than: 1e-3)
  let safe = try Tensor.select(isInside, gap, 1)
  return try .select(isInside, (1 - safe.reciprocal()).exp(), 0)
}

/// Goes from 1 at x = 0 to 0 at `cutoff`: (1 + cos(πx/cutoff)) / 2. Matches
/// `e3x.nn.cosine_cutoff`.
///
/// - Parameter x: Distances of any shape.
/// - Parameter cutoff: In the units of x.
/// - Returns: The shape of x; 0 from the cutoff on.
/// - Throws: As of ``smoothCutoff(_:cutoff:)``.
public func cosineCutoff(_ x: Tensor, cutoff: Double = 1) throws -> Tensor {
  try checkFloatingPoint("cosine_cutoff", "x", x)
  return try cosineCutoff(
    distances: x.checked(.notNegative, "cosine_cutoff", "x"), cutoff: cutoff)
}

/// As ``cosineCutoff(_:cutoff:)``, of distances that cannot be negative.
func cosineCutoff(distances x: Tensor, cutoff: Double) throws -> Tensor {
  try checkPositive("cosine_cutoff", "cutoff", cutoff)
  let scaled = try x / cutoff
  return try .select(scaled.isLess(than: 1), (scaled * Double.pi).cos() * 0.5 + 0.5, 0)
}

/// Goes smoothly from 0 at x = 0 to 1 for large x: e^(-1/(e^γx - 1)); all derivatives are 0 at 0.
/// Matches `e3x.nn.smooth_damping`.
///
/// - Parameter x: Distances, not negative, of any shape.
/// - Parameter gamma: γ, in reciprocal units of x.
/// - Returns: The shape of x; 0 where x is negative.
/// - Throws: `ArgumentError` naming `gamma` unless it is positive and finite.
public func smoothDamping(_ x: Tensor, gamma: Double = 1) throws -> Tensor {
  try checkPositive("smooth_damping", "gamma", gamma)
  return try smoothDamping(x, .number(gamma))
}

/// As `smoothDamping(_:gamma:)`, with γ a tensor with one element; it is refused when the graph runs,
/// if not before, unless it is finite and not negative.
/// - Throws: `ArgumentError` naming `gamma` unless it is one floating-point number, or `x`.
public func smoothDamping(_ x: Tensor, gamma: Tensor) throws -> Tensor {
  try smoothDamping(x, .tensor(gamma))
}

private func smoothDamping(_ x: Tensor, _ gamma: FunctionParameter) throws -> Tensor {
  try checkFloatingPoint("smooth_damping", "x", x)
  let exponent = try -(gamma.factor("smooth_damping", "gamma", x.dtype) * x)
  let gap = try -exponent.expMinusOne()
  // Where the gap is smaller, the value is below the smallest number, and so are its derivatives.
  let isLarge = try gap.isGreater(than: 1e-3)
  let safe = try Tensor.select(isLarge, gap, 1)
  return try .select(isLarge, (-(exponent.exp() / safe)).exp(), 0)
}

/// Goes smoothly from 0 at `x0` to 1 at `x1`: with t = (x - x0) / (x1 - x0),
/// 1 / (1 + e^(√3/2 · (1/t - 1/(1 - t)))). Matches `e3x.nn.smooth_switch`.
///
/// - Parameter x: Of any shape.
/// - Parameter x0: The value is 0 here and below.
/// - Parameter x1: The value is 1 here and above.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x1` unless x0 < x1, both finite.
/// - Note: Differentiable to any order.
public func smoothSwitch(_ x: Tensor, x0: Double = 0, x1: Double = 1) throws -> Tensor {
  guard x0 < x1, (x1 - x0).isFinite else {
    throw ArgumentError(
      "smooth_switch", "x1", "must be larger than x0, received x0 = \(x0) and x1 = \(x1)")
  }
  try checkFloatingPoint("smooth_switch", "x", x)
  return try smoothSwitch(unit: x0 == 0 && x1 == 1 ? x : (x - x0) / (x1 - x0))
}

func smoothSwitch(unit t: Tensor) throws(ShapeError) -> Tensor {
  // Nearer to the ends, the value is 0 or 1 to the last bit of any number.
  let isLow = try t.isLess(than: 1e-3)
  let isHigh = try t.isGreater(than: 1 - 1e-3)
  let safe = try Tensor.select(isLow.or(isHigh), 0.5, t)
  let exponent = try ((1 - safe).reciprocal() - safe.reciprocal()) * (0.75.squareRoot())
  return try .select(isLow, 0, .select(isHigh, 1, exponent.logistic()))
}
