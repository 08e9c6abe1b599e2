import E3xEngine
import E3xNN
import E3xSO3
import TestSupport
import Testing

/// Layers that take radial and angular functions as they are compute what they compute from the
/// array of their products.
@Suite struct ProductBasisTests {
  enum Layer: CaseIterable { case attention, selfAttention, messages, messagesWithWeights }

  /// Pairs of six atoms, three of padding, among them a pair of no length and one beyond the cutoff.
  private static let dst: [Int32] = [0, 0, 1, 2, 2, 2, 4, 5, 6, 3, 6]
  private static let src: [Int32] = [1, 2, 0, 1, 3, 5, 2, 5, 6, 6, 0]

  /// The output, from positions [6, 3] and features, of either kind of basis.
  private func output(
    _ layer: Layer, _ scope: Scope, _ positions: Tensor, _ x: Tensor, isArray: Bool, bias: Bool,
    adjIdx: Tensor?
  ) throws -> Tensor {
    let (dst, src) = (Tensor(Self.dst), Tensor(Self.src))
    let displacements: Tensor
    if let adjIdx {
      displacements = try positions.gathered(adjIdx) - positions.expanded(at: 1)
    } else {
      displacements = try positions.gathered(src) - positions.gathered(dst)
    }
    let expansion = try basis(
      displacements, maxDegree: 2, num: 5, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: 3), returnCutoff: true, dampingFn: .smooth(gamma: 1.5))
    let lists = adjIdx == nil ? (dst: dst, src: src) : nil
    func pass(_ layer: MessagePass, weights: Tensor? = nil) throws -> Tensor {
      isArray
        ? try layer(
          scope, x, basis: expansion.basis, weights: weights, adjIdx: adjIdx, dstIdx: lists?.dst,
          srcIdx: lists?.src, numSegments: adjIdx == nil ? 6 : nil)
        : try layer(
          scope, x, basis: expansion, weights: weights, adjIdx: adjIdx, dstIdx: lists?.dst,
          srcIdx: lists?.src, numSegments: adjIdx == nil ? 6 : nil)
    }
    switch layer {
    case .messages: return try pass(MessagePass(useBasisBias: bias))
    case .messagesWithWeights:
      let weights = try expansion.cutoff!.expanded(at: -1).expanded(at: -1).expanded(at: -1)
      return try pass(MessagePass(maxDegree: 1, useBasisBias: bias), weights: weights)
    case .attention:
      let attention = MultiHeadAttention(numHeads: 2, maxDegree: 2, useBasisBias: bias)
      return isArray
        ? try attention(
          scope, x, x, basis: expansion.basis, cutoffValue: expansion.cutoff, adjIdx: adjIdx,
          dstIdx: lists?.dst, srcIdx: lists?.src)
        : try attention(
          scope, x, x, basis: expansion, cutoffValue: expansion.cutoff, adjIdx: adjIdx,
          dstIdx: lists?.dst, srcIdx: lists?.src)
    case .selfAttention:
      let attention = SelfAttention(
        MultiHeadAttention(
          numHeads: 2, useBasisBias: bias, useRelativePositionalEncodingQK: false,
          attendsToNothing: true))
      return isArray
        ? try attention(
          scope, x, basis: expansion.basis, cutoffValue: expansion.cutoff, adjIdx: adjIdx,
          dstIdx: lists?.dst, srcIdx: lists?.src)
        : try attention(
          scope, x, basis: expansion, cutoffValue: expansion.cutoff, adjIdx: adjIdx,
          dstIdx: lists?.dst, srcIdx: lists?.src)
    }
  }

  /// The output, its first derivatives, and those of these.
  private func results(_ arguments: [Tensor], _ output: (Scope, [Tensor]) throws -> Tensor)
    throws -> [Tensor]
  {
    var parameters = Parameters()
    for (path, tensor) in matched(paths, arguments.dropFirst(2)) { parameters[path] = tensor }
    let y = try output(parameters.scope, arguments)
    let first = try gradient(of: (y.sin() * y).sum(), withRespectTo: arguments)
    var sum = Tensor(0, dtype: .float64)
    for part in first { sum = try sum + part.square().sum() }
    return [y] + first + (try gradient(of: sum, withRespectTo: arguments))
  }
  private var paths: [String] = []

  @Test(arguments: Layer.allCases, [false, true])
  mutating func agreesWithTheArray(_ layer: Layer, bias: Bool) throws {
    let positions = try testValues([6, 3], seed: 1) * 0.5
    let x = try testFeatures([6], parities: 2, maxDegree: 1, features: 4, seed: 2)
    for adjIdx in [
      nil, try Tensor([1, 2, 6, 0, 6, 6, 3, 1, 5, 6, 2, 1] as [Int32], shape: [6, 2]),
    ] {
      let drawn = try testParameters { scope in
        try output(layer, scope, positions, x, isArray: true, bias: bias, adjIdx: adjIdx)
      }
      paths = drawn.map(\.path)
      let arguments = try [positions.materialized(), x] + drawn.map(\.tensor)
      let specifications = arguments.map { TensorSpecification($0.shape, dtype: $0.dtype) }
      func compiled(isArray: Bool, _ choice: ExecutorChoice) throws -> [Tensor] {
        try ExecutorChoice.$override.withValue(choice) {
          try CompiledFunction(specifications) { arguments in
            try results(arguments) {
              try output(
                layer, $0, $1[0], $1[1], isArray: isArray, bias: bias, adjIdx: adjIdx)
            }
          }(arguments)
        }
      }
      let expected = try compiled(isArray: true, .stepwise)
      for choice in [ExecutorChoice.stepwise, .planned, .ordered] {
        for (index, (found, array)) in matched(try compiled(isArray: false, choice), expected)
          .enumerated()
        {
          try expectAgreement(
            found, with: array, tolerance: 1e-10, "\(layer), \(choice), result \(index)")
        }
      }
    }
  }

  /// What is never multiplied out is no part of the graph.
  @Test func noProductsAreMade() throws {
    let x = try testFeatures([6], parities: 2, maxDegree: 1, features: 4, seed: 2)
    let positions = try testValues([6, 3], seed: 1)
    let parameters = try testParameters { scope in
      try output(.attention, scope, positions, x, isArray: true, bias: false, adjIdx: nil)
    }
    for isArray in [true, false] {
      let y = try output(
        .attention, parameters.scope, positions, x, isArray: isArray, bias: false, adjIdx: nil)
      #expect(y.primitiveNames.contains("blockProduct") == !isArray)
    }
  }

  @Test func factorsMustFit() throws {
    let radial = Tensor.ones([4, 3], dtype: .float64)
    for angular in [
      Tensor.ones([5, 9], dtype: .float64), .ones([4, 9], dtype: .float32),
      .ones([4, 8], dtype: .float64), .ones([], dtype: .float64),
    ] {
      let error = #expect(throws: ArgumentError.self) {
        try RadialAngularBasis(radial: radial, angular: angular)
      }
      #expect(error?.argument == "angular")
    }
    let error = #expect(throws: ArgumentError.self) {
      try RadialAngularBasis(
        radial: Tensor([1, 2] as [Int32]), angular: .ones([2, 9], dtype: .float64))
    }
    #expect(error?.argument == "radial")
  }
}
