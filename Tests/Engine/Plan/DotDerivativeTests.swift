import E3xEngine
import TestSupport
import Testing

/// All derivatives of sums of products at once, in a sweep.
@Suite(.verifiedPlans) struct DotDerivativeTests {
  private static let table = CouplingTable(
    name: "dot", sizes: [3, 3, 2, 1],
    terms: [.init([0, 1, 0, 0], 1), .init([1, 0, 1, 0], 0.5), .init([2, 2, 1, 0], -1)])

  /// The weights' derivative of one sum is a factor of another, whose derivatives stand before the
  /// others of the first: it may not be made with them.
  @Test(arguments: [ExecutorChoice.automatic, .planned])
  func derivativesThatOthersNeedFirst(_ choice: ExecutorChoice) throws {
    let rows = Dimension.rows("pairs")
    let specifications = [[3, 4], [3, 4], [2, 4], [1, 4]].map { sizes in
      TensorSpecification(Shape([rows] + sizes.map { Dimension($0) }), dtype: .float64)
    }
    func opened(
      _ slot: Int, _ x: Tensor, _ y: Tensor, _ w: Tensor, _ d: Tensor
    ) throws -> Tensor {
      var operands = [x, y, w, d]
      operands.remove(at: slot)
      return try .couple(Self.table, operands, output: slot)
    }
    func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications) { arguments in
          let (x, y, w, d) = (arguments[0], arguments[1], arguments[2], arguments[3])
          let factor = try opened(2, x, y, w, d)
          let others = try (0..<3).map { try opened($0, y, x, factor, d) }
          return try [factor] + others + [opened(0, x, y, w, d), opened(1, x, y, w, d)]
        }
      }
    }
    let count = 700
    let arguments = try [[3, 4], [3, 4], [2, 4], [1, 4]].enumerated().map { seed, sizes in
      try testValues([count] + sizes, seed: seed)
    }
    let expected = try compiled(.stepwise)(arguments)
    for (index, (found, plain)) in matched(try compiled(choice)(arguments), expected).enumerated() {
      try expectAgreement(found, with: plain, tolerance: 1e-13, "result \(index)")
    }
  }
}
