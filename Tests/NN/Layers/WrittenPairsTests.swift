internal import E3xEngine
internal import E3xNN
internal import TestSupport
import Testing

/// What the plan of attention writes out for each pair. Memory for large systems is made of that.
@Suite struct WrittenPairsTests {
  /// The elements that a plan's sweeps write for each row of `pairs`, by value.
  private func widths(_ plan: String) -> [Int] {
    plan.split(separator: "\n").compactMap { line in
      guard line.contains(" writes %"), let open = line.lastIndex(of: "["),
        let close = line.lastIndex(of: "]")
      else { return nil }
      let sizes = line[line.index(after: open)..<close].split(separator: ",").map {
        $0.trimmingPrefix(while: \.isWhitespace)
      }
      guard sizes.first == "pairs" else { return nil }
      return sizes.dropFirst().reduce(1) { $0 * (Int($1) ?? .max) }
    }
  }

  /// The filter of a pair has (L+1)² features, and so has its cotangent: neither is written, as
  /// both follow from the basis and its gradient, which are narrower.
  @Test func gradientWritesNoFilters() throws {
    let (features, numBasis, size): (Dimension, Dimension, Dimension) = (32, 8, 9)
    let attention = SelfAttention(MultiHeadAttention(numHeads: 4, maxDegree: 2))
    func call(_ scope: Scope, _ arguments: [Tensor]) throws -> Tensor {
      try attention(
        scope, arguments[0], basis: arguments[1], cutoffValue: arguments[2], dstIdx: arguments[3],
        srcIdx: arguments[4], numSegments: arguments[0].shape[0], indicesAreSorted: true)
    }
    let parameters = try Parameters.initialize(seed: 0) { scope in
      try call(
        scope,
        [
          .ones([2, 2, size, features]), .ones([1, 1, size, numBasis]), .ones([1]),
          Tensor([0] as [Int32]), Tensor([1] as [Int32]),
        ])
    }
    let (atoms, pairs) = (Dimension.rows("atoms"), Dimension.rows("pairs"))
    let specifications =
      [
        TensorSpecification([atoms, 2, size, features]),
        TensorSpecification([pairs, 1, size, numBasis]),
        TensorSpecification([pairs]), TensorSpecification([pairs], dtype: .int32),
        TensorSpecification([pairs], dtype: .int32),
      ] + parameters.map { TensorSpecification($0.tensor.shape, dtype: $0.tensor.dtype) }
    let paths = parameters.map(\.path)
    let function = try ExecutorChoice.$override.withValue(.planned) {
      try CompiledFunction(specifications) { arguments in
        var given = Parameters()
        for (path, tensor) in matched(paths, arguments[5...]) { given[path] = tensor }
        return try gradient(
          of: call(given.scope, arguments).square().sum(),
          withRespectTo: Array(arguments[..<3]) + Array(arguments[5...]))
      }
    }
    let widths = widths(function.plan)
    #expect(widths.contains(9 * 8), "the gradient of the basis is written")
    #expect(widths.allSatisfy { $0 <= 9 * 8 }, "\(widths)")
  }
}
