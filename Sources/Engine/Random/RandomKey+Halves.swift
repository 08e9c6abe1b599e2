internal import E3xSystem

/// Numbers of the 16-bit types as `jax.random` draws them: from fewer random bits, and rounded after
/// every operation.
extension RandomKey {
  /// `count` values of a 16-bit type, uniformly distributed in `lower`..<`upper`, both of that type
  /// (`jax.random.uniform`).
  package func uniform(
    half dtype: DType, count: Int, lower: Double = 0, upper: Double = 1
  ) throws(ArgumentError) -> [Double] {
    let fractionBits = dtype.format!.fractionBits
    let bitCount = fractionBits < 8 ? 8 : 16
    let width = dtype.nearest(upper - lower)
    return try bits(count: count).map { word in
      let fraction = (word & (1 << UInt32(bitCount) - 1)) >> UInt32(bitCount - fractionBits)
      let unit = Double(fraction) * dtype.epsilon
      return max(lower, dtype.nearest(dtype.nearest(unit * width) + lower))
    }
  }

  /// `count` values of a 16-bit type of the standard normal distribution (`jax.random.normal`).
  package func normal(half dtype: DType, count: Int) throws(ArgumentError) -> [Double] {
    let lower = dtype.epsilon / 2 - 1
    return try uniform(half: dtype, count: count, lower: lower, upper: 1).map {
      Self.normalQuantile($0, dtype)
    }
  }

  /// `count` values of a 16-bit type of the standard normal distribution, given that they lie
  /// between `lower` and `upper` (`jax.random.truncated_normal`).
  package func truncatedNormal(
    half dtype: DType, count: Int, lower: Double, upper: Double
  ) throws(ArgumentError) -> [Double] {
    func probability(_ bound: Double) -> Double {
      dtype.nearest(erf(dtype.nearest(bound / dtype.nearest(2.0.squareRoot()))))
    }
    let values = try uniform(
      half: dtype, count: count, lower: probability(lower), upper: probability(upper))
    let (first, last) = (dtype.format!.next(above: lower), -dtype.format!.next(above: -upper))
    return values.map { min(max(Self.normalQuantile($0, dtype), first), last) }
  }

  /// The number that a normally distributed one lies within, up to sign, with probability |x|; its
  /// sign is that of x.
  private static func normalQuantile(_ x: Double, _ dtype: DType) -> Double {
    let inverse = Double(Float.inverseErrorFunction(Float(x)))
    return dtype.nearest(dtype.nearest(2.0.squareRoot()) * dtype.nearest(inverse))
  }
}
