internal import E3xEngine
internal import E3xLimits

/// What numbers an initialiser draws, before it scales them.
enum Draw {
  case normal
  case truncatedNormal(Double, Double)
  case uniform(Double, Double)

  /// A tensor of drawn numbers, number k multiplied by `factor(k)`: both rounded to the element
  /// type, then multiplied, as JAX does. A factor of 0 makes it 0.
  func values(
    _ function: String, _ key: RandomKey, _ shape: [Int], _ dtype: DType,
    factor: (Int) -> Double
  ) throws -> Tensor {
    let count = try elementCount(function, shape)
    switch dtype {
    case .float32: return try Tensor(scaled(Float.self, key, count, factor), shape: shape)
    case .float64: return try Tensor(scaled(Double.self, key, count, factor), shape: shape)
    case .float16, .bfloat16:
      let drawn = try halves(key, count, dtype)
      let scaled = drawn.indices.map { index in
        let factor = dtype.nearest(factor(index))
        return Float(factor == 0 ? 0 : dtype.nearest(factor * drawn[index]))
      }
      return try Tensor(scaled, shape: shape).cast(to: dtype).materialized()
    case .int32, .bool:
      throw ArgumentError(function, "dtype", "must be floating-point, received \(dtype)")
    }
  }

  private func halves(_ key: RandomKey, _ count: Int, _ dtype: DType) throws -> [Double] {
    switch self {
    case .normal: try key.normal(half: dtype, count: count)
    case .truncatedNormal(let lower, let upper):
      try key.truncatedNormal(half: dtype, count: count, lower: lower, upper: upper)
    case .uniform(let lower, let upper):
      try key.uniform(half: dtype, count: count, lower: lower, upper: upper)
    }
  }

  private func scaled<Real: RandomReal>(
    _ type: Real.Type, _ key: RandomKey, _ count: Int, _ factor: (Int) -> Double
  ) throws -> [Real] {
    let drawn =
      switch self {
      case .normal: try key.normal(type, count: count)
      case .truncatedNormal(let lower, let upper):
        try key.truncatedNormal(type, count: count, lower: Real(lower), upper: Real(upper))
      case .uniform(let lower, let upper):
        try key.uniform(type, count: count, lower: Real(lower), upper: Real(upper))
      }
    return drawn.indices.map { index in
      let factor = Real(factor(index))
      return factor == 0 ? 0 : factor * drawn[index]
    }
  }
}

/// The number of elements of a shape, which are about to be drawn.
/// - Throws: `ArgumentError` naming `shape` if a size is negative or memory does not hold the numbers.
func elementCount(_ function: String, _ shape: [Int]) throws(ArgumentError) -> Int {
  guard shape.allSatisfy({ $0 >= 0 }) else {
    throw ArgumentError(function, "shape", "sizes must be positive or zero, received \(shape)")
  }
  try checkMemory(function, "shape", received: shape, shape)
  return Size.product(shape)!
}

extension Initializer.Distribution {
  /// Draws a tensor whose element k has variance `variance(k)`; 0 makes it exactly 0.
  func values(
    _ function: String, _ key: RandomKey, _ shape: [Int], _ dtype: DType,
    variance: (Int) -> Double
  ) throws -> Tensor {
    // Every step is rounded to the element type.
    func rounded(_ x: Double) -> Double { dtype.nearest(x) }
    func deviation(_ variance: Double) -> Double { rounded(rounded(variance).squareRoot()) }
    switch self {
    case .truncatedNormal:
      // The standard deviation of a standard normal distribution cut at ±2.
      let cut = rounded(0.87962566103423978)
      return try Draw.truncatedNormal(-2, 2).values(function, key, shape, dtype) {
        deviation(variance($0)) / cut
      }
    case .normal:
      return try Draw.normal.values(function, key, shape, dtype) { deviation(variance($0)) }
    case .uniform:
      return try Draw.uniform(-1, 1).values(function, key, shape, dtype) {
        deviation(3 * rounded(variance($0)))
      }
    }
  }
}
