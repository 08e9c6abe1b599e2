import E3xEngine
import TestSupport
import Testing

/// Rows by an index list, as users ask for them.
@Suite struct GatherTests {
  @Test(arguments: 0..<20) func rowsOrZeros(seed: Int) throws {
    var draw = Draw(700 + seed)
    let shape = draw.filledShape(rank: draw.integer(1..<4))
    let (array, x) = try draw.operand(shape, draw.element(DType.allCases))
    let list = draw.shape(rank: draw.integer(0..<3))
    let indices = NaiveArray(list) { _ in Double(draw.integer(0..<(shape[0] + 1))) }
    let expected = NaiveArray(list + shape.dropFirst()) { index in
      let row = Int(indices[Array(index.prefix(list.count))])
      return row == shape[0] ? 0 : array[[row] + index.dropFirst(list.count)]
    }
    try expectValues(x.gathered(at: indices.tensor(.int32)), expected, "\(list) of \(shape)")
  }

  /// <gather x, y> = <x, segment sum y>, padding among the indices.
  @Test func segmentSumsAreTheTranspose() throws {
    let list = Tensor([3, 0, 1, 1, 3, 2, 0], dtype: .int32)
    let (x, y) = (try testValues([3, 2], seed: 1), try testValues([7, 2], seed: 2))
    let there = try (x.gathered(at: list) * y).sum().item()
    let back = try (x * y.segmentSum(list, count: 3)).sum().item()
    #expect(abs(there - back) < 1e-13)
    try expectDerivatives(at: x) { try $0.gathered(at: list).power(3) }
  }

  @Test func indicesOutOfRange() throws {
    let x = Tensor([1, 2, 3])
    for index in [-1.0, 4] {
      let wrong = try x.gathered(at: Tensor([0, index], dtype: .int32))
      #expect(throws: EvaluationError.self) { try evaluate([wrong]) }
    }
    #expect(throws: ShapeError.self) { try x.gathered(at: Tensor([0])) }
    #expect(throws: ShapeError.self) { try Tensor(1).gathered(at: Tensor([0], dtype: .int32)) }
  }
}
