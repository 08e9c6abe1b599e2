import E3xEngine
import E3xNN
import TestSupport
import Testing

/// Lists of several batches do what the list of each batch does, padding included.
@Suite struct BatchedIndexTests {
  /// Three batches of four rows; 4 is padding.
  private let indices: [[Int32]] = [[0, 4, 2, 4, 1], [4, 3, 3, 0, 4], [2, 2, 4, 1, 0]]
  private let rows = 4

  private func together(_ lists: [[Int32]], _ axes: [Int]) throws -> Tensor {
    try Tensor(lists.flatMap { $0 }, shape: axes)
  }

  /// A function of a batch and its list, for all batches at once and for each alone: results,
  /// gradients, and gradients of gradients agree.
  private func expectBatches(
    of x: Tensor, weights: Tensor, sourceLocation: SourceLocation = #_sourceLocation,
    _ function: (Tensor, Tensor) throws -> Tensor
  ) throws {
    func derivatives(_ result: Tensor, _ x: Tensor, _ weights: Tensor) throws -> [Tensor] {
      let first = try gradient(of: (result * weights).sum(), withRespectTo: [x, weights])
      let second = try gradient(of: first[0].square().sum(), withRespectTo: [x, weights])
      return [result] + first + second
    }
    let all = try derivatives(function(x, together(indices, [3, 5])), x, weights)
    let alone = try indices.enumerated().map { batch, list in
      let (row, weight) = (try x.entry(batch, axis: 0), try weights.entry(batch, axis: 0))
      return try derivatives(function(row, Tensor(list)), row, weight)
    }
    for (index, tensor) in all.enumerated() {
      try expectAgreement(
        tensor, with: .stack(alone.map { $0[index] }, axis: 0), tolerance: 1e-14,
        "tensor \(index)", sourceLocation: sourceLocation)
    }
  }

  @Test func gatheringReadsTheLastRowOfEachBatch() throws {
    let x = try testValues([3, rows, 2], seed: 1)
    let weights = try testValues([3, 5, 2], seed: 2)
    try expectBatches(of: x, weights: weights) { try gatherSrc($0, srcIdx: $1) }
    try expectBatches(of: x, weights: weights) { try gatherDst($0.square(), dstIdx: $1) }
    let dense = try gatherSrc(x, adjIdx: together(indices, [3, 5, 1])).squeezed(axis: 2)
    let rows = try x.sliced(3..<4, axis: 1)
    try expectAgreement(
      dense.sliced(1..<2, axis: 1).sliced(0..<1, axis: 0), with: rows.sliced(0..<1, axis: 0),
      tolerance: 0)
  }

  @Test func keptDimensionsOfReductions() throws {
    let x = try testValues([3, 5, 2], seed: 3)
    let weights = try testValues([3, 5, 2], seed: 4)
    let segments = Dimension(rows)
    try expectBatches(of: x, weights: weights) {
      try indexedSum($0, keepDims: true, dstIdx: $1, numSegments: segments)
    }
    try expectBatches(of: x, weights: weights) {
      try indexedMax($0, keepDims: true, dstIdx: $1, numSegments: segments)
    }
    try expectBatches(of: x.square(), weights: weights) {
      try indexedSoftmax($0, dstIdx: $1, numSegments: segments)
    }
  }

  @Test func whatIsOutOfRangeReadsNoOtherBatch() throws {
    let x = try testValues([3, rows, 2], seed: 1)
    for index: Int32 in [-1, 5] {
      var wrong = indices
      wrong[1][2] = index
      #expect(throws: EvaluationError.self) {
        _ = try gatherSrc(x, srcIdx: together(wrong, [3, 5])).scalars(as: Double.self)
      }
    }
  }
}
