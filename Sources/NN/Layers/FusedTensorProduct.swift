public import E3xEngine
public import E3xSO3

/// A cheaper tensor product with fewer weights: irreps become matrices, matrices are multiplied,
/// and the products become irreps again. Matches `e3x.nn.FusedTensor`.
///
/// Parameters: `kernel_e1`, `kernel_o1` [L1+1, F]; `kernel_e2`, `kernel_o2` [L2+1, F];
/// `kernel_eee`, `kernel_ooe`, `kernel_eoo`, `kernel_oeo` [L3+1, F] (e: even, o: odd).
public struct FusedTensorProduct: Sendable {
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
  public var kernelInit: FusedInitializer

  /// A fused tensor product.
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
    kernelInit: FusedInitializer = .normal
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
    try product(scope, inputs1, inputs2, isSummed: false)
  }

  /// - Parameter isSummed: Whether rows of the product are added up afterwards: then outer products
  ///   of the factors can be, before they are coupled.
  func product(
    _ scope: Scope, _ inputs1: Tensor, _ inputs2: Tensor, isSummed: Bool
  ) throws -> Tensor {
    let shapes = try ProductShapes(
      "FusedTensor", inputs1, inputs2, maxDegree: maxDegree,
      includePseudotensors: includePseudotensors)
    let (first, second, result) = (shapes.first, shapes.second, shapes.result)
    let basis = MatrixBasis(
      degree: (max(first.maxDegree, second.maxDegree, result.maxDegree) + 1) / 2,
      cartesianOrder: cartesianOrder)
    try shapes.check(
      "FusedTensor", maxDegree, work: basis.work + (isSummed ? CouplingPaths(shapes).work : 0))
    let kernels = try kernels(scope, shapes)
    let type = computeType(dtype, [inputs1, inputs2] + kernels.values)
    let weights = try kernels.mapValues { try $0.cast(to: type) }
    let x = try shapes.rows(inputs1, first, type)
    let y = try shapes.rows(inputs2, second, type)
    let plan = MatrixProducts(basis, shapes)
    let isByPaths =
      isSummed
      && CouplingCost.favoursOuterProducts(
        of: (first.components, second.components), over: plan.couplings)
    let rows =
      isByPaths
      ? try coupled(x, y, weights, shapes, basis) : try plan.multiplied(x, y, weights)
    return try (rows ?? .zeros(result.shape, dtype: type)).reshaped(to: result.shape)
  }

  /// The product as a tensor product with weights of its own for every path.
  private func coupled(
    _ x: Tensor, _ y: Tensor, _ weights: [String: Tensor], _ shapes: ProductShapes,
    _ basis: MatrixBasis
  ) throws -> Tensor {
    let paths = CouplingPaths(shapes)
    func stacked(_ names: [String]) throws -> Tensor {
      try .concatenate(names.map { weights["kernel_" + $0]! }, axis: 0)
    }
    let kernel = try Tensor.couple(
      basis.pathWeights(paths),
      [stacked(["e1", "o1"]), stacked(["e2", "o2"]), stacked(["eee", "ooe", "eoo", "oeo"])],
      output: 3)
    let table = CouplingTables.shared.tensorProduct(paths, cartesianOrder: cartesianOrder)
    return try Tensor.couple(table, [kernel, x, y], output: 3)
  }

  private func kernels(_ scope: Scope, _ shapes: ProductShapes) throws -> [String: Tensor] {
    let (first, second, result) = (shapes.first, shapes.second, shapes.result)
    let maxDegree = max(first.maxDegree, second.maxDegree, result.maxDegree)
    let size = Double(2 * ((maxDegree + 1) / 2) + 1)
    let incoming =
      size.squareRoot() / Double(min(first.maxDegree + 1, second.maxDegree + 1))
    let bothSimple = first.parities == 1 && second.parities == 1

    /// Variances of the kernels of a factor: without pseudotensors only half of the degrees are
    /// there.
    func variances(_ shape: FeatureShape, odd: Bool) -> [Double] {
      (0...shape.maxDegree).map { degree in
        shape.parities == 2 || (degree % 2 == 1) == odd ? incoming : 0
      }
    }
    func outgoing(odd: Bool) -> [Double] {
      (0...result.maxDegree).map { degree in
        // Proper tensors give no pseudoscalars.
        if odd && bothSimple && degree == 0 { return 0 }
        if first.parities == 2 && second.parities == 2 { return 0.5 }
        let doubled = bothSimple && first.maxDegree > 0 && second.maxDegree > 0 && degree > 0
        return doubled ? 2 : 1
      }
    }
    var kernels: [String: Tensor] = [:]
    for (name, variances) in [
      ("kernel_e1", variances(first, odd: false)), ("kernel_o1", variances(first, odd: true)),
      ("kernel_e2", variances(second, odd: false)), ("kernel_o2", variances(second, odd: true)),
      ("kernel_eee", outgoing(odd: false)), ("kernel_ooe", outgoing(odd: false)),
      ("kernel_eoo", outgoing(odd: true)), ("kernel_oeo", outgoing(odd: true)),
    ] {
      kernels[name] = try scope.parameter(
        name, shape: [variances.count, result.features], dtype: paramDtype,
        initializer: kernelInit.initializer(variances))
    }
    return kernels
  }
}

/// The product by way of matrices: the couplings that it takes.
private struct MatrixProducts {
  /// From the irreps of each factor; even, then odd; nil where a factor has none.
  private let factors: [[CouplingTable?]]
  private let product: CouplingTable
  /// Products of an even or odd first factor (0, 1) with an even or odd second one.
  private let products: [(first: Int, second: Int, kernel: String, toIrreps: CouplingTable)]

  init(_ basis: MatrixBasis, _ shapes: ProductShapes) {
    let factors = [shapes.first, shapes.second].map { shape in
      [false, true].map { basis.fromIrreps(shape, odd: $0) }
    }
    self.factors = factors
    product = basis.product
    products = [
      (0, 0, "kernel_eee"), (1, 1, "kernel_ooe"), (0, 1, "kernel_eoo"), (1, 0, "kernel_oeo"),
    ].compactMap { i, j, kernel in
      guard factors[0][i] != nil, factors[1][j] != nil,
        let toIrreps = basis.toIrreps(shapes.result, odd: i != j)
      else { return nil }
      return (i, j, kernel, toIrreps)
    }
  }

  /// All couplings of a row.
  var couplings: [CouplingTable] {
    factors.joined().compactMap { $0 } + products.flatMap { [product, $0.toIrreps] }
  }

  /// The product of rows; nil if nothing couples.
  func multiplied(_ x: Tensor, _ y: Tensor, _ weights: [String: Tensor]) throws -> Tensor? {
    func matrices(_ rows: Tensor, _ slot: Int) throws -> [Tensor?] {
      try ["e", "o"].enumerated().map { index, parity in
        try factors[slot][index].map { table in
          try .couple(table, [rows, weights["kernel_\(parity)\(slot + 1)"]!], output: 2)
        }
      }
    }
    let (xs, ys) = (try matrices(x, 0), try matrices(y, 1))
    var sum: Tensor?
    for (i, j, kernel, toIrreps) in products {
      let matrix = try Tensor.couple(product, [xs[i]!, ys[j]!], output: 2)
      let part = try Tensor.couple(toIrreps, [matrix, weights[kernel]!], output: 2)
      if let total = sum { sum = try total + part } else { sum = part }
    }
    return sum
  }
}
