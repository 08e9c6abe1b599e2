import E3xEngine
import E3xInterpreter
import Foundation
import TestSupport
import Testing

@Suite(.verifiedPlans) struct GraphTests {
  @Test(arguments: [ExecutorChoice.stepwise, .planned, .automatic, .interpreter])
  func oneTraceServesEveryNumberOfRows(executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
      func model(_ arguments: [Tensor]) throws -> [Tensor] {
        let (x, list, weights) = (arguments[0], arguments[1], arguments[2])
        let messages = try x.gathered(list).expanded(at: -2).linear(weights, blocks: [0])
          .squeezed(axis: -2).tanh()
        let sums = try messages.segmentSum(list, count: x.shape[0])
        let energy = try (sums * x).mean()
        let slope = try gradient(of: energy, withRespectTo: [x])[0]
        return [sums, slope, try gradient(of: slope.square().sum(), withRespectTo: [weights])[0]]
      }
      let function = try CompiledFunction(
        [
          TensorSpecification([atoms, 3], dtype: .float64),
          TensorSpecification([pairs], dtype: .int32),
          TensorSpecification([1, 3, 3], dtype: .float64),
        ], model)
      let weights = try testValues([1, 3, 3], seed: 3)
      for (count, list) in [
        (4, [0, 1, 1, 3, 2, 0]), (1, [0]), (1, [0, 0, 1]), (3, []),
        (700, (0..<2000).map { $0 % 700 }),
      ] as [(Int, [Int])] {
        let arguments = [
          try testValues([count, 3], seed: count), Tensor(list.map { Int32($0) }), weights,
        ]
        let traced = try function(arguments)
        let direct = try ExecutorChoice.$override.withValue(.stepwise) {
          let tensors = try model(arguments)
          try evaluate(tensors)
          return tensors
        }
        for (a, b) in matched(traced, direct) { try expectAgreement(a, with: b, tolerance: 1e-12) }
      }
    }
  }

  @Test func argumentsThatDoNotFitAreRefused() throws {
    let rows = Dimension.rows("rows")
    let function = try CompiledFunction(
      [TensorSpecification([rows, 2]), TensorSpecification([rows])]
    ) { [try $0[0].sum([1]) + $0[1]] }
    let x = try Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
    #expect(try function([x, Tensor([1, 2] as [Float])])[0].scalars() == [4, 9] as [Float])
    #expect(throws: ShapeError.self) { try function([x]) }
    #expect(throws: ShapeError.self) { try function([x, Tensor([1] as [Float])]) }
    #expect(throws: ShapeError.self) { try function([x, Tensor([1, 2] as [Double])]) }
    #expect(throws: ShapeError.self) {
      try CompiledFunction([TensorSpecification([2])]) { _ in [.zeros([rows])] }
    }
    #expect(throws: ShapeError.self) { try Tensor.zeros([rows, 2]).scalars(as: Float.self) }
  }

  @Test func equalOperationsStandOnce() throws {
    let function = try CompiledFunction([TensorSpecification([3])]) { arguments in
      let x = arguments[0]
      let unused = try x.exp()
      _ = try unused + 1
      return [try x.sin() * x.cos() + x.sin() * x.cos()]
    }
    let text = function.description
    #expect(text.components(separatedBy: "= sin").count == 2)
    #expect(!text.contains("exp"))
    #expect(function.operationCount == 5)
    #expect(text.contains("%0 = input(0) : float32 [3]"))
  }

  @Test func longChainsNeedNoDeepStack() throws {
    var x = Tensor([1] as [Double])
    for _ in 0..<100_000 { x = try x + 1e-3 }
    #expect(abs(try x.item() - 101) <= 1e-6)
  }

  @Test(arguments: [ExecutorChoice.stepwise, .automatic])
  func theNumberOfThreadsChangesNothing(executor: ExecutorChoice) throws {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let function = try ExecutorChoice.$override.withValue(executor) {
      try CompiledFunction(
        [
          TensorSpecification([atoms, 8]), TensorSpecification([pairs], dtype: .int32),
          TensorSpecification([pairs], dtype: .int32), TensorSpecification([1, 8, 8]),
        ]
      ) { arguments in
        let (x, dst, src, weights) = (arguments[0], arguments[1], arguments[2], arguments[3])
        let pair = try (x.gathered(src) * x.gathered(dst)).expanded(at: -2)
          .linear(weights, blocks: [0]).squeezed(axis: -2)
        let y = try pair.exp().segmentSum(dst, count: x.shape[0])
        let energy = try (y * x).sum()
        return [y] + (try gradient(of: energy, withRespectTo: [x, weights]))
      }
    }
    let (n, p) = (500, 20_000)
    let random = try RandomKey(seed: 4).split(3)
    let arguments = [
      try testValues([n, 8], seed: 1).cast(to: .float32),
      Tensor((0..<p).map { Int32($0 * n / p) }),
      try Tensor(random[0].integers(count: p, in: 0..<Int32(n))),
      try testValues([1, 8, 8], seed: 2).cast(to: .float32),
    ]
    var bits: [[UInt32]] = []
    for threads in [1, 2, 5] {
      let pool = ThreadPool(threads: threads)
      let results = try function.call(arguments, on: pool)
      bits.append(try results.flatMap { try $0.scalars(as: Float.self).map(\.bitPattern) })
    }
    #expect(bits[0] == bits[1])
    #expect(bits[0] == bits[2])
  }
}
