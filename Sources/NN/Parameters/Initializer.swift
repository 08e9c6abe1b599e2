public import E3xEngine

/// Draws the first values of a parameter.
///
/// In float32 the initialisers below draw the numbers that those of the same name in
/// `jax.nn.initializers` (which are Flax's) and `e3x.nn.initializers` draw from the same key.
public struct Initializer: Sendable {
  /// From a key, a shape and a floating-point element type, a tensor of that shape and type.
  /// It throws `ArgumentError` for a shape or type that it cannot fill.
  public let draw: @Sendable (RandomKey, [Int], DType) throws -> Tensor

  /// An initialiser that calls `draw`.
  public init(_ draw: @escaping @Sendable (RandomKey, [Int], DType) throws -> Tensor) {
    self.draw = draw
  }

  /// Which fan the variance is divided by.
  public enum Fan: String, Sendable, CaseIterable {
    /// The number of inputs of an output.
    case fanIn = "fan_in"
    /// The number of outputs of an input.
    case fanOut = "fan_out"
    /// The mean of both.
    case fanAverage = "fan_avg"
  }

  /// What is drawn, always with zero mean.
  public enum Distribution: String, Sendable, CaseIterable {
    /// A normal distribution cut at two standard deviations, rescaled to the variance.
    case truncatedNormal = "truncated_normal"
    /// A normal distribution.
    case normal
    /// A uniform distribution.
    case uniform
  }
}

extension Initializer {
  /// Zeros.
  public static let zeros = constant(0)
  /// Ones.
  public static let ones = constant(1)

  /// One number in every element. Matches `jax.nn.initializers.constant`.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { _, shape, dtype in
      let count = try elementCount("constant", shape)
      return try Tensor([Double](repeating: value, count: count), shape: shape)
        .cast(to: dtype).materialized()
    }
  }

  /// Normally distributed numbers. Matches `jax.nn.initializers.normal`.
  /// - Parameter standardDeviation: Of the numbers; their mean is zero.
  public static func normal(_ standardDeviation: Double = 0.01) -> Initializer {
    Initializer { key, shape, dtype in
      try Draw.normal.values("normal", key, shape, dtype) { _ in standardDeviation }
    }
  }

  /// Normally distributed numbers between two bounds, then multiplied by `scale`. Matches
  /// `jax.nn.initializers.truncated_normal`, whose `stddev` is the scale.
  public static func truncatedNormal(
    _ scale: Double = 0.01, lower: Double = -2, upper: Double = 2
  ) -> Initializer {
    Initializer { key, shape, dtype in
      guard lower < upper else {
        throw ArgumentError(
          "truncated_normal", "lower", "must be below upper (\(upper)), received \(lower)")
      }
      return try Draw.truncatedNormal(lower, upper)
        .values("truncated_normal", key, shape, dtype) { _ in scale }
    }
  }

  /// Numbers uniformly distributed in 0 ..< `scale`. Matches `jax.nn.initializers.uniform`.
  public static func uniform(_ scale: Double = 0.01) -> Initializer {
    Initializer { key, shape, dtype in
      try Draw.uniform(0, 1).values("uniform", key, shape, dtype) { _ in scale }
    }
  }
}
