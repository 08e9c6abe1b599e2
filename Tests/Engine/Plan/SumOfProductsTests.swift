import E3xEngine
import TestSupport
import Testing

/// Sums over components of products of two rows, which sweeps compute without the products.
@Suite(.verifiedPlans) struct SumOfProductsTests {
  private static let rows = Dimension.rows("pairs")

  enum Form: CaseIterable {
    /// Summed as they are.
    case sum
    /// Of gathered rows.
    case gathered
    /// The product is needed beside its sum.
    case product
    /// One factor is the same for all components.
    case factor
    /// Summed over the features instead.
    case features
    case square, maximum

    var isWithoutProduct: Bool { self == .sum || self == .gathered }

    func callAsFunction(_ x: Tensor, _ y: Tensor, _ index: Tensor) throws -> [Tensor] {
      // So that it is computed in the sweep.
      let (x, y) = (try x + 1, try y * 2)
      switch self {
      case .sum: return [try (x * y).sum([-2])]
      case .gathered: return [try (x * y.gathered(index)).sum([-2])]
      case .product:
        let product = try x * y
        return [try product.sum([-2]), product]
      case .factor: return [try (x * y.sliced(0..<1, axis: -2)).sum([-2])]
      case .features: return [try (x * y).sum([-1])]
      case .square: return [try x.square().sum([-2])]
      case .maximum: return [try (x * y).max([-2])]
      }
    }
  }

  @Test(arguments: Form.allCases, [DType.float32, .float64])
  func agreesWithThePlainExecutor(_ form: Form, _ dtype: DType) throws {
    for (components, features, count) in [(9, 32, 700), (2, 5, 33), (4, 17, 1), (3, 1, 50)] {
      let shape = Shape([Self.rows, Dimension(components), Dimension(features)])
      let specifications = [
        TensorSpecification(shape, dtype: dtype), TensorSpecification(shape, dtype: dtype),
        TensorSpecification([Self.rows], dtype: .int32),
      ]
      func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
        try ExecutorChoice.$override.withValue(choice) {
          try CompiledFunction(specifications) { arguments in
            let results = try form(arguments[0], arguments[1], arguments[2])
            let total = try results.map { try $0.square().sum() }.reduce(results[0].sum()) {
              try $0 + $1
            }
            return try results
              + gradient(of: total, withRespectTo: [arguments[0], arguments[1]])
          }
        }
      }
      let arguments =
        try (0..<2).map { seed in
          try testValues([count, components, features], seed: seed).cast(to: dtype)
        } + [Tensor((0..<count).map { Int32($0 * 7 % count) })]
      let planned = try compiled(.planned)
      let found = try planned(arguments)
      for (index, plain) in try compiled(.stepwise)(arguments).enumerated() {
        try expectAgreement(
          found[index], with: plain, tolerance: dtype == .float32 ? 2e-5 : 1e-12,
          "\(form), \(components) x \(features), result \(index)")
      }
    }
  }

  @Test(arguments: Form.allCases) func productsAreLeftOut(_ form: Form) throws {
    let shape = Shape([Self.rows, 9, 32])
    let planned = try ExecutorChoice.$override.withValue(.planned) {
      try CompiledFunction([
        TensorSpecification(shape, dtype: .float32), TensorSpecification(shape, dtype: .float32),
        TensorSpecification([Self.rows], dtype: .int32),
      ]) { try form($0[0], $0[1], $0[2]) }
    }
    let plan = planned.plan
    #expect(plan.contains("9 terms, 32 features") == form.isWithoutProduct, "\(plan)")
  }
}
