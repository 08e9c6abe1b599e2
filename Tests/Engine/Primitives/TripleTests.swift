import E3xEngine
import TestSupport
import Testing

/// Vectors of three components have loops of their own: any number of rows, against plain sums.
@Suite(.verifiedPlans) struct TripleTests {
  @Test(arguments: [1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 71], [DType.float32, .float64])
  func vectorsAndNumbers(rows: Int, dtype: DType) throws {
    let values: [Double] = try testValues([rows, 3], seed: rows).cast(to: dtype).scalars()
    let factors: [Double] = try testValues([rows], seed: rows + 1).cast(to: dtype).scalars()
    let x = try Tensor(values, shape: [rows, 3]).cast(to: dtype)
    let f = try Tensor(factors, shape: [rows, 1]).cast(to: dtype)
    let tolerance = dtype == .float32 ? 1e-6 : 1e-14
    func expect(_ result: Tensor, _ expected: [Double], _ what: String) throws {
      try expectAgreement(
        result.reshaped(to: [Dimension(expected.count)]).cast(to: .float64),
        with: Tensor(expected), tolerance: tolerance, "\(rows) rows, \(what)")
    }
    func each(_ body: (Double, Double) -> Double) -> [Double] {
      values.indices.map { body(values[$0], factors[$0 / 3]) }
    }
    try expect(x * f, each { $0 * $1 }, "x * f")
    try expect(f * x, each { $0 * $1 }, "f * x")
    try expect(x - f, each { $0 - $1 }, "x - f")
    try expect(x / (f * f + 1), each { $0 / ($1 * $1 + 1) }, "x / f")
    func reduced(_ body: (Double, Double) -> Double) -> [Double] {
      (0..<rows).map { body(body(values[3 * $0], values[3 * $0 + 1]), values[3 * $0 + 2]) }
    }
    try expect(x.sum([1]), reduced(+), "sum")
    try expect(x.max([1]), reduced(max), "max")
    try expect(x.min([1]), reduced(min), "min")
  }

  /// Not-a-number passes through sums and extremes as in other loops.
  @Test func notANumber() throws {
    var values = [Float](repeating: 1, count: 3 * 40)
    for row in 0..<40 where row % 3 == 0 { values[3 * row + row % 2 + 1] = .nan }
    let x = try Tensor(values, shape: [40, 3])
    for result in [try x.sum([1]), try x.max([1]), try x.min([1])] {
      let numbers: [Float] = try result.scalars()
      #expect(numbers.indices.allSatisfy { numbers[$0].isNaN == ($0 % 3 == 0) }, "\(numbers)")
    }
  }
}
