import E3xEngine
import E3xNN
import TestSupport
import Testing

/// Pairs that are made once give what index arguments give, in every layer.
@Suite struct PairsTests {
  /// A layer on features of five atoms, with its parameters.
  private enum Layer: CaseIterable { case messagePass, attention, selfAttention }

  private let atoms = 5

  private func call(
    _ layer: Layer, _ scope: Scope, _ x: Tensor, _ basis: RadialAngularBasis, isProduct: Bool,
    pairs: Pairs
  ) throws -> Tensor {
    switch (layer, isProduct) {
    case (.messagePass, false):
      try MessagePass(maxDegree: 1)(scope, x, basis: basis.basis, pairs: pairs)
    case (.messagePass, true): try MessagePass(maxDegree: 1)(scope, x, basis: basis, pairs: pairs)
    case (.attention, false):
      try MultiHeadAttention(numHeads: 2)(
        scope, x, x, basis: basis.basis, cutoffValue: basis.cutoff, pairs: pairs)
    case (.attention, true):
      try MultiHeadAttention(numHeads: 2)(
        scope, x, x, basis: basis, cutoffValue: basis.cutoff, pairs: pairs)
    case (.selfAttention, false):
      try SelfAttention(numHeads: 2)(
        scope, x, basis: basis.basis, cutoffValue: basis.cutoff, pairs: pairs)
    case (.selfAttention, true):
      try SelfAttention(numHeads: 2)(
        scope, x, basis: basis, cutoffValue: basis.cutoff, pairs: pairs)
    }
  }

  private func call(
    _ layer: Layer, _ scope: Scope, _ x: Tensor, _ basis: RadialAngularBasis, adjIdx: Tensor?,
    mask: Tensor?, dst: Tensor?, src: Tensor?, segments: Dimension?
  ) throws -> Tensor {
    switch layer {
    case .messagePass:
      try MessagePass(maxDegree: 1)(
        scope, x, basis: basis.basis, adjIdx: adjIdx, where: mask, dstIdx: dst, srcIdx: src,
        numSegments: segments)
    case .attention:
      try MultiHeadAttention(numHeads: 2)(
        scope, x, x, basis: basis.basis, cutoffValue: basis.cutoff, adjIdx: adjIdx, where: mask,
        dstIdx: dst, srcIdx: src, numSegments: segments)
    case .selfAttention:
      try SelfAttention(MultiHeadAttention(numHeads: 2))(
        scope, x, basis: basis.basis, cutoffValue: basis.cutoff, adjIdx: adjIdx, where: mask,
        dstIdx: dst, srcIdx: src, numSegments: segments)
    }
  }

  @Test(arguments: Layer.allCases, 0..<4)
  private func layersTakeWhatIndexArgumentsSay(layer: Layer, kind: Int) throws {
    let positions = try testValues([atoms, 3], seed: 1)
    let x = try testFeatures([atoms], parities: 2, maxDegree: 1, features: 4, seed: 2)
    let adjIdx = try densePairwiseIndices(atoms)
    let mask = try Tensor((0..<20).map { $0 % 3 != 1 }, shape: [atoms, 4])
    let (dst, src) = try sparsePairwiseIndices(atoms)
    let (pairs, given): (Pairs, (Tensor?, Tensor?, Tensor?, Tensor?, Dimension?)) =
      switch kind {
      case 0: (try Pairs(dstIdx: dst, srcIdx: src), (nil, nil, dst, src, nil))
      case 1:
        (try Pairs(dstIdx: dst, srcIdx: src, numSegments: 3), (nil, nil, dst, src, 3))
      case 2: (try Pairs(adjIdx: adjIdx), (adjIdx, nil, nil, nil, nil))
      default: (try Pairs(adjIdx: adjIdx, where: mask), (adjIdx, mask, nil, nil, nil))
      }
    let basis = try RadialAngularBasis(
      of: pairs.displacements(of: positions), maxDegree: 1, num: 3, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: 6))
    let parameters = try testParameters {
      try call(layer, $0, x, basis, isProduct: false, pairs: pairs)
    }
    let expected = try call(
      layer, parameters.scope, x, basis, adjIdx: given.0, mask: given.1, dst: given.2,
      src: given.3, segments: given.4)
    #expect(try expected.absolute().max().item() > 1e-3)
    for isProduct in [false, true] {
      try expectAgreement(
        call(layer, parameters.scope, x, basis, isProduct: isProduct, pairs: pairs),
        with: expected, tolerance: 1e-13)
    }
  }

  @Test func whatThePairsHave() throws {
    let x = try testValues([atoms, 3], seed: 1)
    let (dst, src) = try sparsePairwiseIndices(atoms)
    let sparse = try Pairs(dstIdx: dst, srcIdx: src)
    let dense = try Pairs(adjIdx: densePairwiseIndices(atoms))
    try expectAgreement(sparse.sources(of: x), with: gatherSrc(x, srcIdx: src), tolerance: 0)
    try expectAgreement(
      sparse.destinations(of: x), with: gatherDst(x, dstIdx: dst), tolerance: 0)
    try expectAgreement(
      dense.displacements(of: x).reshaped(to: [20, 3]), with: sparse.displacements(of: x),
      tolerance: 0)
    #expect(try dense.destinations(of: x).shape == [5, 1, 3])
  }

  @Test func pairsOfATracedFunction() throws {
    let (rows, count) = (Dimension.rows("pairs"), Dimension.rows("atoms"))
    let layer = SelfAttention(
      useRelativePositionalEncodingQK: false, useRelativePositionalEncodingV: false)
    let x = try testFeatures([atoms], parities: 1, maxDegree: 1, features: 2, seed: 1)
    let (dst, src) = try sparsePairwiseIndices(atoms)
    let pairs = try Pairs(dstIdx: dst, srcIdx: src)
    let parameters = try testParameters { try layer($0, x, pairs: pairs) }
    let function = try CompiledFunction([
      TensorSpecification([count, 1, 4, 2], dtype: .float64),
      TensorSpecification([rows], dtype: .int32), TensorSpecification([rows], dtype: .int32),
    ]) {
      [try layer(parameters.scope, $0[0], pairs: Pairs(dstIdx: $0[1], srcIdx: $0[2]))]
    }
    try expectAgreement(
      function([x, dst, src])[0], with: layer(parameters.scope, x, pairs: pairs),
      tolerance: 1e-13)
    #expect(throws: EvaluationError.self) { try function([x, dst - 1, src]) }
  }

  @Test func listsThatAreNone() throws {
    let list = Tensor([0, 1, 2], dtype: .int32)
    let table = try list.broadcast(to: [2, 3])
    for (argument, attempt): (String, () throws -> Pairs) in [
      ("dst_idx", { try Pairs(dstIdx: Tensor([0, 1, 2]), srcIdx: list) }),
      ("src_idx", { try Pairs(dstIdx: list, srcIdx: Tensor([0, 1, 2])) }),
      ("src_idx", { try Pairs(dstIdx: list, srcIdx: list[..<2]) }),
      ("dst_idx", { try Pairs(dstIdx: list - 1, srcIdx: list) }),
      ("src_idx", { try Pairs(dstIdx: list, srcIdx: list - 3) }),
      ("num_segments", { try Pairs(dstIdx: list, srcIdx: list, numSegments: -1) }),
      ("adj_idx", { try Pairs(adjIdx: list) }), ("adj_idx", { try Pairs(adjIdx: table - 1) }),
      ("where", { try Pairs(adjIdx: table, where: table) }),
      ("where", { try Pairs(adjIdx: table, where: list.isLess(than: 2)) }),
    ] {
      let error = #expect(throws: ArgumentError.self) { try attempt() }
      #expect(error?.function == "Pairs")
      #expect(error?.argument == argument)
    }
    // What does not fit the features is the layer's to say.
    let pairs = try Pairs(adjIdx: table)
    let parameters = try Parameters.initialize(seed: 0) { _ in Tensor(0) }
    let error = #expect(throws: ArgumentError.self) {
      try MultiHeadAttention(
        useRelativePositionalEncodingQK: false, useRelativePositionalEncodingV: false)(
          parameters.scope, .ones([4, 1, 1, 2]), .ones([4, 1, 1, 2]), pairs: pairs)
    }
    #expect(error?.function == "MultiHeadAttention")
    #expect(error?.argument == "adj_idx")
  }
}
