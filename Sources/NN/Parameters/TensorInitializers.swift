internal import E3xEngine
internal import E3xExact
internal import E3xSO3

extension Initializer {
  /// Variance scaling for kernels of tensor products, [P1, L1+1, P2, L2+1, P3, L3+1, F]. Matches
  /// `e3x.nn.initializers.tensor_variance_scaling`.
  ///
  /// The fans count coupling paths: those into an output (`fanIn`), and those out of a pair of
  /// inputs (`fanOut`). Entries of paths that parity or the triangle inequality forbid are 0.
  public static func tensorVarianceScaling(
    _ scale: Double, _ fan: Fan, _ distribution: Distribution
  ) -> Initializer {
    Initializer { key, shape, dtype in
      let name = "tensor_variance_scaling"
      try checkScale(name, scale)
      let paths = try CouplingPaths(kernelShape: shape, function: name)
      let allowed = paths.allowed
      var (fanIn, fanOut): ([Int: Double], [Int: Double]) = ([:], [:])
      for path in allowed {
        fanIn[paths.output(of: path), default: 0] += 1
        fanOut[paths.input(of: path), default: 0] += 1
      }
      // e3x divides in the element type.
      let scale = dtype.nearest(scale)
      var variances = [Double](repeating: 0, count: paths.count)
      for path in allowed {
        variances[path.index] =
          scale
          / fan.denominator(
            fanIn: fanIn[paths.output(of: path)]!, fanOut: fanOut[paths.input(of: path)]!)
      }
      let features = shape[6]
      return try distribution.values(name, key, shape, dtype) { variances[$0 / features] }
    }
  }

  /// Glorot's initialisation of tensor products, uniform. Matches
  /// `e3x.nn.initializers.tensor_glorot_uniform`.
  public static let tensorGlorotUniform = tensorVarianceScaling(1, .fanAverage, .uniform)
  /// Glorot's initialisation of tensor products, truncated normal. Matches
  /// `e3x.nn.initializers.tensor_glorot_normal`.
  public static let tensorGlorotNormal = tensorVarianceScaling(1, .fanAverage, .truncatedNormal)
  /// Another name of ``tensorGlorotUniform``.
  public static let tensorXavierUniform = tensorGlorotUniform
  /// Another name of ``tensorGlorotNormal``.
  public static let tensorXavierNormal = tensorGlorotNormal
  /// LeCun's initialisation of tensor products, uniform. Matches
  /// `e3x.nn.initializers.tensor_lecun_uniform`.
  public static let tensorLecunUniform = tensorVarianceScaling(1, .fanIn, .uniform)
  /// LeCun's initialisation of tensor products, truncated normal: their default. Matches
  /// `e3x.nn.initializers.tensor_lecun_normal`.
  public static let tensorLecunNormal = tensorVarianceScaling(1, .fanIn, .truncatedNormal)
  /// He's initialisation of tensor products, uniform. Matches
  /// `e3x.nn.initializers.tensor_he_uniform`.
  public static let tensorHeUniform = tensorVarianceScaling(2, .fanIn, .uniform)
  /// He's initialisation of tensor products, truncated normal. Matches
  /// `e3x.nn.initializers.tensor_he_normal`.
  public static let tensorHeNormal = tensorVarianceScaling(2, .fanIn, .truncatedNormal)
  /// Another name of ``tensorHeUniform``.
  public static let tensorKaimingUniform = tensorHeUniform
  /// Another name of ``tensorHeNormal``.
  public static let tensorKaimingNormal = tensorHeNormal
}

extension CouplingPaths {
  /// The paths of a kernel of this shape.
  /// - Throws: `ArgumentError` naming `shape`.
  init(kernelShape shape: [Int], function: String) throws(ArgumentError) {
    guard shape.count == 7 else {
      throw ArgumentError(
        function, "shape",
        "expected seven axes [P1, L1+1, P2, L2+1, P3, L3+1, F], received \(shape)")
    }
    for axis in [0, 2, 4] where shape[axis] != 1 && shape[axis] != 2 {
      throw ArgumentError(
        function, "shape", "axis \(axis) (parity) must have size 1 or 2, received \(shape)")
    }
    for axis in [1, 3, 5] where !(1...DegreeLimit.features + 1).contains(shape[axis]) {
      throw ArgumentError(
        function, "shape",
        "axis \(axis) (degree) must have a size of 1 ... \(DegreeLimit.features + 1), received "
          + "\(shape)")
    }
    _ = try elementCount(function, shape)
    self.init(
      parities: (shape[0], shape[2], shape[4]),
      maxDegrees: (shape[1] - 1, shape[3] - 1, shape[5] - 1))
    guard count <= Self.countLimit else {
      throw ArgumentError(
        function, "shape", "expected at most \(Self.countLimit) paths, received \(shape)")
    }
  }
}
