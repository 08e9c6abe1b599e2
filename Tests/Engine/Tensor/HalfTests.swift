import E3xEngine
import TestSupport
import Testing

private let halves: [DType] = [.float16, .bfloat16]

@Suite(.verifiedPlans) struct HalfTests {
  @Test func formatsAreThoseOfIEEE() {
    #expect(DType.float16.greatest == 65504)
    #expect(DType.float16.leastNormal == 0x1p-14)
    #expect(DType.float16.epsilon == 0x1p-10)
    #expect(DType.bfloat16.greatest == 0x1.FEp127)
    #expect(DType.bfloat16.leastNormal == 0x1p-126)
    #expect(DType.bfloat16.epsilon == 0x1p-7)
    #expect(DType.float32.greatest == Double(Float.greatestFiniteMagnitude))
    #expect(DType.float64.leastNormal == Double.leastNormalMagnitude)
    #expect(halves.map(\.byteCount) == [2, 2])
  }

  @Test func typesPromoteAsJAXsDo() {
    let types: [DType] = [.bool, .int32, .float16, .bfloat16, .float32, .float64]
    for (i, a) in types.enumerated() {
      for (j, b) in types.enumerated() {
        let wider = types[max(i, j)]
        let expected: DType = a != b && a.isHalf && b.isHalf ? .float32 : wider
        #expect(a.promoted(with: b) == expected)
      }
    }
  }

  @Test(arguments: halves) func everyResultIsRounded(type: DType) throws {
    let values = [1.0, -0.3, 7.7, 1e-6, 1234.5]
    let x = try Tensor(values).cast(to: type)
    let stored = values.map { type.nearest(Double(Float($0))) }
    #expect(try x.scalars(as: Double.self) == stored)
    let third = try x / 3
    #expect(third.dtype == type)
    let quotients = stored.map { type.nearest(Double(Float($0) / 3)) }
    #expect(try third.scalars(as: Double.self) == quotients)
    // A sum adds in float32 and rounds once.
    let ones = try Tensor([Double](repeating: 1, count: 3000)).cast(to: type)
    #expect(try ones.sum().item() == type.nearest(3000))
    #expect(try Tensor(65519.0, dtype: .float16).item() == 65504)
    #expect(try Tensor(65520.0, dtype: .float16).item() == .infinity)
  }

  /// Numbers that float32 would round to the middle of two neighbours.
  @Test func castsRoundOnce() throws {
    let double = Tensor(
      [1 + 0x1p-11 + 0x1p-30, -1 - 0x1p-11 - 0x1p-30, 1 + 0x1p-11] as [Double])
    #expect(double.dtype == .float64)
    #expect(
      try double.cast(to: .float16).scalars(as: Double.self) == [1 + 0x1p-10, -1 - 0x1p-10, 1])
    let other = Tensor([1 + 0x1p-8 + 0x1p-40] as [Double])
    #expect(try other.cast(to: .bfloat16).scalars(as: Double.self) == [1 + 0x1p-7])
    let whole = Tensor([1 << 24 + 1 << 16 + 1] as [Int32])
    #expect(try whole.cast(to: .bfloat16).scalars(as: Double.self) == [0x1p24 + 0x1p17])
  }

  @Test(arguments: halves) func derivativesHaveTheTypeOfWhatTheyBelongTo(type: DType) throws {
    let x = Tensor([0.5, -2, 3] as [Double])
    let narrow = try x.cast(to: type)
    let inner = try gradient(of: (narrow * narrow * narrow).sum(), withRespectTo: [narrow])[0]
    #expect(inner.dtype == type)
    #expect(try inner.scalars() == [0.75, 12, 27] as [Double])
    let second = try gradient(of: inner.sum(), withRespectTo: [narrow])[0]
    #expect(try second.scalars() == [3, -12, 18] as [Double])
    let outer = try gradient(of: (narrow * narrow).sum(), withRespectTo: [x])[0]
    #expect(outer.dtype == .float64)
    #expect(try outer.scalars() == [1, -4, 6] as [Double])
  }

  /// Squares of small and large components are not numbers of these types; lengths are.
  @Test(arguments: halves) func lengthsAreRoundedOnce(type: DType) throws {
    let vectors = [[3, 4, 12], [3e-4, 0, 4e-4], [3000, -4000, 0]] as [[Double]]
    let x = try Tensor(vectors.flatMap { $0 }, shape: [3, 3]).cast(to: type)
    let stored = try x.scalars(as: Double.self)
    let lengths = (0..<3).map { row in
      stored[(3 * row)..<(3 * row + 3)].map { $0 * $0 }.reduce(0, +).squareRoot()
    }
    let norm = try x.norm([-1])
    #expect(norm.dtype == type)
    #expect(try norm.scalars(as: Double.self) == lengths.map { type.nearest($0) })
    let directions = try x.direction([-1]).scalars(as: Double.self)
    #expect(directions == stored.indices.map { type.nearest(stored[$0] / lengths[$0 / 3]) })
  }

  @Test(arguments: halves) func compiledFunctionsRoundAlike(type: DType) throws {
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    func function(_ arguments: [Tensor]) throws -> [Tensor] {
      let (x, dst, src) = (arguments[0], arguments[1], arguments[2])
      let messages = try (x.gathered(src) * 0.3).tanh() * x.gathered(dst)
      let sums = try messages.segmentSum(dst, count: atoms)
      return [sums, try gradient(of: sums.square().sum(), withRespectTo: [x])[0]]
    }
    let specifications = [
      TensorSpecification([atoms, 3, 4], dtype: type), TensorSpecification([pairs], dtype: .int32),
      TensorSpecification([pairs], dtype: .int32),
    ]
    let values = try RandomKey(seed: 3).normal(Float.self, count: 7 * 12)
    let count = 40
    let arguments = [
      try Tensor(values, shape: [7, 3, 4]).cast(to: type),
      Tensor((0..<count).map { Int32($0 * 5 % 7) }), Tensor((0..<count).map { Int32($0 % 6) }),
    ]
    let results = try [ExecutorChoice.stepwise, .planned].map { executor in
      try ExecutorChoice.$override.withValue(executor) {
        try CompiledFunction(specifications, function)(arguments)
      }
    }
    for (plain, planned) in matched(results[0], results[1]) {
      #expect(plain.dtype == type && planned.dtype == type)
      // Sums of another order may round elsewhere.
      try expectAgreement(
        planned.cast(to: .float64), with: plain.cast(to: .float64),
        tolerance: 2 * type.epsilon)
      let shown = try plain.scalars(as: Double.self)
      #expect(shown.allSatisfy { type.nearest($0) == $0 })
    }
  }

  @Test(arguments: halves) func whatOnlyMovesNumbersKeepsThem(type: DType) throws {
    let x = try Tensor([3, 1, -2, 0.1, 5, 4] as [Double], shape: [3, 2]).cast(to: type)
    let rows = try x.gathered(Tensor([2, 0] as [Int32])).permuted([1, 0])
    #expect(rows.dtype == type)
    #expect(try rows.scalars() == [5, 3, 4, 1] as [Double])
    let tenth = type.nearest(Double(Float(0.1)))
    #expect(try x.min().item() == -2 && x.max().item() == 5)
    #expect(try x.sliced(1..<2, axis: 0).absolute().scalars() == [2, tenth] as [Double])
    // An argument that is returned, and nothing else.
    let same = try CompiledFunction([TensorSpecification([3, 2], dtype: type)]) { $0 }([x])[0]
    #expect(same.dtype == type)
    #expect(try same.scalars() == x.scalars() as [Double])
  }
}
