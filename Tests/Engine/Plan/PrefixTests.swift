import E3xEngine
import TestSupport
import Testing

/// Rows of which only the first elements are used: no others are computed or gathered.
@Suite(.verifiedPlans) struct PrefixTests {
  enum Form: CaseIterable {
    /// The first component of what is computed.
    case first
    /// Of gathered rows.
    case gathered
    /// A mask of whole rows before it.
    case masked
    /// The second component is not a prefix by itself, but the first two are.
    case second
    /// The whole is needed too.
    case whole
    /// The product of the first with all.
    case both

    func callAsFunction(_ x: Tensor, _ y: Tensor, _ index: Tensor) throws -> [Tensor] {
      let row = try index.expanded(at: -1).expanded(at: -1)
      switch self {
      case .first: return [try ((x + 1) * y).sliced(0..<1, axis: -2).exp()]
      case .gathered: return [try x.gathered(index).sliced(0..<1, axis: -2) * 3]
      case .masked:
        let masked = try Tensor.select(row.isLess(than: 5), x.gathered(index), 0)
        return [try masked.sliced(0..<1, axis: -2) + 1]
      case .second: return [try (x + y).sliced(1..<2, axis: -2) * 2]
      case .whole:
        let sum = try x + y
        return [try sum.sliced(0..<1, axis: -2) * 2, try sum.sum([-2])]
      case .both:
        let sum = try x.gathered(index) + y
        return [try sum.sliced(0..<1, axis: -2) * sum]
      }
    }
  }

  private func specifications() -> [TensorSpecification] {
    let rows = Dimension.rows("pairs")
    return [
      TensorSpecification([rows, 4, 6], dtype: .float64),
      TensorSpecification([rows, 4, 6], dtype: .float64),
      TensorSpecification([rows], dtype: .int32),
    ]
  }

  @Test(arguments: Form.allCases) func agreesWithThePlainExecutor(_ form: Form) throws {
    func compiled(_ choice: ExecutorChoice) throws -> CompiledFunction {
      try ExecutorChoice.$override.withValue(choice) {
        try CompiledFunction(specifications()) { arguments in
          let results = try form(arguments[0], arguments[1], arguments[2])
          let total = try results.map { try $0.square().sum() }.reduce(results[0].sum()) {
            try $0 + $1
          }
          return try results + gradient(of: total, withRespectTo: [arguments[0], arguments[1]])
        }
      }
    }
    for count in [1, 9, 500] {
      let arguments =
        try (0..<2).map { try testValues([count, 4, 6], seed: $0) }
        + [Tensor((0..<count).map { Int32($0 * 7 % count) })]
      let expected = try compiled(.stepwise)(arguments)
      for (index, (found, plain)) in matched(try compiled(.planned)(arguments), expected)
        .enumerated()
      {
        try expectAgreement(found, with: plain, tolerance: 1e-13, "\(form), result \(index)")
      }
    }
  }

  @Test func plansSay() throws {
    func plan(_ form: Form) throws -> String {
      try ExecutorChoice.$override.withValue(.planned) {
        try CompiledFunction(specifications()) { try form($0[0], $0[1], $0[2]) }
      }.plan
    }
    #expect(try plan(.gathered).contains("gather: 48 bytes"))
    #expect(try plan(.first).contains("binary 2: 6 elements"))
    #expect(try plan(.second).contains("binary 0: 12 elements"))
    #expect(try plan(.whole).contains("binary 0: 24 elements"))
  }
}
