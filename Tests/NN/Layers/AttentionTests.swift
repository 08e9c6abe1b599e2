import E3xEngine
import E3xNN
import TestSupport
import Testing

/// A layer of attention on a scene, with its parameters and inputs.
private struct AttentionSetup {
  let scene: Scene
  let x: Tensor
  let expansion: (basis: Tensor, cutoff: Tensor?)
  var layer = MultiHeadAttention(
    numHeads: 2, maxDegree: 2, useBasisBias: true, query: .init(useBias: true))
  let parameters: Parameters

  init(attendsToNothing: Bool = false) throws {
    scene = try Scene()
    x = try testFeatures([5], parities: 2, maxDegree: 1, features: 4, seed: 1)
    // Values of their own: cutoff values are a factor of the basis, too.
    let made = try scene.basis()
    let expansion = (basis: try made.basis.materialized(), cutoff: try made.cutoff?.materialized())
    self.expansion = expansion
    layer.attendsToNothing = attendsToNothing
    let (layer, scene, x) = (layer, scene, x)
    parameters = try testParameters { scope in
      try layer(
        scope, x, x, basis: expansion.basis, cutoffValue: expansion.cutoff, dstIdx: scene.dst,
        srcIdx: scene.src)
    }
  }

  func call(
    _ x: Tensor? = nil, basis: Tensor? = nil, cutoff: Tensor? = nil, dst: Tensor? = nil,
    src: Tensor? = nil, segments: Dimension? = nil
  ) throws -> Tensor {
    try layer(
      parameters.scope, x ?? self.x, x ?? self.x, basis: basis ?? expansion.basis,
      cutoffValue: cutoff ?? expansion.cutoff!, dstIdx: dst ?? scene.dst,
      srcIdx: src ?? scene.src, numSegments: segments)
  }
}

@Suite struct AttentionTests {
  @Test func denseAndSparseListsAgree() throws {
    let setup = try AttentionSetup()
    let adj = try densePairwiseIndices(5)
    let dense = try setup.layer(
      setup.parameters.scope, setup.x, setup.x,
      basis: setup.expansion.basis.reshaped(to: [5, 4, 1, 9, 3]),
      cutoffValue: setup.expansion.cutoff!.reshaped(to: [5, 4]), adjIdx: adj)
    try expectAgreement(dense, with: setup.call(), tolerance: 1e-13)
  }

  @Test func theOrderOfPairsChangesNothing() throws {
    let setup = try AttentionSetup()
    let order = try Tensor(RandomKey(seed: 3).permutation(20))
    func shuffled(_ x: Tensor) throws -> Tensor { try x.gathered(order) }
    let other = try setup.call(
      basis: shuffled(setup.expansion.basis), cutoff: shuffled(setup.expansion.cutoff!),
      dst: shuffled(setup.scene.dst), src: shuffled(setup.scene.src))
    try expectAgreement(other, with: setup.call(), tolerance: 1e-13)
  }

  @Test func batchesAreSeparateCalls() throws {
    let setup = try AttentionSetup()
    let second = try testFeatures([5], parities: 2, maxDegree: 1, features: 4, seed: 5)
    func both(_ x: Tensor) throws -> Tensor { try .stack([x, x], axis: 0) }
    let together = try setup.call(
      Tensor.stack([setup.x, second], axis: 0), basis: both(setup.expansion.basis),
      cutoff: both(setup.expansion.cutoff!), dst: both(setup.scene.dst),
      src: both(setup.scene.src))
    let separate = try Tensor.stack([setup.call(), setup.call(second)], axis: 0)
    try expectAgreement(together, with: separate, tolerance: 1e-13)
  }

  @Test(arguments: [1e30, Double.infinity, -Double.infinity, Double.nan])
  func nothingOfPaddingGetsThrough(content: Double) throws {
    let setup = try AttentionSetup()
    func padded(_ x: Tensor) throws -> Tensor {
      try .concatenate(
        [x, .full(Shape([3] + x.shape.dropFirst()), content, dtype: .float64)], axis: 0)
    }
    let end = try Tensor([5, 5, 5] as [Int32], shape: [3])
    let (basis, cutoff) = (
      try padded(setup.expansion.basis).materialized(),
      try padded(setup.expansion.cutoff!).materialized()
    )
    func call() throws -> Tensor {
      try setup.call(
        basis: basis, cutoff: cutoff, dst: .concatenate([setup.scene.dst, end], axis: 0),
        src: .concatenate([setup.scene.src, end], axis: 0))
    }
    try expectAgreement(call(), with: setup.call(), tolerance: 1e-13)
    let variables = [setup.x, basis, cutoff] + setup.parameters.map(\.tensor)
    let found = try gradient(of: call().square().sum(), withRespectTo: variables)
    let expected = try gradient(
      of: setup.call().square().sum(),
      withRespectTo: [setup.x, setup.expansion.basis, setup.expansion.cutoff!]
        + setup.parameters.map(\.tensor))
    for (index, (a, b)) in matched(found, expected).enumerated() {
      let real = index == 1 || index == 2 ? try a.sliced(0..<20, axis: 0) : a
      try expectAgreement(real, with: b, tolerance: 1e-11, "gradient \(index)")
      if index == 1 || index == 2 {
        #expect(try a.sliced(20..<23, axis: 0).absolute().max().item() == 0)
      }
    }
  }

  @Test(arguments: [true, false])
  func rowsWithoutPairsGiveTheBias(attendsToNothing: Bool) throws {
    let setup = try AttentionSetup(attendsToNothing: attendsToNothing)
    let none = Tensor([] as [Int32])
    let empty = try setup.call(
      basis: Tensor.zeros([0, 1, 9, 3], dtype: .float64),
      cutoff: Tensor.zeros([0], dtype: .float64), dst: none, src: none)
    let bias: [Double] = try #require(setup.parameters["out/0+/bias"]).scalars()
    let values: [Double] = try empty.scalars()
    #expect(Array(values[0..<4]) == bias)
    #expect(values[4..<8].allSatisfy { $0 == 0 })
    // All cutoff values 0: no weight at all, and finite derivatives.
    let cutoff = try Tensor.zeros([20], dtype: .float64).materialized()
    let weightless = try setup.call(cutoff: cutoff)
    try expectAgreement(weightless, with: empty, tolerance: 1e-15)
    try expectFinite(
      gradient(of: weightless.square().sum(), withRespectTo: [setup.x, cutoff])[0])
    #expect(try setup.call(segments: 8).shape[0] == 8)
  }

  /// How much the output changes as the cutoff values of all pairs go from 1e-12 to 0.
  private func jump(attendsToNothing: Bool) throws -> Double {
    let setup = try AttentionSetup(attendsToNothing: attendsToNothing)
    let (tiny, none) = (
      try setup.call(cutoff: .full([20], 1e-12, dtype: .float64)),
      try setup.call(cutoff: .zeros([20], dtype: .float64))
    )
    return try (tiny - none).absolute().max().item()
  }

  @Test func attendingToNothingIsContinuousWhereTheLastPairVanishes() throws {
    #expect(try jump(attendsToNothing: true) <= 1e-10)
    #expect(try jump(attendsToNothing: false) > 1e-2)
  }

  @Test func aPaddedSourceDoesNotDrownTheOthers() throws {
    // A pair of a real destination whose source is padding reads the last row. Its logit, however
    // large, must not push the exponentials of the destination's own pairs to zero.
    let setup = try AttentionSetup()
    let huge = try Tensor.concatenate(
      [setup.x.sliced(0..<4, axis: 0), .full([1, 2, 4, 4], 1e6, dtype: .float64)], axis: 0)
    // Destination 0 sees sources 1, 2 and 3, never atom 4, the last row.
    let (dst, src) = (Tensor([0, 0, 0] as [Int32]), Tensor([1, 2, 3] as [Int32]))
    let pairs = Tensor([0, 1, 2] as [Int32])
    let (basis, cutoff) = (
      try setup.expansion.basis.gathered(pairs), try setup.expansion.cutoff!.gathered(pairs)
    )
    func padded(_ x: Tensor) throws -> Tensor {
      try .concatenate([x, .full(Shape([1] + x.shape.dropFirst()), 1, dtype: .float64)], axis: 0)
    }
    for layer in [
      setup.layer,
      {
        var l = setup.layer; l.useRelativePositionalEncodingQK = false; return l
      }(),
    ] {
      func attend(_ basis: Tensor, _ cutoff: Tensor, _ dst: Tensor, _ src: Tensor) throws -> Tensor
      {
        try layer(
          setup.parameters.scope, huge, huge, basis: basis, cutoffValue: cutoff, dstIdx: dst,
          srcIdx: src)
      }
      let expected = try attend(basis, cutoff, dst, src)
      let found = try attend(
        padded(basis), padded(cutoff), Tensor([0, 0, 0, 0] as [Int32]),
        Tensor([1, 2, 3, 5] as [Int32]))
      try expectAgreement(
        found.sliced(0..<1, axis: 0), with: expected.sliced(0..<1, axis: 0), tolerance: 1e-13)
    }
  }

  @Test func parameterPathsAreThoseOfE3x() throws {
    let setup = try AttentionSetup()
    let layer = SelfAttention(MultiHeadAttention(numHeads: 2, maxDegree: 2))
    let parameters = try Parameters.initialize(seed: 0) { scope in
      try layer(
        scope, setup.x, basis: setup.expansion.basis, dstIdx: setup.scene.dst,
        srcIdx: setup.scene.src)
    }
    var paths = ["tensor/kernel", "relative_positional_encoding/kernel", "out/0+/bias"]
    for name in ["query", "key", "value"] {
      paths += ["0+", "1+", "0-", "1-"].map { "\(name)/\($0)/kernel" }
    }
    paths += ["0+", "1-", "2+"].map { "filter/\($0)/kernel" }
    paths += ["0+", "1+", "2+", "0-", "1-", "2-"].map { "out/\($0)/kernel" }
    #expect(parameters.map(\.path).sorted() == paths.sorted())
    // Forbidden paths of the tensor product are exact zeros, and the seed decides the rest.
    let kernel: [Float] = try #require(parameters["tensor/kernel"]).scalars()
    #expect(kernel.contains(0) && kernel.contains { $0 != 0 })
    let again = try Parameters.initialize(seed: 0) { scope in
      try layer(
        scope, setup.x, basis: setup.expansion.basis, dstIdx: setup.scene.dst,
        srcIdx: setup.scene.src)
    }
    #expect(try again["tensor/kernel"]?.scalars() == kernel)
  }

  @Test func parametersOfAnotherShapeAreRefused() throws {
    let setup = try AttentionSetup()
    var parameters = setup.parameters
    parameters["query/0+/kernel"] = try testValues([3, 4], seed: 1)
    let error = #expect(throws: ArgumentError.self) {
      try setup.layer(
        parameters.scope, setup.x, setup.x, basis: setup.expansion.basis, dstIdx: setup.scene.dst,
        srcIdx: setup.scene.src)
    }
    #expect(error?.argument == "params")
    #expect(error?.reason.contains("query/0+/kernel") == true)
  }
}
