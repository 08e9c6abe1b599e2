import E3xEngine
import Foundation
import TestSupport
import Testing

/// Results that are only added to others: kernels add them as they compute them.
@Suite(.verifiedPlans) struct AdditionTests {
  private static let rows = Dimension.rows("pairs")
  private static let cross = CouplingTable(
    name: "test cross", sizes: [4, 4, 4],
    terms: [
      .init([0, 0, 0], 0.5), .init([2, 3, 1], 1), .init([3, 2, 1], -1), .init([3, 1, 2], 1),
      .init([1, 3, 2], -1), .init([1, 2, 3], 1), .init([2, 1, 3], -1),
    ])

  enum Form: CaseIterable {
    case mapAndValue, valueAndMap, maps, mapsOfSome, couplings, three, spread, numbers, gathered
    /// A value twice.
    case twice
    /// What is added is used elsewhere too, and the rest cannot be added.
    case used
    /// Rows that are looked at in memory, or zeros.
    case selected

    /// How many additions kernels take up, of the value alone.
    var added: Int {
      switch self {
      case .twice, .used, .selected: 0
      case .three: 2
      default: 1
      }
    }

    func callAsFunction(
      _ x: Tensor, _ y: Tensor, _ w: Tensor, _ index: Tensor
    ) throws -> [Tensor] {
      let blocks = [0, 1, 1, 1]
      let (p, q) = (try x.tanh(), try y * 2)
      switch self {
      case .mapAndValue: return [try x.linear(w, blocks: blocks) + q]
      case .valueAndMap: return [try q + x.linear(w, blocks: blocks)]
      case .maps: return [try x.linear(w, blocks: blocks) + y.linear(w, blocks: [0, 1, 0, 1])]
      case .mapsOfSome:
        return [try x.linear(w, blocks: [0, -1, 1, -1]) + y.linear(w, blocks: [-1, 1, -1, 0])]
      case .couplings:
        return [try .couple(cross, [p, q], output: 2) + .couple(cross, [q, p], output: 0)]
      case .three:
        return [
          try .couple(cross, [p, q], output: 2) + (y.sin() + x.linear(w, blocks: blocks))
        ]
      case .spread:
        let numbers = try x.sum([-1])
        let rows = try y.sliced(0..<2, axis: 1)
        return [
          try numbers.spread(rows, blocks: blocks)
            + numbers.tanh().spread(rows.tanh(), blocks: [1, -1, 0, 0])
        ]
      case .numbers:
        // The derivative of the numbers that rows are spread with is one of blockProduct as well.
        let numbers = try x.sum([-1])
        let spread = try numbers.spread(y.sliced(0..<2, axis: 1), blocks: blocks)
        return [
          try pullback([spread], cotangents: [q], to: [numbers])[0] + numbers.tanh()
        ]
      case .gathered: return [try y.gathered(index) + x.linear(w, blocks: blocks)]
      case .twice:
        let map = try x.linear(w, blocks: blocks)
        return [try map + map]
      case .used:
        let map = try x.linear(w, blocks: blocks)
        return [try (map + q) * map.tanh()]
      case .selected:
        let chosen = try index.isGreater(than: 3).expanded(at: -1).expanded(at: -1)
        return [try Tensor.select(chosen, y, 0) + x.linear(w, blocks: blocks)]
      }
    }
  }

  private func compiled(
    _ form: Form, _ choice: ExecutorChoice, features: Int, _ dtype: DType, derivatives: Bool
  ) throws -> CompiledFunction {
    let shape = Shape([Self.rows, 4, Dimension(features)])
    let weights = Shape([2, Dimension(features), Dimension(features)])
    return try ExecutorChoice.$override.withValue(choice) {
      try CompiledFunction([
        TensorSpecification(shape, dtype: dtype), TensorSpecification(shape, dtype: dtype),
        TensorSpecification(weights, dtype: dtype), TensorSpecification([Self.rows], dtype: .int32),
      ]) { arguments in
        let results = try form(arguments[0], arguments[1], arguments[2], arguments[3])
        guard derivatives else { return results }
        let total = try results.map { try $0.square().sum() }.reduce(results[0].sum()) {
          try $0 + $1
        }
        let first = try gradient(of: total, withRespectTo: Array(arguments[0..<3]))
        let second = try gradient(
          of: first.map { try $0.square().sum() }.reduce(first[0].sum()) { try $0 + $1 },
          withRespectTo: [arguments[0], arguments[1]])
        return results + first + second
      }
    }
  }

  @Test(arguments: Form.allCases, [DType.float32, .float64])
  func agreesWithThePlainExecutor(_ form: Form, _ dtype: DType) throws {
    for (features, count) in [(32, 700), (5, 33), (8, 1)] {
      func values(_ shape: [Int], _ seed: Int) throws -> Tensor {
        try (testValues(shape, seed: seed) * 0.5).cast(to: dtype).materialized()
      }
      let arguments = [
        try values([count, 4, features], 1), try values([count, 4, features], 2),
        try values([2, features, features], 3),
        Tensor((0..<count).map { Int32($0 * 7 % count) }),
      ]
      let before = try arguments.map { try ($0.cast(to: .float64) + 0).materialized() }
      let planned = try compiled(form, .planned, features: features, dtype, derivatives: true)
      let plain = try compiled(form, .stepwise, features: features, dtype, derivatives: true)
      let expected = try plain(arguments)
      for run in 0..<2 {
        for (index, found) in try planned(arguments).enumerated() {
          try expectAgreement(
            found, with: expected[index], tolerance: dtype == .float32 ? 5e-5 : 1e-12,
            "\(form), \(features) features, result \(index), run \(run)")
        }
      }
      // Nothing is added to arguments.
      for (argument, value) in matched(arguments, before) {
        try expectAgreement(argument.cast(to: .float64), with: value, tolerance: 0)
      }
    }
  }

  @Test(arguments: Form.allCases) func additionsAreTakenUp(_ form: Form) throws {
    let plan = try compiled(form, .planned, features: 8, .float32, derivatives: false).plan
    let added = plan.components(separatedBy: ", added").count - 1
    #expect(added == form.added, "\(form)\n\(plan)")
  }
}
