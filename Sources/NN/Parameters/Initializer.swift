public import E3xEngine
internal import Foundation

/// Draws the first values of a parameter.
public struct Initializer: Sendable {
  /// From a key, a shape and an element type.
  public let draw: @Sendable (RandomKey, [Int], DType) throws -> Tensor

  /// An initialiser that calls `draw`.
  public init(_ draw: @escaping @Sendable (RandomKey, [Int], DType) throws -> Tensor) {
    self.draw = draw
  }

  /// Zeros.
  public static let zeros = constant(0)
  /// Ones.
  public static let ones = constant(1)

  /// One number in every element.
  public static func constant(_ value: Double) -> Initializer {
    Initializer { _, shape, dtype in
      try Tensor([Double](repeating: value, count: shape.reduce(1, *)), shape: shape)
        .cast(to: dtype).materialized()
    }
  }

  /// Which fan the variance is divided by.
  public enum Fan: String, Sendable { case fanIn = "fan_in", fanOut = "fan_out", fanAverage = "fan_avg" }

  /// What is drawn, always with zero mean.
  public enum Distribution: String, Sendable {
    /// A normal distribution cut at two standard deviations, rescaled to the variance.
    case truncatedNormal = "truncated_normal"
    case normal, uniform
  }

  /// Variance `scale` / fan, for weights [..., inputs, outputs]. Matches
  /// `jax.nn.initializers.variance_scaling`.
  ///
  /// - Parameter inputAxis, outputAxis: the axes of the weights; all others multiply both fans.
  public static func varianceScaling(
    _ scale: Double, _ fan: Fan, _ distribution: Distribution, inputAxis: Int = -2,
    outputAxis: Int = -1
  ) -> Initializer {
    Initializer { key, shape, dtype in
      let (input, output) = (
        inputAxis < 0 ? inputAxis + shape.count : inputAxis,
        outputAxis < 0 ? outputAxis + shape.count : outputAxis
      )
      guard shape.indices.contains(input), shape.indices.contains(output) else {
        throw ArgumentError(
          "variance_scaling", "shape", "needs axes \(inputAxis) and \(outputAxis), got \(shape)")
      }
      var field = 1
      for axis in shape.indices where axis != input && axis != output { field *= shape[axis] }
      let (fanIn, fanOut) = (Double(shape[input] * field), Double(shape[output] * field))
      let denominator =
        switch fan {
        case .fanIn: fanIn
        case .fanOut: fanOut
        case .fanAverage: (fanIn + fanOut) / 2
        }
      return try random(key, shape, dtype, distribution) { _ in scale / Swift.max(denominator, 1) }
    }
  }

  /// `jax.nn.initializers.lecun_normal`: the default of dense layers.
  public static let lecunNormal = varianceScaling(1, .fanIn, .truncatedNormal)
  /// The default of embeddings: variance 1 / features.
  public static let embedding = varianceScaling(1, .fanIn, .normal, outputAxis: 0)

  /// Draws a tensor whose element k has variance `variance(k)`; 0 makes it exactly 0.
  static func random(
    _ key: RandomKey, _ shape: [Int], _ dtype: DType, _ distribution: Distribution,
    variance: (Int) -> Double
  ) throws -> Tensor {
    let count = shape.reduce(1, *)
    func values<Real: BinaryFloatingPoint & TensorElement>(
      _ draw: (Int) -> [Real], _ factor: Real
    ) throws -> Tensor {
      let drawn = draw(count)
      let scaled = drawn.indices.map { index -> Real in
        let variance = variance(index)
        return variance == 0 ? 0 : Real(variance).squareRoot() * factor * drawn[index]
      }
      return try Tensor(scaled, shape: shape)
    }
    // The standard deviation of a standard normal distribution cut at ±2.
    let cut = 0.87962566103423978
    switch (distribution, dtype) {
    case (.truncatedNormal, .float64):
      return try values({ key.truncatedNormal(Double.self, count: $0, lower: -2, upper: 2) }, 1 / cut)
    case (.normal, .float64):
      return try values({ key.normal(Double.self, count: $0) }, 1)
    case (.uniform, .float64):
      return try values({ key.uniform(Double.self, count: $0, lower: -1, upper: 1) }, 3.0.squareRoot())
    case (.truncatedNormal, _):
      return try values(
        { key.truncatedNormal(Float.self, count: $0, lower: -2, upper: 2) }, 1 / Float(cut))
    case (.normal, _):
      return try values({ key.normal(Float.self, count: $0) }, 1)
    case (.uniform, _):
      return try values(
        { key.uniform(Float.self, count: $0, lower: -1, upper: 1) }, Float(3).squareRoot())
    }
  }
}

extension Initializer {
  /// Variance scaling for kernels of tensor products, [P1, L1+1, P2, L2+1, P3, L3+1, F]: the fans
  /// count the coupling paths into an output and out of a pair of inputs; entries that no path
  /// uses are exactly 0. Matches `e3x.nn.initializers.tensor_variance_scaling`.
  public static func tensorVarianceScaling(
    _ scale: Double, _ fan: Fan, _ distribution: Distribution
  ) -> Initializer {
    Initializer { key, shape, dtype in
      guard shape.count == 7 else {
        throw ArgumentError(
          "tensor_variance_scaling", "shape",
          "expected [P1, L1+1, P2, L2+1, P3, L3+1, F], received \(shape)")
      }
      let paths = CouplingPaths(
        parities: (shape[0], shape[2], shape[4]),
        maxDegrees: (shape[1] - 1, shape[3] - 1, shape[5] - 1))
      var (fanIn, fanOut): ([Int: Double], [Int: Double]) = ([:], [:])
      for path in paths.allowed {
        fanIn[paths.output(of: path), default: 0] += 1
        fanOut[paths.input(of: path), default: 0] += 1
      }
      var variances = [Double](repeating: 0, count: paths.count)
      for path in paths.allowed {
        let (incoming, outgoing) = (fanIn[paths.output(of: path)]!, fanOut[paths.input(of: path)]!)
        variances[path.index] =
          switch fan {
          case .fanIn: scale / incoming
          case .fanOut: scale / outgoing
          case .fanAverage: scale / ((incoming + outgoing) / 2)
          }
      }
      return try random(key, shape, dtype, distribution) { variances[$0 / Swift.max(shape[6], 1)] }
    }
  }

  /// `e3x.nn.initializers.tensor_lecun_normal`: the default of tensor products.
  public static let tensorLecunNormal = tensorVarianceScaling(1, .fanIn, .truncatedNormal)
}

/// Draws the kernels of fused tensor products, [L+1, F], from a variance for each degree (0 for
/// entries that are not used).
public struct FusedInitializer: Sendable {
  /// From the variances, the initialiser of a kernel.
  public let initializer: @Sendable (_ variances: [Double]) -> Initializer

  /// An initialiser made by `initializer`.
  public init(_ initializer: @escaping @Sendable (_ variances: [Double]) -> Initializer) {
    self.initializer = initializer
  }

  /// Truncated normal values. Matches `e3x.nn.initializers.fused_tensor_normal`.
  public static let normal = drawing(.truncatedNormal)
  /// Uniform values. Matches `e3x.nn.initializers.fused_tensor_uniform`.
  public static let uniform = drawing(.uniform)

  private static func drawing(_ distribution: Initializer.Distribution) -> FusedInitializer {
    FusedInitializer { variances in
      Initializer { key, shape, dtype in
        guard shape.count == 2, shape[0] == variances.count else {
          throw ArgumentError(
            "fused_tensor", "shape", "expected [\(variances.count), F], received \(shape)")
        }
        return try Initializer.random(key, shape, dtype, distribution) {
          variances[$0 / Swift.max(shape[1], 1)]
        }
      }
    }
  }
}
