import E3xEngine
import TestSupport
import Testing

/// What `e3x explain` says of a plan.
@Suite(.verifiedPlans) struct PlanDescriptionTests {
  private func plan(
    _ rowShape: [Int], _ function: @Sendable @escaping (Tensor) throws -> Tensor
  ) throws -> String {
    let shape = Shape([.rows("rows")] + rowShape.map { Dimension($0) })
    return try ExecutorChoice.$override.withValue(.planned) {
      try CompiledFunction([TensorSpecification(shape, dtype: .float32)]) { [try function($0[0])] }
    }.plan
  }

  /// Loops that go on from row to row count the elements of one row, as others do: the cost of a
  /// sweep, and with it the number of its parts, comes from them.
  @Test func elementsAreThoseOfARow() throws {
    let whole = try plan([9, 32]) { try $0 + 1 }
    #expect(whole.contains("288 elements, loops 1 1 1 288 x 288"), "\(whole)")
    let part = try plan([9, 32]) { try $0.sliced(2..<4, axis: -2) + 1 }
    #expect(part.contains(" 64 elements"), "\(part)")
  }

  @Test func unitsAreNamed() throws {
    // Degrees 1 and 1 to 0: one unit of three terms is too little.
    let dot = CouplingTable(
      name: "dot product", sizes: [4, 4, 4],
      terms: [.init([1, 1, 0], 1), .init([2, 2, 0], 1), .init([3, 3, 0], 1)])
    let few = try plan([4, 8]) { try .couple(dot, [$0 + 1, $0 * 2], output: 2) }
    #expect(few.contains("3 terms, 8 features, slot 2") && !few.contains("straight-line"))
    // Degrees 1 and 1 to 1: one unit of six.
    let cross = CouplingTable(
      name: "cross", sizes: [4, 4, 4],
      terms: [
        .init([2, 3, 1], 1), .init([3, 2, 1], -1), .init([3, 1, 2], 1), .init([1, 3, 2], -1),
        .init([1, 2, 3], 1), .init([2, 1, 3], -1),
      ])
    let one = try plan([4, 8]) { try .couple(cross, [$0 + 1, $0 * 2], output: 2) }
    #expect(
      one.contains("6 terms, 8 features, slot 2, 1 units of straight-line code"), "\(one)")
  }
}
