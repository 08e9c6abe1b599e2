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
