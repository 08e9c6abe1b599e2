public import E3xEngine
internal import E3xSystem

// Activation functions that are smooth everywhere. Features are multiplied with a gate, a function
// of the even scalars s; the value for scalars is s · gate(s).

/// Gate 1 / (1 + e^-s). Matches `e3x.nn.silu`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func silu(_ x: Tensor) throws -> Tensor {
  try gatedLinear("silu", x) { (s) throws(ShapeError) in try s.sigmoid() }
}

/// Another name of ``silu(_:)``. Matches `e3x.nn.swish`.
/// - Throws: As ``silu(_:)``.
public func swish(_ x: Tensor) throws -> Tensor { try silu(x) }

/// Gate (1 + erf(s/√2)) / 2, or its approximation (1 + tanh(√(2/π) (s + 0.044715 s³))) / 2. Matches
/// `e3x.nn.gelu`. Source: Hendrycks and Gimpel, arXiv:1606.08415, section 2.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Parameter approximate: Whether the approximation is used.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func gelu(_ x: Tensor, approximate: Bool = true) throws -> Tensor {
  try gatedLinear("gelu", x) { (s) throws(ShapeError) in
    if !approximate { return try ((s * 0.5.squareRoot()).erf() + 1) * 0.5 }
    // Beyond these bounds the gate is 0 or 1 to the last bit, and s³ may overflow.
    let bounded = try Tensor.maximum(.minimum(s, 16), -16)
    let cubic = try bounded + bounded * bounded * bounded * 0.044715
    return try ((cubic * (2 / Double.pi).squareRoot()).tanh() + 1) * 0.5
  }
}

/// Gate tanh(log(1 + e^s)). Matches `e3x.nn.mish`, in both of its forms, and is finite also where
/// the fast one is not. Source: Misra, arXiv:1908.08681.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func mish(_ x: Tensor) throws -> Tensor {
  try gatedLinear("mish", x) { (s) throws(ShapeError) in
    // With w = e^s it is q / (q + 2), q = w (w + 2); from s = 20 on, 1 to the last bit.
    let w = try Tensor.minimum(s, 20).exp()
    let q = try w * (w + 2)
    return try q / (q + 2)
  }
}

/// Gate erf(log(1 + e^s)). Matches `e3x.nn.serf`. Source: Nag and Bhattacharyya, arXiv:2108.09598.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func serf(_ x: Tensor) throws -> Tensor {
  try gatedLinear("serf", x) { (s) throws(ShapeError) in try s.logisticIntegral().erf() }
}

/// Gate log((1 + e^s)/2) / s. Matches `e3x.nn.shifted_softplus`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func shiftedSoftplus(_ x: Tensor) throws -> Tensor {
  try gatedLinear("shifted_softplus", x) { (s) throws(ShapeError) in
    try RemovableSingularity.shiftedSoftplus(s)
  }
}

/// Gate 1 + (√(s² + 1) - 1) / (2s). Matches `e3x.nn.bent_identity`.
///
/// - Parameter x: Features, [..., P, (L+1)², F].
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func bentIdentity(_ x: Tensor) throws -> Tensor {
  try gatedLinear("bent_identity", x) { (s) throws(ShapeError) in
    // Without cancellation it is 1 + s / (2 √(s² + 1) + 2); where s² might overflow, its limit.
    let isLarge = try s.absolute().isGreater(than: 1e9)
    let safe = try Tensor.select(isLarge, 1, s)
    let bent = try safe / (((safe * safe + 1).squareRoot() + 1) * 2)
    return try .select(isLarge, s.sign() * 0.5, bent) + 1
  }
}

extension RemovableSingularity {
  /// log((1 + e^x)/2) / x
  fileprivate static let shiftedSoftplus = RemovableSingularity(
    numerator: { (order, x) throws(ShapeError) in
      if order == 0 { return try x.logisticIntegral() - log(2.0) }
      // The derivatives of the logistic function are polynomials of it.
      let coefficients = logisticDerivative(order - 1)
      let value = try x.logistic()
      var sum = Tensor.full(x.shape, coefficients.last!, dtype: x.dtype)
      for coefficient in coefficients.dropLast().reversed() {
        sum = try sum * value + coefficient
      }
      return sum
    },
    series: shiftedSoftplusSeries(40))

  /// The coefficients of the derivative of an order of y = 1/(1 + e^-x) as a polynomial of y, from
  /// y' = y - y².
  private static func logisticDerivative(_ order: Int) -> [Double] {
    var polynomial = [0.0, 1.0]
    for _ in 0..<order {
      var next = [Double](repeating: 0, count: polynomial.count + 1)
      for (power, coefficient) in polynomial.enumerated() where power > 0 {
        next[power] += Double(power) * coefficient
        next[power + 1] -= Double(power) * coefficient
      }
      polynomial = next
    }
    return polynomial
  }

  /// The Taylor series at 0, from that of y = 1/(1 + e^-x) by y' = y - y², integrated and divided
  /// by x.
  private static func shiftedSoftplusSeries(_ count: Int) -> [Double] {
    var y = [0.5]
    for n in 0..<(count - 1) {
      let square = (0...n).reduce(0) { $0 + y[$1] * y[n - $1] }
      let slope = n % 2 == 0 ? y[n] - square : 0
      y.append(slope / Double(n + 1))
    }
    return y.enumerated().map { $0.element / Double($0.offset + 1) }
  }
}
