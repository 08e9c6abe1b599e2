import E3xEngine
import E3xNN
import TestSupport
import Testing

/// What layers have in common: batches, kinds of index lists, the order of pairs, nothing at all.
@Suite struct LayerTests {
  private let pairs = 6
  private func lists(_ order: [Int] = Array(0..<6)) -> (dst: Tensor, src: Tensor) {
    let (dst, src): ([Int32], [Int32]) = ([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1])
    return (Tensor(order.map { dst[$0] }), Tensor(order.map { src[$0] }))
  }

  @Test(arguments: [1, 2], [true, false])
  func messagePassOfDenseAndSparseLists(parities: Int, fused: Bool) throws {
    let x = try testFeatures([3], parities: parities, maxDegree: 1, features: 2, seed: 1)
    let basis = try testFeatures([6], parities: 1, maxDegree: 2, features: 3, seed: 2)
    let weights = try testValues([6, 1, 1, 2], seed: 3)
    let layer = MessagePass(maxDegree: 1, useBasisBias: true, useFusedTensor: fused)
    let (dst, src) = lists()
    func sparse(_ scope: Scope) throws -> Tensor {
      try layer(scope, x, basis: basis, weights: weights, dstIdx: dst, srcIdx: src)
    }
    let parameters = try testParameters { try sparse($0) }
    let expected = try sparse(parameters.scope)
    let dense = try layer(
      parameters.scope, x, basis: basis.reshaped(to: [3, 2, 1, 9, 3]),
      weights: weights.reshaped(to: [3, 2, 1, 1, 2]), adjIdx: src.reshaped(to: [3, 2]))
    try expectAgreement(dense, with: expected, tolerance: 1e-13, "dense")

    let order = [3, 5, 0, 2, 4, 1]
    let shuffle = Tensor(order.map { Int32($0) })
    let (dst2, src2) = lists(order)
    let shuffled = try layer(
      parameters.scope, x, basis: basis.gathered(shuffle), weights: weights.gathered(shuffle),
      dstIdx: dst2, srcIdx: src2)
    try expectAgreement(shuffled, with: expected, tolerance: 1e-13, "in another order")

    let other = try testFeatures([3], parities: parities, maxDegree: 1, features: 2, seed: 7)
    func twice(_ tensor: Tensor) throws -> Tensor { try .stack([tensor, tensor], axis: 0) }
    let together = try layer(
      parameters.scope, .stack([x, other], axis: 0), basis: twice(basis), weights: twice(weights),
      dstIdx: twice(dst), srcIdx: twice(src))
    let separate = try Tensor.stack(
      [
        expected,
        layer(parameters.scope, other, basis: basis, weights: weights, dstIdx: dst, srcIdx: src),
      ], axis: 0)
    try expectAgreement(together, with: separate, tolerance: 1e-13, "in a batch")

    let none = try layer(
      parameters.scope, x, basis: .zeros([0, 1, 9, 3], dtype: .float64),
      weights: .zeros([0, 1, 1, 2], dtype: .float64), dstIdx: Tensor([] as [Int32]),
      srcIdx: Tensor([] as [Int32]))
    try expectAgreement(none, with: .zeros(like: expected), tolerance: 0, "without pairs")
    let slopes = try gradient(
      of: none.square().sum(), withRespectTo: [x] + parameters.map(\.tensor))
    for slope in slopes { try expectFinite(slope, "without pairs") }
  }

  @Test(arguments: [0, 1, 2, 3])
  func batchesAndRowsAreSeparate(layer: Int) throws {
    // [2, 3] leading axes at once, and each of the six alone.
    let x = try testFeatures([2, 3], parities: 2, maxDegree: 1, features: 2, seed: 1)
    let y = try testFeatures([3], parities: 1, maxDegree: 2, features: 2, seed: 2)
    func call(_ scope: Scope, _ x: Tensor, _ y: Tensor) throws -> Tensor {
      switch layer {
      case 0: return try Dense(features: 3)(scope, x)
      case 1: return try TensorProduct(maxDegree: 2)(scope, x, y)
      case 2: return try FusedTensorProduct(maxDegree: 2)(scope, x, y)
      default: return try TensorDense(features: 3, maxDegree: 2)(scope, x)
      }
    }
    let parameters = try testParameters { try call($0, x, y) }
    let all = try call(parameters.scope, x, y)
    for i in 0..<2 {
      for j in 0..<3 {
        let one = try call(
          parameters.scope, x.entry(i, axis: 0).entry(j, axis: 0), y.entry(j, axis: 0))
        try expectAgreement(
          all.entry(i, axis: 0).entry(j, axis: 0), with: one, tolerance: 1e-13, "entry \(i), \(j)")
      }
    }
    // No rows at all.
    let empty = try call(
      parameters.scope, .zeros([0, 2, 4, 2], dtype: .float64),
      .zeros([0, 1, 9, 2], dtype: .float64))
    #expect(empty.shape[0] == 0)
    #expect(try empty.scalars(as: Double.self).isEmpty)
  }

  @Test func embeddingsAreRowsOfTheirTable() throws {
    let table = try testValues([5, 1, 1, 3], seed: 1)
    let list = try Tensor([4, 0, 4, 2] as [Int32], shape: [2, 2])
    var parameters = Parameters()
    parameters["embedding"] = table
    let scope = parameters.scope
    let layer = Embed(numEmbeddings: 5, features: 3)
    let found = try layer(scope, list)
    #expect(found.shape == [2, 2, 1, 1, 3])
    let values: [Double] = try table.scalars()
    let expected = [4, 0, 4, 2].flatMap { row in Array(values[3 * row..<3 * row + 3]) }
    #expect(try found.scalars(as: Double.self) == expected)
    for index in [5, -1] as [Int32] {
      #expect(throws: EvaluationError.self) {
        try layer(scope, Tensor([index])).scalars(as: Double.self)
      }
    }
    let error = #expect(throws: ArgumentError.self) { try layer(scope, Tensor([1] as [Float])) }
    #expect(error?.argument == "inputs")
  }

  @Test(arguments: [0, 1, 2], [UInt64(1), 2])
  func outputsHaveTheVarianceOfInputs(layer: Int, seed: UInt64) throws {
    // Random features of variance 1 through freshly initialised layers, over many features.
    let (rows, features) = (200, 64)
    func normal(_ shape: [Int], _ key: UInt64) throws -> Tensor {
      try Tensor(
        RandomKey(seed: key).normal(Float.self, count: shape.reduce(1, *)), shape: shape)
    }
    let x = try normal([rows, 2, 9, features], 10 * seed)
    let y = try normal([rows, 2, 9, features], 10 * seed + 1)
    func call(_ scope: Scope) throws -> Tensor {
      switch layer {
      case 0: return try Dense(features: features)(scope, x)
      case 1: return try TensorProduct()(scope, x, y)
      default: return try FusedTensorProduct()(scope, x, y)
      }
    }
    let output = try call(Parameters.initialize(seed: Int(seed), call).scope)
    let mean = try output.mean([0, 2, 3]).scalars(as: Double.self)
    let variance = try output.square().mean([0, 2, 3]).scalars(as: Double.self)
    for value in mean { #expect(abs(value) <= 0.05) }
    for value in variance { #expect(abs(value - 1) <= 0.25, "\(variance)") }
  }

  @Test func parametersGoBySeed() throws {
    let x = try testFeatures([3], parities: 2, maxDegree: 1, features: 4, seed: 1)
    func draw(_ seed: Int) throws -> Parameters {
      try Parameters.initialize(seed: seed) { scope in try TensorDense()(scope, x) }
    }
    let (first, again, other) = (try draw(3), try draw(3), try draw(4))
    for (path, tensor) in first where !path.hasSuffix("bias") {
      let values: [Float] = try tensor.scalars()
      #expect(try values == again[path]?.scalars(), "\(path)")
      #expect(try values != other[path]?.scalars(), "\(path)")
    }
    let paths = ["0+", "0-", "1+", "1-"].map { "dense/\($0)/kernel" }
    #expect(
      first.map(\.path).sorted() == (paths + ["dense/0+/bias", "tensor/kernel"]).sorted())
  }

  @Test(arguments: [true, false])
  func derivativesWhereTheLastPairVanishes(attendsToNothing: Bool) throws {
    let x = try testFeatures([3], parities: 1, maxDegree: 1, features: 2, seed: 1)
    let basis = try testFeatures([6], parities: 1, maxDegree: 1, features: 3, seed: 2)
    let (dst, src) = lists()
    let layer = MultiHeadAttention(numHeads: 2, attendsToNothing: attendsToNothing)
    func call(_ scope: Scope, _ cutoff: Tensor) throws -> Tensor {
      try layer(scope, x, x, basis: basis, cutoffValue: cutoff, dstIdx: dst, srcIdx: src)
    }
    let zeros = try Tensor([Double](repeating: 0, count: 6), shape: [6])
    let parameters = try testParameters { try call($0, zeros) }
    func slopes(_ size: Double) throws -> [Tensor] {
      // The pairs of atom 0 are about to vanish, those of the others are there.
      let cutoff = Tensor([size, 2 * size, 0.5, 0.7, 1, 0.2])
      let output = try call(parameters.scope, cutoff)
      let variables = [x, basis, cutoff] + parameters.map(\.tensor)
      return [output] + (try gradient(of: output.square().sum(), withRespectTo: variables))
    }
    let (tiny, none) = (try slopes(1e-9), try slopes(0))
    var largest = 0.0
    for (index, (a, b)) in matched(tiny, none).enumerated() {
      try expectFinite(b, "variable \(index)")
      largest = max(largest, try (a - b).absolute().max().item())
    }
    // e3x's weights are normalised: without the option they jump, whatever is left of the pairs.
    #expect(attendsToNothing ? largest <= 1e-6 : largest > 1e-2)
  }
}
