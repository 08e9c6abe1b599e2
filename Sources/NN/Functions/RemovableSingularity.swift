internal import E3xEngine

/// A function f(x) = h(x) / x with h(0) = 0, smooth at 0, accurate there in all its derivatives.
///
/// From x f = h follows x f⁽ᵖ⁾ = h⁽ᵖ⁾ - p f⁽ᵖ⁻¹⁾, which is used for |x| >= 1; nearer to 0 it would
/// cancel, and the Taylor series of f takes its place. Every derivative is again of this form, so
/// they are accurate to any order.
struct RemovableSingularity: Sendable {
  /// The derivative of h of an order at x.
  let numerator: @Sendable (_ order: Int, _ x: Tensor) throws(ShapeError) -> Tensor
  /// The Taylor coefficients of f at 0, enough of them for |x| <= 1.
  let series: [Double]

  /// f at x.
  func callAsFunction(_ x: Tensor) throws(ShapeError) -> Tensor {
    try derivative(0, x)
  }

  /// The derivative of f of an order at x.
  private func derivative(_ order: Int, _ x: Tensor) throws(ShapeError) -> Tensor {
    try value(order, x.stoppingGradient()).withDerivative(to: [x]) {
      (cotangent) throws(ShapeError) -> [Tensor?] in
      [try cotangent * derivative(order + 1, x)]
    }
  }

  private func value(_ order: Int, _ x: Tensor) throws(ShapeError) -> Tensor {
    let isNear = try x.absolute().isLess(than: 1)
    let far = try Tensor.select(isNear, 1, x)
    var quotient = try numerator(0, far) / far
    for p in 0..<order {
      quotient = try (numerator(p + 1, far) - quotient * Double(p + 1)) / far
    }
    return try .select(isNear, polynomial(order, .select(isNear, x, 0)), quotient)
  }

  /// The derivative of an order of the series, by Horner's rule; in x² where powers are all even or
  /// all odd.
  private func polynomial(_ order: Int, _ x: Tensor) throws(ShapeError) -> Tensor {
    var coefficients = series
    for _ in 0..<order {
      coefficients = coefficients.enumerated().dropFirst().map { Double($0.offset) * $0.element }
    }
    let used = coefficients.indices.filter { coefficients[$0] != 0 }
    guard let first = used.first else { return .zeros(like: x) }
    let step = used.allSatisfy { ($0 - first) % 2 == 0 } ? 2 : 1
    let variable = step == 2 ? try x * x : x
    var sum = Tensor.full(x.shape, coefficients[used.last!], dtype: x.dtype)
    for power in stride(from: used.last! - step, through: first, by: -step) {
      sum = try sum * variable + coefficients[power]
    }
    return first == 0 ? sum : try sum * x.power(first)
  }
}

extension RemovableSingularity {
  /// (1 - e^-x) / x: the mean of e^-xt over t from 0 to 1.
  static let exponentialMean = RemovableSingularity(
    numerator: { (order, x) throws(ShapeError) in
      if order == 0 { return try -(-x).expMinusOne() }
      let exponential = try (-x).exp()
      return order % 2 == 1 ? exponential : try -exponential
    },
    series: reciprocalFactorials(24).enumerated().map { power, factor in
      (power % 2 == 0 ? factor : -factor) / Double(power + 1)
    })

  /// sin(x) / x.
  static let sine = RemovableSingularity(
    numerator: { (order, x) throws(ShapeError) in
      switch order % 4 {
      case 0: try x.sin()
      case 1: try x.cos()
      case 2: try -x.sin()
      default: try -x.cos()
      }
    },
    series: reciprocalFactorials(26).enumerated().map { power, factor in
      power % 2 == 1 ? 0 : (power % 4 == 0 ? factor : -factor) / Double(power + 1)
    })

  /// 1 / n! for n < count.
  private static func reciprocalFactorials(_ count: Int) -> [Double] {
    var values = [1.0]
    for n in 1..<count { values.append(values[n - 1] / Double(n)) }
    return values
  }
}
