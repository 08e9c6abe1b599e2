import E3xEngine
import E3xNN
import TestSupport
import Testing

/// Destinations that are no atoms of the inputs, and weights that lengthen their axes.
@Suite struct MessagePassTests {
  private let dst: [Int32] = [0, 2, 4, 4, 5, 3]
  private let src: [Int32] = [1, 0, 2, 1, 0, 2]
  /// Of layers without parameters.
  private func scope() throws -> Scope { try Parameters.initialize(seed: 0) { _ in 0 }.scope }

  /// The sums over the pairs of each destination, of three atoms with two features.
  private func sums(_ x: Tensor, _ dst: [Int32], segments: Int) throws -> Tensor {
    try MessagePass()(
      scope(), x, basis: nil, dstIdx: Tensor(dst), srcIdx: Tensor(src),
      numSegments: Dimension(segments))
  }

  private func expected(_ x: Tensor, _ dst: [Int32], segments: Int) throws -> Tensor {
    let rows = try x.reshaped(to: [3, 2]).scalars(as: Double.self)
    var sums = [Double](repeating: 0, count: segments * 2)
    for (to, from) in matched(dst, src) where to < segments {
      for feature in 0..<2 { sums[Int(to) * 2 + feature] += rows[Int(from) * 2 + feature] }
    }
    return try Tensor(sums, shape: [segments, 1, 1, 2])
  }

  /// With more segments than atoms every segment receives its messages; the number of segments is
  /// padding. With fewer, what lies between the segments and the atoms is left out.
  @Test(arguments: [6, 7])
  func everySegmentIsADestination(segments: Int) throws {
    let x = try testFeatures([3], parities: 1, maxDegree: 0, features: 2, seed: 1)
    try expectAgreement(
      sums(x, dst, segments: segments), with: expected(x, dst, segments: segments),
      tolerance: 1e-15)
    let padding = dst.map { $0 == 4 ? Int32(segments) : $0 }
    try expectAgreement(
      sums(x, padding, segments: segments), with: expected(x, padding, segments: segments),
      tolerance: 1e-15)
    // The filter of a basis goes the same way.
    let basis = try testFeatures([6], parities: 1, maxDegree: 1, features: 2, seed: 2)
    let layer = MessagePass(maxDegree: 1)
    let (to, from) = (Tensor(dst), Tensor(src))
    func call(_ scope: Scope, _ count: Int, _ dst: Tensor) throws -> Tensor {
      try layer(
        scope, x, basis: basis, dstIdx: dst, srcIdx: from, numSegments: Dimension(count))
    }
    let parameters = try testParameters { try call($0, segments, to) }
    let all = try call(parameters.scope, segments, to)
    // The last destination alone, as the first of one segment.
    let last = try call(
      parameters.scope, 1, Tensor(dst.map { $0 == 5 ? Int32(0) : Int32(1) }))
    try expectAgreement(all.sliced(5..<6, axis: 0), with: last, tolerance: 1e-15)
    #expect(try last.absolute().max().item() > 1e-3)
  }

  @Test func fewerSegmentsLeaveDestinationsOut() throws {
    let x = try testFeatures([3], parities: 1, maxDegree: 0, features: 2, seed: 1)
    let dst: [Int32] = [0, 1, 2, 3, 1, 0]
    try expectAgreement(
      sums(x, dst, segments: 1), with: expected(x, dst, segments: 1), tolerance: 1e-15)
  }

  @Test(arguments: [1, 3, 6])
  func destinationsOutOfRangeAreErrors(segments: Int) throws {
    let x = try testFeatures([3], parities: 1, maxDegree: 0, features: 2, seed: 1)
    #expect(throws: EvaluationError.self) {
      _ = try sums(x, [0, 0, 7, 0, 0, 0], segments: segments).scalars(as: Double.self)
    }
    #expect(throws: EvaluationError.self) {
      _ = try sums(x, [0, 0, -1, 0, 0, 0], segments: segments).scalars(as: Double.self)
    }
  }

  @Test func weightsLengthenAxesOfSizeOne() throws {
    let x = try testFeatures([3], parities: 1, maxDegree: 0, features: 1, seed: 1)
    let weights = try testValues([6, 2, 4, 3], seed: 2)
    let layer = MessagePass()
    func call(_ x: Tensor) throws -> Tensor {
      try layer(
        scope(), x, basis: nil, weights: weights, dstIdx: Tensor(src),
        srcIdx: Tensor(src))
    }
    let long = try x.broadcast(to: [3, 2, 4, 3])
    try expectAgreement(call(x), with: call(long), tolerance: 1e-15)
    // A result that is no features of the pairs is refused.
    let error = #expect(throws: ArgumentError.self) {
      _ = try layer(
        scope(), x, basis: nil, weights: testValues([6, 1, 3, 1], seed: 3),
        dstIdx: Tensor(src), srcIdx: Tensor(src))
    }
    #expect(error?.argument == "weights")
  }
}
