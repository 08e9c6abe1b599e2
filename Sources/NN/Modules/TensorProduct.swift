public import E3xEngine
public import E3xSO3

/// The tensor product of two features: linear combinations, with own weights for each coupling
/// path and feature, of all couplings of their irreps. Matches `e3x.nn.Tensor`.
///
/// Parameters: `kernel` [P1, L1+1, P2, L2+1, P3, L3+1, F]; entries of paths that parity or the
/// triangle inequality forbid have no effect.
public struct TensorProduct: Sendable {
  /// The highest degree of the output; the higher one of the inputs if nil.
  public var maxDegree: Int?
  /// Whether the output may have both parities.
  public var includePseudotensors: Bool
  /// Whether irreps are in Cartesian order.
  public var cartesianOrder: Bool
  /// The element type of the computation; the widest of inputs and parameters if nil.
  public var dtype: DType?
  /// The element type that parameters are drawn in.
  public var paramDtype: DType
  /// The precision of the products.
  public var precision: Precision
  /// Draws the weights.
  public var kernelInit: Initializer

  /// A tensor product.
  ///
  /// - Parameters:
  ///   - maxDegree: The highest degree of the output; the higher one of the inputs if nil.
  ///   - includePseudotensors: Whether the output may have both parities.
  ///   - cartesianOrder: Whether irreps are in Cartesian order.
  ///   - dtype: The element type of the computation; the widest of inputs and parameters if nil.
  ///   - paramDtype: The element type that parameters are drawn in.
  ///   - precision: The precision of the products.
  ///   - kernelInit: Draws the weights.
  public init(
    maxDegree: Int? = nil, includePseudotensors: Bool = true,
    cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
    dtype: DType? = nil, paramDtype: DType = .float32, precision: Precision = .default,
    kernelInit: Initializer = .tensorLecunNormal
  ) {
    self.maxDegree = maxDegree
    self.includePseudotensors = includePseudotensors
    self.cartesianOrder = cartesianOrder
    self.dtype = dtype
    self.paramDtype = paramDtype
    self.precision = precision
    self.kernelInit = kernelInit
  }

  /// Couples both inputs.
  ///
  /// - Parameter inputs1: [..., P1, (L1+1)², F]
  /// - Parameter inputs2: [..., P2, (L2+1)², F]; leading axes broadcast.
  /// - Returns: [..., P3, (L3+1)², F]; P3 is 2 if pseudotensors are included and can arise.
  /// - Throws: `ArgumentError` naming `inputs1`, `inputs2`, `max_degree` or `params`.
  public func callAsFunction(
    _ scope: Scope, _ inputs1: Tensor, _ inputs2: Tensor
  ) throws -> Tensor {
    let shapes = try ProductShapes(
      "Tensor", inputs1, inputs2, maxDegree: maxDegree, includePseudotensors: includePseudotensors)
    let (first, second, result) = (shapes.first, shapes.second, shapes.result)
    let paths = CouplingPaths(shapes)
    try shapes.check("Tensor", maxDegree, work: paths.work)
    let kernel = try scope.parameter(
      "kernel", shape: paths.shape + [result.features], dtype: paramDtype, initializer: kernelInit)
    let type = computeType(dtype, [inputs1, inputs2, kernel])
    let table = CouplingTables.shared.tensorProduct(paths, cartesianOrder: cartesianOrder)
    let weights = try kernel.cast(to: type)
      .reshaped(to: [Dimension(paths.count), Dimension(result.features)])
    let coupled = try Tensor.couple(
      table, [weights, shapes.rows(inputs1, first, type), shapes.rows(inputs2, second, type)],
      output: 3)
    return try coupled.reshaped(to: result.shape)
  }
}

/// The shapes of two factors and of their product, checked as e3x checks them.
struct ProductShapes {
  let first: FeatureShape
  let second: FeatureShape
  let result: FeatureShape

  init(
    _ function: String, _ inputs1: Tensor, _ inputs2: Tensor, maxDegree: Int?,
    includePseudotensors: Bool
  ) throws {
    first = try FeatureShape(inputs1, function: function, argument: "inputs1")
    second = try FeatureShape(inputs2, function: function, argument: "inputs2")
    let degree = maxDegree ?? max(first.maxDegree, second.maxDegree)
    try checkDegree(function, "max_degree", degree)
    let highest = first.maxDegree + second.maxDegree
    guard degree <= highest else {
      throw ArgumentError(
        function, "max_degree",
        "inputs of degrees \(first.maxDegree) and \(second.maxDegree) couple to degree \(highest) "
          + "at most, received \(degree)")
    }
    guard first.features == second.features else {
      throw ArgumentError(
        function, "inputs2",
        "expected as many features as inputs1, \(first.features), received \(second.features)")
    }
    guard let batch = (first.batch == second.batch ? first.batch : try Self.common(first, second))
    else {
      throw ArgumentError(
        function, "inputs2",
        "leading axes \(second.batch) do not broadcast with those of inputs1, \(first.batch)")
    }
    // Tensors coupled with or to scalars give no pseudotensors.
    let proper =
      first.parities == 1 && second.parities == 1
      && (first.maxDegree == 0 || second.maxDegree == 0 || degree == 0)
    result = FeatureShape(
      batch: batch, parities: includePseudotensors && !proper ? 2 : 1, maxDegree: degree,
      features: first.features)
  }

  /// Refuses degrees whose coefficients would take too long.
  /// - Parameter maxDegree: the argument, if there is one.
  func check(_ function: String, _ maxDegree: Int?, work: Double) throws(ArgumentError) {
    try checkWork(
      function, maxDegree == nil ? "inputs1" : "max_degree",
      [first.maxDegree, second.maxDegree, result.maxDegree], work)
  }

  private static func common(_ a: FeatureShape, _ b: FeatureShape) throws -> Shape? {
    let (x, y) = (Tensor.zeros(a.batch), Tensor.zeros(b.batch))
    return try? (x + y).shape
  }

  /// A factor as rows of components: [R, C, F] (or [C, F] without leading axes).
  func rows(_ input: Tensor, _ shape: FeatureShape, _ type: DType) throws -> Tensor {
    var shape = shape
    var x = try input.cast(to: type)
    if shape.batch != result.batch {
      shape.batch = result.batch
      x = try x.broadcast(to: shape.shape)
    }
    x = try x.reshaped(to: shape.flattened)
    return shape.batch.rank == 0 ? x : try x.flattened(before: x.rank - 2)
  }
}
