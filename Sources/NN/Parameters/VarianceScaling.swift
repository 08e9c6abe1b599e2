internal import E3xEngine

extension Initializer {
  /// Variance `scale` / fan, for weights [..., inputs, outputs]. Matches
  /// `jax.nn.initializers.variance_scaling`.
  ///
  /// - Parameters:
  ///   - scale: Positive.
  ///   - inputAxis: The axis of the inputs; negative ones count from the end.
  ///   - outputAxis: The axis of the outputs. All other axes multiply both fans.
  public static func varianceScaling(
    _ scale: Double, _ fan: Fan, _ distribution: Distribution, inputAxis: Int = -2,
    outputAxis: Int = -1
  ) -> Initializer {
    Initializer { key, shape, dtype in
      let name = "variance_scaling"
      try checkScale(name, scale)
      let input = inputAxis < 0 ? inputAxis + shape.count : inputAxis
      let output = outputAxis < 0 ? outputAxis + shape.count : outputAxis
      guard shape.indices.contains(input), shape.indices.contains(output) else {
        throw ArgumentError(
          name, "shape", "expected one with axes \(inputAxis) and \(outputAxis), received \(shape)")
      }
      _ = try elementCount(name, shape)
      let field = shape.indices.filter { $0 != input && $0 != output }
        .reduce(1.0) { $0 * Double(shape[$1]) }
      let denominator = fan.denominator(
        fanIn: Double(shape[input]) * field, fanOut: Double(shape[output]) * field)
      return try distribution.values(name, key, shape, dtype) { _ in scale / denominator }
    }
  }

  /// Glorot's initialisation, uniform: variance 2 / (inputs + outputs). Matches
  /// `jax.nn.initializers.glorot_uniform`.
  public static let glorotUniform = varianceScaling(1, .fanAverage, .uniform)
  /// Glorot's initialisation, truncated normal.
  public static let glorotNormal = varianceScaling(1, .fanAverage, .truncatedNormal)
  /// Another name of ``glorotUniform``.
  public static let xavierUniform = glorotUniform
  /// Another name of ``glorotNormal``.
  public static let xavierNormal = glorotNormal
  /// LeCun's initialisation, uniform: variance 1 / inputs. Matches
  /// `jax.nn.initializers.lecun_uniform`.
  public static let lecunUniform = varianceScaling(1, .fanIn, .uniform)
  /// LeCun's initialisation, truncated normal: the default of dense layers.
  public static let lecunNormal = varianceScaling(1, .fanIn, .truncatedNormal)
  /// He's initialisation, uniform: variance 2 / inputs. Matches `jax.nn.initializers.he_uniform`.
  public static let heUniform = varianceScaling(2, .fanIn, .uniform)
  /// He's initialisation, truncated normal.
  public static let heNormal = varianceScaling(2, .fanIn, .truncatedNormal)
  /// Another name of ``heUniform``.
  public static let kaimingUniform = heUniform
  /// Another name of ``heNormal``.
  public static let kaimingNormal = heNormal
  /// The default of embeddings: variance 1 / features.
  public static let embedding = varianceScaling(1, .fanIn, .normal, outputAxis: 0)
}

extension Initializer.Fan {
  /// What the scale is divided by; 1 where there are no inputs or outputs at all.
  func denominator(fanIn: Double, fanOut: Double) -> Double {
    let fan =
      switch self {
      case .fanIn: fanIn
      case .fanOut: fanOut
      case .fanAverage: (fanIn + fanOut) / 2
      }
    return fan > 0 ? fan : 1
  }
}

/// Refuses what cannot be a variance.
func checkScale(_ function: String, _ scale: Double) throws(ArgumentError) {
  guard scale >= 0, scale.isFinite else {
    throw ArgumentError(function, "scale", "must be a positive number or 0, received \(scale)")
  }
}
