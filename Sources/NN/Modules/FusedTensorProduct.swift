public import E3xEngine
internal import E3xExact
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

  /// A fused tensor product; parameters as of `e3x.nn.FusedTensor`.
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

  /// Couples both inputs; shapes as of ``TensorProduct``.
  /// - Throws: `ArgumentError` naming `inputs1`, `inputs2`, `max_degree` or `params`.
  public func callAsFunction(
    _ scope: Scope, _ inputs1: Tensor, _ inputs2: Tensor
  ) throws -> Tensor {
    let shapes = try ProductShapes(
      "FusedTensor", inputs1, inputs2, maxDegree: maxDegree,
      includePseudotensors: includePseudotensors)
    let (first, second, result) = (shapes.first, shapes.second, shapes.result)
    let kernels = try kernels(scope, shapes)
    let type = computeType(dtype, [inputs1, inputs2] + kernels.values)
    let basis = MatrixBasis(
      degree: (max(first.maxDegree, second.maxDegree, result.maxDegree) + 1) / 2,
      cartesianOrder: cartesianOrder)

    func kernel(_ name: String) throws -> Tensor { try kernels[name]!.cast(to: type) }
    func matrix(_ rows: Tensor, _ shape: FeatureShape, odd: Bool, _ name: String) throws -> Tensor?
    {
      guard let table = basis.fromIrreps(shape, odd: odd) else { return nil }
      return try .couple(table, [rows, kernel(name)], output: 2)
    }
    let x = try shapes.rows(inputs1, first, type)
    let y = try shapes.rows(inputs2, second, type)
    let xs = [
      try matrix(x, first, odd: false, "kernel_e1"), try matrix(x, first, odd: true, "kernel_o1"),
    ]
    let ys = [
      try matrix(y, second, odd: false, "kernel_e2"), try matrix(y, second, odd: true, "kernel_o2"),
    ]
    var sum: Tensor?
    for (i, j, name) in [
      (0, 0, "kernel_eee"), (1, 1, "kernel_ooe"), (0, 1, "kernel_eoo"), (1, 0, "kernel_oeo"),
    ] {
      guard let a = xs[i], let b = ys[j],
        let table = basis.toIrreps(result, odd: i != j)
      else { continue }
      let product = try Tensor.couple(basis.product, [a, b], output: 2)
      let part = try Tensor.couple(table, [product, kernel(name)], output: 2)
      if let total = sum { sum = try total + part } else { sum = part }
    }
    return try (sum ?? .zeros(result.shape, dtype: type)).reshaped(to: result.shape)
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

/// The coupling tables between irreps and square matrices of 2l̃+1 rows.
private struct MatrixBasis {
  let degree: Int
  let cartesianOrder: Bool

  private var size: Int { 2 * degree + 1 }
  private var suffix: String { "\(degree)\(cartesianOrder ? "" : " spherical")" }

  /// Slots: left, right, product.
  var product: CouplingTable {
    let size = size
    return CouplingTables.shared.table("matrix product \(degree)") {
      var terms: [CouplingTable.Term] = []
      for i in 0..<size {
        for j in 0..<size {
          for k in 0..<size { terms.append(.init([i * size + k, k * size + j, i * size + j], 1)) }
        }
      }
      let count = size * size
      return CouplingTable(
        name: "matrix product \(degree)", sizes: [count, count, count], terms: terms)
    }
  }

  /// Slots: irreps, kernel, matrix; nil if there are no irreps of that parity.
  func fromIrreps(_ shape: FeatureShape, odd: Bool) -> CouplingTable? {
    let blocks = shape.blocks.filter { $0.isOdd == odd }
    if blocks.isEmpty { return nil }
    let name =
      "irreps to matrix \(suffix) (\(shape.parities) \(shape.maxDegree) \(odd ? "odd" : "even"))"
    return CouplingTables.shared.table(name) {
      CouplingTable(
        name: name, sizes: [shape.components, shape.maxDegree + 1, size * size],
        terms: blocks.flatMap { block in
          entries(block).map { .init([$0.irrep, block.degree, $0.matrix], $0.value) }
        })
    }
  }

  /// Slots: matrix, kernel, irreps; nil if the output has none of that parity.
  func toIrreps(_ shape: FeatureShape, odd: Bool) -> CouplingTable? {
    let blocks = shape.blocks.filter { $0.isOdd == odd }
    if blocks.isEmpty { return nil }
    let name =
      "matrix to irreps \(suffix) (\(shape.parities) \(shape.maxDegree) \(odd ? "odd" : "even"))"
    return CouplingTables.shared.table(name) {
      CouplingTable(
        name: name, sizes: [size * size, shape.maxDegree + 1, shape.components],
        terms: blocks.flatMap { block in
          entries(block).map { .init([$0.matrix, block.degree, $0.irrep], $0.value) }
        })
    }
  }

  private func entries(_ block: FeatureBlock) -> [(irrep: Int, matrix: Int, value: Double)] {
    ClebschGordan.terms(degree, degree, block.degree, cartesianOrder: cartesianOrder).map { term in
      (block.start + term.third, term.first * size + term.second, term.value)
    }
  }
}
