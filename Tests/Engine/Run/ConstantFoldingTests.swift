import E3xEngine
import TestSupport
import Testing

@Suite(.verifiedPlans) struct ConstantFoldingTests {
  @Test func whatDependsOnConstantsAloneIsNotInTheGraph() throws {
    let weights = try Tensor([1, 2, 3, 4] as [Double], shape: [2, 2])
    let rows = Dimension.rows("rows")
    let function = try CompiledFunction([TensorSpecification([rows, 2], dtype: .float64)]) {
      arguments in
      let both = try Tensor.concatenate([weights.square(), weights.exp().log()], axis: 0)
      return [try arguments[0].matmul(both.sliced(1..<3, axis: 0))]
    }
    // The argument, the folded matrix, the product.
    #expect(function.operationCount == 3, "\(function)")
    let result = try function([Tensor([1, 1] as [Double], shape: [1, 2])])[0]
    let values: [Double] = try result.scalars()
    #expect(abs(values[0] - 10) < 1e-12 && abs(values[1] - 18) < 1e-12)
  }

  @Test func sizesThatComeAgainAndManyOthersGiveTheSame() throws {
    let rows = Dimension.rows("rows")
    let function = try ExecutorChoice.$override.withValue(.planned) {
      try CompiledFunction([TensorSpecification([rows, 2], dtype: .float64)]) { arguments in
        [try (arguments[0] * 2).sum([0])]
      }
    }
    // More sizes than are kept, each twice.
    for size in Array(0..<40) + Array(0..<40) {
      let x = try Tensor([Double](repeating: 1, count: 2 * size), shape: [size, 2])
      let sums: [Double] = try function([x])[0].scalars()
      #expect(sums == [2 * Double(size), 2 * Double(size)])
    }
  }
}
