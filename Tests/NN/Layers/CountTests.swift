import E3xEngine
import E3xNN
import Testing

/// Layers whose parameters are about to be drawn, and functions, with counts and degrees that nobody
/// has memory or time for: errors, before anything is allocated or traced.
@Suite struct CountTests {
  static let wild = [-1, 1 << 31, (1 << 32) - 1, (1 << 62) - 1, Int.max]

  private func expectRefused(
    _ argument: String, sourceLocation: SourceLocation = #_sourceLocation,
    _ call: (Scope) throws -> Tensor
  ) {
    let error = #expect(throws: ArgumentError.self, sourceLocation: sourceLocation) {
      try Parameters.initialize(seed: 0, call)
    }
    #expect(
      error?.argument == argument, "\(String(describing: error))", sourceLocation: sourceLocation)
  }

  @Test(arguments: wild)
  func layersWithWildCounts(count: Int) {
    let x = Tensor.ones([3, 1, 4, 2])
    let list = Tensor([0, 1] as [Int32])
    expectRefused("features") { try Dense(features: count)($0, x) }
    expectRefused("features") { try TensorDense(features: count)($0, x) }
    expectRefused("max_degree") { try TensorDense(maxDegree: count)($0, x) }
    expectRefused("max_degree") { try TensorProduct(maxDegree: count)($0, x, x) }
    expectRefused("max_degree") { try FusedTensorProduct(maxDegree: count)($0, x, x) }
    expectRefused("features") { try Embed(numEmbeddings: 2, features: count)($0, list) }
    expectRefused("num_embeddings") { try Embed(numEmbeddings: count, features: 2)($0, list) }
    let plain = { (attention: MultiHeadAttention) -> MultiHeadAttention in
      var attention = attention
      attention.useRelativePositionalEncodingQK = false
      attention.useRelativePositionalEncodingV = false
      return attention
    }
    for (argument, attention) in [
      ("num_heads", MultiHeadAttention(numHeads: count)),
      ("qkv_features", MultiHeadAttention(qkvFeatures: count)),
      ("out_features", MultiHeadAttention(outFeatures: count)),
    ] {
      expectRefused(argument) {
        try SelfAttention(plain(attention))($0, x, dstIdx: list, srcIdx: list)
      }
    }
    expectRefused("num_segments") {
      try SelfAttention(plain(MultiHeadAttention()))(
        $0, x, dstIdx: list, srcIdx: list, numSegments: Dimension(count))
    }
    expectRefused("num_segments") { _ in
      try indexedSum(x, dstIdx: Tensor([0, 0, 1] as [Int32]), numSegments: Dimension(count))
    }
    expectRefused("max_degree") { _ in try changeMaxDegreeOrType(x, maxDegree: count) }
    expectRefused("max_degree") { _ in try evenDegreeMask(maxDegree: count) }
    expectRefused("num") { _ in try densePairwiseIndices(count) }
    expectRefused("num") { _ in try sparsePairwiseIndices(count).dstIdx }
    expectRefused("num") { _ in
      try basis(.ones([2, 3]), maxDegree: 1, num: count, radialFn: .reciprocalBernstein).basis
    }
  }

  /// Counts that are possible as such, but not with what else is there.
  @Test func parametersThatNoMemoryHolds() {
    let x = Tensor.ones(Shape([3, 1, 4, 1 << 15]))
    expectRefused("shape") { try Dense(features: 1 << 30)($0, x) }
    expectRefused("num_segments") { _ in
      try indexedSum(
        .ones(Shape([1, 1 << 20])), dstIdx: Tensor([0] as [Int32]), numSegments: Dimension(1 << 30))
    }
  }

  /// The axis of degrees of a tensor without elements can be of any size.
  @Test func featuresOfAnyDegree() {
    for size in [1 << 40, (1 << 20) * (1 << 20), 257 * 257, (1 << 40) - 1] {
      let x = Tensor.zeros([0, 1, Dimension(size), 1])
      expectRefused("x") { _ in try reflect(x) }
    }
  }

  @Test func productsOfHighDegrees() {
    let x = Tensor.ones(Shape([1, 1 << 16, 1]))
    expectRefused("inputs1") { try TensorProduct()($0, x, x) }
    expectRefused("max_degree") { try TensorProduct(maxDegree: 200)($0, x, x) }
    expectRefused("inputs1") { try FusedTensorProduct()($0, x, x) }
  }

  @Test(arguments: wild)
  func matricesOfWildSizes(count: Int) throws {
    let irreps = [Tensor.ones([1, 4])]
    expectRefused("mult") { _ in
      try makeSquareMatrix(
        irreps, degrees: [0], mult: count, maxDegree: 0, shiftByIdentity: false)
    }
    expectRefused("degrees") { _ in
      try makeSquareMatrix(
        irreps, degrees: [count], mult: 1, maxDegree: .max, shiftByIdentity: false)
    }
    let error = #expect(throws: ArgumentError.self) {
      try initMatrixIrrepsWeights(
        RandomKey(seed: 0), numShells: 1, multiplicities: [0: count], mult: 2,
        standardDeviation: 1)
    }
    #expect(error?.argument == "dict_irreps")
  }

  /// A destination far away would make a list of all that lies before it.
  @Test func denseListsThatNobodyCanHold() throws {
    let (dst, src) = (Tensor([0, 1 << 30] as [Int32]), Tensor([0, 0] as [Int32]))
    let error = #expect(throws: ArgumentError.self) {
      try sparseToDenseIndices(dstIdx: dst, srcIdx: src)
    }
    #expect(error?.argument == "dst_idx")
    #expect(
      try sparseToDenseIndices(
        dstIdx: Tensor([2, 0, 2] as [Int32]), srcIdx: Tensor([1, 2, 0] as [Int32])
      )
      .scalars() == [2, 3, 3, 3, 1, 0] as [Int32])
  }

  @Test func derivativesOfWildOrders() {
    for order in [-1, 9, 1000, Int.max] {
      expectRefused("max_order") { _ in
        try evaluateDerivatives({ try $0.exp() }, Tensor([1.0] as [Double]), maxOrder: order)[0]
      }
    }
  }
}
