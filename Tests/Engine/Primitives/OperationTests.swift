import E3xEngine
import E3xInterpreter
import TestSupport
import Testing

@Suite(.verifiedPlans) struct OperationTests {
  @Test(arguments: [ExecutorChoice.stepwise, .planned, .interpreter])
  func viewsBehaveAsCopies(executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      // Permuted, sliced and broadcast operands, and what is done to them.
      let x = try testValues([4, 3, 5], seed: 1)
      let view = try x.permuted([2, 0, 1]).sliced(1..<4, axis: 0).sliced(0..<2, axis: 2)
      let copy = try view.materialized()
      func operations(_ t: Tensor) throws -> [Tensor] {
        [
          try t.exp(), try t + t.sliced(1..<2, axis: 1), try t.sum([1]), try t.sum([0, 2]),
          try t.max(),
          try t.reshaped(to: [2, 12]), try t.permuted([1, 2, 0]).reshaped(to: [24]),
          try t.padded(before: 1, axis: 1), try t.matmul(t.transposed()), try t.mean([2]),
          try Tensor.concatenate([t, t.permuted([0, 1, 2])], axis: 2),
          try t.gathered(Tensor([2, 0] as [Int32])),
          try t.segmentSum(Tensor([1, 1, 0] as [Int32]), count: 2),
          try t.linear(testValues([1, 2, 3], seed: 3), blocks: [0, 0, -1, 0]),
          try t.isGreater(than: 0), try t.cast(to: .int32),
          try t.broadcast(to: [2, 3, 4, 2]).sum([1]),
        ]
      }
      for (a, b) in matched(try operations(view), try operations(copy)) {
        #expect(a.shape == b.shape)
        #expect(try a.scalars(as: Double.self) == b.scalars(as: Double.self))
      }
    }
  }

  @Test func sizesOfZeroAndOne() throws {
    let empty = try Tensor([] as [Float], shape: [0, 3])
    #expect(try empty.sum([0]).scalars() == [0, 0, 0] as [Float])
    #expect(try empty.exp().scalars() == [] as [Float])
    #expect(try empty.max([0]).scalars() == [-Float.infinity, -.infinity, -.infinity])
    #expect(try empty.gathered(Tensor([] as [Int32])).shape == [0, 3])
    #expect(
      try empty.segmentSum(Tensor([] as [Int32]), count: 2).scalars()
        == [Float](repeating: 0, count: 6))
    let x = try Tensor([] as [Float], shape: [2, 0])
    #expect(try x.matmul(Tensor.zeros([0, 2])).scalars() == [0, 0, 0, 0] as [Float])
    #expect(try Tensor(2).square().item() == 4)
  }

  @Test func longSumsStayAccurate() throws {
    let count = 1_000_000
    let x = Tensor([Float](repeating: 0.1, count: count))
    let expected = Double(Float(0.1)) * Double(count)
    #expect(abs(try x.sum().item() - expected) <= 1e-6 * expected)
    let columns = try x.reshaped(to: [Dimension(count / 4), 4]).sum([0])
    for sum in try columns.scalars(as: Double.self) {
      #expect(abs(sum - expected / 4) <= 1e-6 * expected)
    }
  }

  @Test func integersAndTruthValues() throws {
    let a = Tensor([7, -7, 5, 0] as [Int32])
    let b = Tensor([2, 2, 0, 3] as [Int32])
    #expect(try (a / b).scalars() == [3, -3, 0, 0] as [Int32])
    #expect(try (a * b - a).scalars() == [7, -7, -5, 0] as [Int32])
    #expect(try Tensor.maximum(a, b).scalars() == [7, 2, 5, 3] as [Int32])
    let larger = try a.isGreater(than: b)
    #expect(try larger.scalars() == [true, false, true, false])
    #expect(
      try larger.not().or(larger).and(larger).xor(larger).scalars() == [false, false, false, false])
    #expect(
      try Tensor([2.9, -2.9, .nan] as [Double]).cast(to: .int32).scalars() == [2, -2, 0] as [Int32])
    #expect(try Tensor.iota([2, 3], axis: 1).scalars() == [0, 1, 2, 0, 1, 2] as [Int32])
  }

  @Test(arguments: [ExecutorChoice.stepwise, .planned, .interpreter], [-1, 4, 7])
  func indicesOutOfRangeNameTheirPlace(executor: ExecutorChoice, index: Int32) throws {
    try ExecutorChoice.$override.withValue(executor) {
      let x = try testValues([3, 2], seed: 1)
      let list = Tensor([0, 1, index, 2] as [Int32])
      for tensor in [
        try x.gathered(list),
        try testValues([4, 2], seed: 2).segmentSum(list, count: 3),
        try testValues([4, 2], seed: 2).segmentMax(list, count: 3),
      ] {
        let error = #expect(throws: EvaluationError.self) { try tensor.scalars(as: Double.self) }
        #expect(error?.description.contains("index \(index) at position 2") == true)
      }
      let padding = try x.gathered(Tensor([0, 3] as [Int32]), padding: .refused)
      #expect(throws: EvaluationError.self) { try padding.scalars(as: Double.self) }
    }
  }

  @Test func shapeErrorsNameOperationShapesAndRule() throws {
    let (a, b) = (Tensor.zeros([3, 4]), Tensor.zeros([5]))
    let error = #expect(throws: ShapeError.self) { try a + b }
    #expect(error?.operation == "add")
    #expect(error?.shapes == [[3, 4], [5]])
    #expect(error?.description.contains("do not broadcast") == true)
    for attempt: () throws -> Tensor in [
      { try a.matmul(a) }, { try a.reshaped(to: [5]) }, { try a.permuted([0, 0]) },
      { try a.sliced(2..<5, axis: 1) }, { try a.sum([2]) }, { try a.sum([0, 0]) },
      { try Tensor.concatenate([], axis: 0) }, { try Tensor.concatenate([a, b], axis: 0) },
      { try a.broadcast(to: [4]) }, { try a.squeezed(axis: 0) }, { try a.gathered(b) },
      { try a.segmentSum(Tensor([0] as [Int32]), count: 1) },
      { try a.polynomials(.init(name: "", polynomials: [])) },
      { try Tensor.zeros([2, 3]).polynomials(.init(name: "", polynomials: [[]], weights: 1)) },
      {
        try Tensor.zeros([2, 3]).polynomials(
          .init(name: "", polynomials: [[]], weights: 1), weights: .zeros([2, 2]))
      },
      {
        try Tensor.zeros([2, 3]).polynomials(
          .init(name: "", polynomials: [[]]), weights: .zeros([2, 1]))
      },
      { try a + Tensor.zeros([3, 4], dtype: .float64) }, { try a.not() },
      { try a.cast(to: .bool).exp() },
      { try Tensor([1, 2] as [Float], shape: [3]) }, { try gradient(of: a, withRespectTo: [a])[0] },
    ] {
      #expect(throws: ShapeError.self) { try attempt() }
    }
  }
}
