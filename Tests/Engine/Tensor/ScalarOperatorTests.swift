import E3xEngine
import TestSupport
import Testing

/// Numbers beside tensors.
@Suite struct ScalarOperatorTests {
  @Test(arguments: [DType.float32, .float64, .int32, .float16])
  func numbersOfAllTypesOnBothSides(dtype: DType) throws {
    let x = Tensor([1, -2, 4], dtype: dtype)
    let (double, float, integer, index) = (2.0, Float(2), 2, Int32(2))
    func expect(_ results: [Tensor], _ expected: [Double]) throws {
      for result in results {
        #expect(result.dtype == dtype)
        #expect(try result.scalars() == expected)
      }
    }
    try expect([x + 2, x + double, x + float, x + integer, x + index], [3, 0, 6])
    try expect([2 + x, double + x, float + x, integer + x, index + x], [3, 0, 6])
    try expect([x - 2, x - double, x - float, x - integer, x - index], [-1, -4, 2])
    try expect([2 - x, double - x, float - x, integer - x, index - x], [1, 4, -2])
    try expect([x * 2, x * double, x * float, x * integer, x * index], [2, -4, 8])
    try expect([2 * x, double * x, float * x, integer * x, index * x], [2, -4, 8])
    let half = dtype == .int32 ? [0.0, -1, 2] : [0.5, -1, 2]
    try expect([x / 2, x / double, x / float, x / integer, x / index], half)
    let inverse = dtype == .int32 ? [2.0, -1, 0] : [2, -1, 0.5]
    try expect([2 / x, double / x, float / x, integer / x, index / x], inverse)
  }

  /// Literals are Double: what looks like a half is one.
  @Test func literalsDivideAsReals() throws {
    #expect(try (Tensor([4]) * (1 / 2)).item() == 2)
    #expect(try (1 / 2 + Tensor([4])).item() == 4.5)
  }

  @Test func compoundAssignment() throws {
    let (integer, float) = (3, Float(0.5))
    var x = Tensor([1, 2])
    try x += Tensor([10])
    try x -= 1
    try x *= integer
    try x /= float
    #expect(try x.scalars() == [60, 66] as [Float])
    try x += integer
    try x -= x
    #expect(try x.scalars() == [0, 0] as [Float])
    #expect(throws: ShapeError.self) { try x += Tensor([1, 2, 3]) }
    #expect(x.shape == [2])
  }

  @Test func integersHaveNoFractions() throws {
    let x = Tensor([1, 2], dtype: .int32)
    for attempt: () throws -> Tensor in [
      { try x * 0.5 }, { try 2.5 - x }, { try x + 1e10 }, { try Tensor.maximum(x, .nan) },
      { try Tensor.select(x.isLess(than: 2), x, 0.5) },
      { try Tensor.select(x.isLess(than: 2), 0.5, x) },
      { try x / .infinity },
    ] {
      let error = #expect(throws: ShapeError.self) { try attempt() }
      #expect(error?.rule.contains("int32 elements have no") == true)
    }
  }

  @Test(arguments: DType.allCases, [-2, -0.5, 0, 1, 1.5, 3e10, -.infinity, .nan])
  func comparisons(dtype: DType, number: Double) throws {
    let numbers = [-2, -1, 0, 1, 1.5, 2].map { dtype.nearest($0) }
    let x = Tensor(numbers, dtype: dtype)
    func expect(_ compared: Tensor, _ expected: (Double, Double) -> Bool) throws {
      #expect(try compared.scalars() == numbers.map { expected($0, number) })
    }
    try expect(x.isEqual(to: number), ==)
    try expect(x.isNotEqual(to: number), !=)
    guard dtype != .bool else {
      for attempt: () throws -> Tensor in [
        { try x.isLess(than: number) }, { try x.isAtMost(number) },
        { try x.isGreater(than: x) }, { try x.isAtLeast(x) },
      ] {
        #expect(throws: ShapeError.self) { try attempt() }
      }
      return
    }
    try expect(x.isLess(than: number), <)
    try expect(x.isAtMost(number), <=)
    try expect(x.isGreater(than: number), >)
    try expect(x.isAtLeast(number), >=)
  }
}
