import E3xEngine
import E3xNN
import OrderedCollections
import TestSupport
import Testing

/// A step in two functions, gradient and update, with which several processes share a batch.
@Suite struct SplitStepTests {
  private static let rows = Dimension.rows("rows")

  /// Σ w (a · x + b)² over rows, [rows, 2] and [rows], and Σ w.
  private func step(_ layout: ParameterLayout, isSplit: Bool) throws -> TrainingStep {
    try TrainingStep(
      layout,
      Adam(learningRate: 0.1, gradientClip: 0.5, isCautious: true), isAveraged: true,
      isSplit: isSplit,
      batch: [
        TensorSpecification([Self.rows, 2], dtype: .float64),
        TensorSpecification([Self.rows], dtype: .float64),
      ]
    ) { parameters, batch in
      let sum = try (batch[0] * #require(parameters["a"])).sum([1])
      let error = try sum + #require(parameters["b"])
      return (try (error.square() * batch[1]).sum(), [try batch[1].sum()])
    }
  }

  /// The gradients of parts of any sizes add up to that of the whole, and the update is the same.
  @Test(arguments: [[5], [2, 3], [1, 1, 3], [0, 5], [5, 0]])
  func partsMakeTheWhole(sizes: [Int]) throws {
    let parameters = Parameters([
      "a": Tensor([0.5, -2.0] as [Double]), "b": Tensor([1.5] as [Double]),
    ])
    let layout = try ParameterLayout(parameters)
    let (whole, split) = (try step(layout, isSplit: false), try step(layout, isSplit: true))
    var state = try whole.state(beginningWith: layout.vector(parameters).materialized())
    var shared = state
    var dice = Dice(seed: 5)
    for index in 0..<12 {
      let x = dice.uniform(10, -1, 1)
      let weights = dice.uniform(5, 0, 1)
      func batch(_ rows: Range<Int>) throws -> [Tensor] {
        [
          try Tensor(
            Array(x[(2 * rows.lowerBound)..<(2 * rows.upperBound)]), shape: [rows.count, 2]),
          Tensor(Array(weights[rows])),
        ]
      }
      let numbers = whole.numbers(step: index, learningRate: 0.1, averageDecay: 0.7)
      let result = try whole(state, numbers, batch(0..<5))
      state = result.state
      var sums = [Double](repeating: 0, count: 5)
      var start = 0
      for size in sizes {
        let parts = try split.derivatives(shared[0], batch(start..<(start + size)))
        let values = try parts.flatMap { try $0.scalars(as: Double.self) }
        for (place, value) in values.enumerated() { sums[place] += value }
        start += size
      }
      shared = try split.update(shared, numbers, gradient: Tensor(Array(sums[..<3])))
      #expect(abs(sums[3] - result.loss) <= 1e-13 * result.loss)
      #expect(abs(sums[4] - (try result.others[0].item())) <= 1e-13)
      for (a, b) in matched(shared, state) { try expectAgreement(a, with: b, tolerance: 1e-11) }
    }
  }
}
