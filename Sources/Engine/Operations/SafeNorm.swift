internal import RealModule

// Lengths and directions of vectors, accurate for huge and tiny vectors, with derivatives that are
// finite numbers at any vector.
//
// Each vector is scaled by its own largest component. The length n of x has the derivative
// u = x / n; where n is below the smallest normal number, u is x itself, as in e3x. Derivatives of
// u of order k grow like n^-k: where that is more than a number can hold, they are 0.

extension Tensor {
  /// The Euclidean norm over axes (all of them if nil). Matches `e3x.ops.norm`, but that each
  /// vector has its own scale, so that short vectors beside long ones do not vanish.
  ///
  /// - Parameter axes: axes that are vectors; negative ones count from the end.
  /// - Parameter keepDimensions: whether these axes stay, with size 1.
  /// - Throws: `ArgumentError` naming `axis`, or `x` unless elements are floating-point.
  /// - Note: Differentiable to any order. At zero vectors the gradient is 0, and the derivative of
  ///   the gradient is the identity, as in e3x.
  public func norm(_ axes: [Int]? = nil, keepDimensions: Bool = false) throws -> Tensor {
    let axes = try checkedNormAxes("norm", axes)
    let norm = try safeNorm(axes)
    return keepDimensions ? norm : try norm.dropping(axes)
  }

  /// The vectors divided by their Euclidean norm over axes (all of them if nil); vectors whose
  /// squared norm is not larger than the smallest normal number stay as they are. Matches
  /// `e3x.ops.normalize`.
  ///
  /// - Throws: `ArgumentError` naming `axis`, or `x` unless elements are floating-point.
  /// - Note: Differentiable to any order.
  public func normalized(_ axes: [Int]? = nil) throws -> Tensor {
    try safeDirection(try checkedNormAxes("normalize", axes), .normalize)
  }

  /// The normalised vectors and their norms. Matches `e3x.ops.normalize_and_return_norm`; see
  /// ``normalized(_:)`` and ``norm(_:keepDimensions:)``.
  /// - Throws: `ArgumentError` naming `axis`; `ShapeError` unless elements are floating-point.
  public func normalizedWithNorm(
    _ axes: [Int]? = nil, keepDimensions: Bool = false
  ) throws -> (normalized: Tensor, norm: Tensor) {
    let axes = try checkedNormAxes("normalize_and_return_norm", axes)
    let norm = try safeNorm(axes)
    return (
      try safeDirection(axes, .normalize), keepDimensions ? norm : try norm.dropping(axes)
    )
  }

  /// As ``normalized(_:)``, for functions that multiply derivatives of directions with one another:
  /// products of up to four are finite, because no derivative is given where n^-4 overflows
  /// (n < 1e-76 in float64, 3e-9 in float32).
  package func normalizedForProducts(_ axes: [Int]) throws -> Tensor {
    try safeDirection(try checkedNormAxes("normalize", axes), .normalizeForProducts)
  }

  /// x / n for every vector that is not zero: those whose norm is a normal number; the others stay
  /// as they are. Derivatives as of ``normalizedForProducts(_:)``.
  package func direction(_ axes: [Int]) throws -> Tensor {
    try safeDirection(try checkedNormAxes("direction", axes), .directionForProducts)
  }

  private func checkedNormAxes(_ function: String, _ axes: [Int]?) throws -> [Int] {
    guard dtype.isFloatingPoint else {
      throw ArgumentError(function, "x", "expected floating-point elements, received \(dtype)")
    }
    var wrapped: [Int] = []
    for axis in axes ?? Array(shape.indices) {
      let position = axis < 0 ? axis + rank : axis
      guard shape.indices.contains(position), !wrapped.contains(position) else {
        throw ArgumentError(
          function, "axis",
          "expected different axes in -\(rank) ..< \(rank), received \(axes ?? []) for x of shape "
            + "\(shape)")
      }
      wrapped.append(position)
    }
    return wrapped.sorted()
  }

  private func dropping(_ axes: [Int]) throws(ShapeError) -> Tensor {
    try reshaped(to: Shape(shape.indices.filter { !axes.contains($0) }.map { shape[$0] }))
  }
}

/// Which vectors are divided by their norm, and where directions have derivatives.
private enum Divided {
  /// Those whose norm is a normal number.
  case derivativeOfNorm, directionForProducts
  /// Those whose squared norm is larger than the smallest normal number.
  case normalize, normalizeForProducts

  /// The norm above which vectors are divided.
  func threshold(_ dtype: DType) -> Double {
    switch self {
    case .derivativeOfNorm, .directionForProducts: dtype.leastNormal
    case .normalize, .normalizeForProducts: dtype.leastNormal.squareRoot()
    }
  }

  /// The norm above which the direction has a derivative of an order. One of order 2 or more has
  /// parts of lower order as factors, whose product is finite up to the fourth order.
  func bound(_ dtype: DType, order: Int) -> Double {
    let factors =
      switch self {
      case .derivativeOfNorm, .normalize: order == 1 ? 1 : Swift.max(order, 4)
      case .directionForProducts, .normalizeForProducts: Swift.max(order, 4)
      }
    return Swift.max(8 * Double.root(dtype.leastNormal, factors), threshold(dtype))
  }
}

extension Tensor {
  /// Whether there is a primitive for vectors over these axes.
  private func hasVectors(_ axes: [Int]) -> Bool {
    axes == [rank - 1] && shape[rank - 1].known == 3
  }

  /// Each vector divided by its largest component (in absolute value), that component, and the
  /// length of what was divided.
  private func scaled(
    _ axes: [Int]
  ) throws(ShapeError) -> (scaled: Tensor, scale: Tensor, length: Tensor) {
    let largest = try absolute().max(axes, keepDimensions: true)
    let scale = try Tensor.maximum(largest, dtype.leastNormal)
    let scaled = try self / scale
    return (scaled, scale, try (scaled * scaled).sum(axes, keepDimensions: true).squareRoot())
  }

  /// The norm, with axes of size 1 where vectors were.
  fileprivate func safeNorm(_ axes: [Int]) throws(ShapeError) -> Tensor {
    if axes.isEmpty { return try absolute() }
    return try stoppingGradient().plainNorm(axes).withDerivative(to: [self]) {
      (cotangent) throws(ShapeError) -> [Tensor?] in
      [try cotangent * safeDirection(axes, .derivativeOfNorm)]
    }
  }

  private func plainNorm(_ axes: [Int]) throws(ShapeError) -> Tensor {
    if hasVectors(axes) { return try length() }
    let (_, scale, length) = try scaled(axes)
    return try scale * length
  }

  /// The vectors divided by their norm where `divided` says so, as a derivative of this order of
  /// the direction has them.
  fileprivate func safeDirection(
    _ axes: [Int], _ divided: Divided, order: Int = 0
  ) throws(ShapeError) -> Tensor {
    let (x, threshold) = (stoppingGradient(), divided.threshold(dtype))
    return try x.plainDirection(axes, threshold).withDerivative(to: [self]) {
      (cotangent) throws(ShapeError) -> [Tensor?] in
      let u = try safeDirection(axes, divided, order: order + 1)
      let radial = try (cotangent * u).sum(axes, keepDimensions: true)
      let across = try (cotangent - radial * u)
      let inverse = try safeInverseNorm(axes, divided, order: order + 1)
      let isDivided = try x.plainNorm(axes).isGreater(than: threshold)
      return [try .select(isDivided, across * inverse, cotangent)]
    }
  }

  private func plainDirection(_ axes: [Int], _ threshold: Double) throws(ShapeError) -> Tensor {
    if hasVectors(axes) { return try direction(above: threshold) }
    let (scaled, scale, length) = try scaled(axes)
    let isDivided = try (scale * length).isGreater(than: threshold)
    // Where it is not divided the length may be 0.
    return try .select(isDivided, scaled / .select(isDivided, length, 1), self)
  }

  /// 1 / n, or 0 where a derivative of the direction of this order would overflow.
  private func safeInverseNorm(
    _ axes: [Int], _ divided: Divided, order: Int
  ) throws(ShapeError) -> Tensor {
    let x = stoppingGradient()
    let norm = try x.safeNorm(axes)
    let isFinite = try norm.isGreater(than: divided.bound(dtype, order: order))
    let inverse = try Tensor.select(isFinite, Tensor.select(isFinite, norm, 1).reciprocal(), 0)
    return inverse.withDerivative(to: [self]) { (cotangent) throws(ShapeError) -> [Tensor?] in
      let next = try safeInverseNorm(axes, divided, order: order + 1)
      let u = try safeDirection(axes, divided, order: order + 1)
      return [try -(cotangent * next * next) * u]
    }
  }
}
