import E3xEngine
import E3xInterpreter
import Testing

/// What primitives mean, by numbers worked out by hand.
@Suite struct InterpreterTests {
  /// The elements of what `function` computes.
  private func interpreted(_ function: () throws -> Tensor) throws -> [Double] {
    try ExecutorChoice.$override.withValue(.interpreter) {
      try function().scalars()
    }
  }

  private let matrix = try! Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [2, 3])

  @Test func elementsAreMoved() throws {
    #expect(try interpreted { try matrix.permuted([1, 0]) } == [1, 4, 2, 5, 3, 6])
    #expect(try interpreted { try matrix.sliced(1..<3, axis: 1) } == [2, 3, 5, 6])
    #expect(
      try interpreted { try matrix.padded(before: 1, axis: 0) } == [0, 0, 0, 1, 2, 3, 4, 5, 6])
    #expect(
      try interpreted { try .concatenate([matrix.sliced(2..<3, axis: 1), matrix], axis: 1) }
        == [3, 1, 2, 3, 6, 4, 5, 6])
    #expect(
      try interpreted { try matrix.sum([0]).broadcast(to: [2, 3]) } == [5, 7, 9, 5, 7, 9])
    #expect(try interpreted { try .iota([2, 2], axis: 1) } == [0, 1, 0, 1])
  }

  @Test func numbersAreThoseOfTheElementType() throws {
    let big = Tensor([2_000_000_000, -7, Int32.min] as [Int32])
    let small = Tensor([2_000_000_000, 2, -1] as [Int32])
    #expect(try interpreted { try big + small } == [-294_967_296, -5, 2_147_483_647])
    #expect(try interpreted { try big * small } == [-1_651_507_200, -14, -2_147_483_648])
    #expect(try interpreted { try big / small } == [1, -3, -2_147_483_648])
    #expect(try interpreted { try big / (small - small) } == [0, 0, 0])
    let third = try Tensor([1, 2] as [Float]) / Tensor([3, 3] as [Float])
    #expect(try interpreted { third } == [Double(Float(1) / 3), Double(Float(2) / 3)])
    let half = try Tensor([2049, 65_520] as [Float]).cast(to: .float16)
    #expect(try interpreted { try half.cast(to: .float32) } == [2048, .infinity])
  }

  /// Every number of 16 bits comes back as the same bits.
  @Test(arguments: [DType.float16, .bfloat16]) func numbersOfSixteenBits(_ dtype: DType) throws {
    let format = try #require(dtype.format)
    for bits in UInt16.min...UInt16.max {
      let number = format.number(bits)
      if number.isNaN { continue }
      #expect(format.bits(number) == bits && format.nearest(number) == number)
    }
    #expect(format.number(format.bits(.nan)).isNaN)
    let x = try Tensor([0.1, -3, 1e-7] as [Float]).cast(to: dtype).materialized()
    let same = try ExecutorChoice.$override.withValue(.interpreter) {
      try CompiledFunction([TensorSpecification([3], dtype: dtype)]) { [try -(-$0[0])] }([x])[0]
    }
    #expect(try same.scalars() == x.scalars() as [Float])
  }

  @Test func valuesWithoutNumbers() throws {
    let x = Tensor([.nan, 1, -.infinity] as [Double])
    let y = Tensor([0, .nan, 2] as [Double])
    #expect(try interpreted { try .maximum(x, y) }.map(\.isNaN) == [true, true, false])
    #expect(try interpreted { try x.max() }[0].isNaN)
    #expect(try interpreted { try y.sliced(0..<0, axis: 0).max() } == [-.infinity])
    #expect(try interpreted { try x.cast(to: .int32) } == [0, 1, -2_147_483_648])
  }

  @Test func indexLists() throws {
    let list = Tensor([1, 2, 0] as [Int32])
    #expect(try interpreted { try matrix.gathered(list) } == [4, 5, 6, 4, 5, 6, 1, 2, 3])
    #expect(
      try interpreted { try matrix.gathered(list, padding: .zero) }
        == [4, 5, 6, 0, 0, 0, 1, 2, 3])
    let sums = Tensor([2, 0] as [Int32])
    #expect(
      try interpreted { try matrix.segmentSum(sums, count: 3) } == [4, 5, 6, 0, 0, 0, 1, 2, 3])
    #expect(
      try interpreted { try (-matrix).segmentMax(sums, count: 3, empty: 9) }
        == [-4, -5, -6, 9, 9, 9, -1, -2, -3])
    #expect(throws: EvaluationError.self) {
      try interpreted { try matrix.gathered(Tensor([3] as [Int32])) }
    }
    #expect(throws: EvaluationError.self) {
      try interpreted { try matrix.segmentSum(Tensor([-1, 0] as [Int32]), count: 3) }
    }
  }

  @Test func products() throws {
    let rows = try matrix.reshaped(to: [1, 2, 3])
    #expect(try interpreted { try matrix.matmul(matrix.transposed()) } == [14, 32, 32, 77])
    // Components 0 and 1 have the matrices 1 and none.
    let weights = try Tensor((0..<6).map { Double($0) }, shape: [2, 3, 1])
    #expect(try interpreted { try rows.linear(weights, blocks: [1, -1]) } == [26, 0])
    // T = 2 a0 b1 c0 - a1 b0 c1.
    let table = CouplingTable(
      name: "by hand", sizes: [2, 2, 2], terms: [.init([0, 1, 0], 2), .init([1, 0, 1], -1)])
    let (a, b) = (
      try matrix.sliced(0..<1, axis: 1).expanded(at: 0), try matrix.sliced(1..<2, axis: 1)
    )
    #expect(try interpreted { try .couple(table, [a, b], output: 2) } == [10, -8])
    #expect(try interpreted { try .couple(table, [a, b], output: 0) } == [16, -5])
  }

  @Test func harmonicsAndPolynomials() throws {
    let point = try Tensor([1, 2, 3] as [Double], shape: [1, 3])
    // All solid harmonics to degree 2 in Racah's normalisation.
    let harmonics = PolynomialTable(
      name: "all",
      harmonics: HarmonicCombinations(maxDegree: 2, combinations: (0..<9).map { [.init($0, 1)] }))
    let root = 3.0.squareRoot()
    let expected = [1, 2, 3, 1, root * 2, root * 6, 6.5, root * 3, root * -1.5]
    let found = try interpreted { try point.polynomials(harmonics) }
    for (x, y) in zip(found, expected) { #expect(abs(x - y) <= 1e-14 * 10) }
    #expect(found.count == expected.count)
    let polynomials = PolynomialTable(
      name: "two",
      polynomials: [[.init((2, 1, 0), 3), .init((0, 0, 1), 1)], [.init((0, 0, 2), -1)]],
      weights: 2)
    let weights = try Tensor([10, 1] as [Double], shape: [1, 2])
    #expect(
      try interpreted { try point.polynomials(polynomials, weights: weights) } == [81])
    let vectors = try Tensor([3, 0, -4, 1e-300, 0, 0, 0, 0, 0] as [Double], shape: [3, 3])
    #expect(try interpreted { try vectors.length() } == [5, 1e-300, 0])
    #expect(
      try interpreted { try vectors.direction(above: 0) } == [0.6, 0, -0.8, 1, 0, 0, 0, 0, 0])
  }

  @Test func valuesThatAreRefused() throws {
    let function = try ExecutorChoice.$override.withValue(.interpreter) {
      try CompiledFunction([TensorSpecification([2])]) {
        [try $0[0].checked(.notNegative, "cutoff", "x")]
      }
    }
    #expect(try function([Tensor([0, 1] as [Float])])[0].scalars() == [0, 1] as [Float])
    let error = #expect(throws: EvaluationError.self) {
      try function([Tensor([0, -0.1] as [Float])])
    }
    #expect(
      error?.description == "cutoff: x: must not be negative, received -0.1 at position 1")
  }
}
