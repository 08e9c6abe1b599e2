import E3xEngine
import E3xNN
import TestSupport
import Testing

/// Whatever numbers the entries of padding pairs carry, outputs and derivatives are as without.
@Suite struct PaddingTests {
  private let atoms = 4
  private let dst: [Int32] = [0, 0, 1, 2, 3, 3]
  private let src: [Int32] = [1, 3, 0, 3, 0, 2]

  /// A function of inputs, basis, a factor of each pair, and an index list.
  private typealias Layer = (
    Scope, _ x: Tensor, _ basis: Tensor, _ factor: Tensor, _ dst: Tensor, _ src: Tensor
  ) throws -> Tensor

  /// Two entries of padding among the pairs, and two behind them.
  private func padded(_ tensor: Tensor, _ content: Double) throws -> Tensor {
    let pad = Tensor.full(Shape([2] + tensor.shape.dropFirst()), content, dtype: .float64)
    return try Tensor.concatenate(
      [tensor.sliced(0..<3, axis: 0), pad, tensor.sliced(3..<6, axis: 0), pad], axis: 0
    ).materialized()
  }

  private func unpadded(_ tensor: Tensor) throws -> Tensor {
    try .concatenate([tensor.sliced(0..<3, axis: 0), tensor.sliced(5..<8, axis: 0)], axis: 0)
  }

  private func list(_ indices: [Int32], _ padding: [Int32]) -> Tensor {
    let (start, end) = (Array(indices[..<3]), Array(indices[3...]))
    return Tensor(start + padding[..<2] + end + padding[2...])
  }

  /// - Parameter content: what the basis and the factors of padding are.
  /// - Parameter change: changes the parameters, which are drawn at random.
  private func expectPaddingIsIgnored(
    _ content: Double, factorAxes: [Int] = [], sourceLocation: SourceLocation = #_sourceLocation,
    change: (inout Parameters) throws -> Void = { _ in }, _ layer: Layer
  ) throws {
    let x = try testFeatures([atoms], parities: 1, maxDegree: 1, features: 2, seed: 1)
      .absolute().materialized()
    let basis = try testFeatures([6], parities: 1, maxDegree: 1, features: 3, seed: 2)
    let factor = try testValues([6] + factorAxes, seed: 3).absolute().materialized()
    var parameters = try testParameters {
      try layer($0, x, basis, factor, Tensor(dst), Tensor(src))
    }
    try change(&parameters)
    let tensors = parameters.map(\.tensor)

    let plain = try layer(parameters.scope, x, basis, factor, Tensor(dst), Tensor(src))
    let plainVariables = [x, basis, factor] + tensors
    let plainFirst = try gradient(of: plain.square().sum(), withRespectTo: plainVariables)
    let plainSecond = try gradient(
      of: plainFirst[0].square().sum() + plainFirst[1].square().sum(),
      withRespectTo: plainVariables)
    let (paddedBasis, paddedFactor) = (try padded(basis, content), try padded(factor, content))
    let n = Int32(atoms)
    // Padding of both lists, and of destinations only.
    for sourcePadding in [[n, n, n, n], [0, 1, 2, 3]] {
      let (toList, fromList) = (list(dst, [n, n, n, n]), list(src, sourcePadding))
      let found = try layer(parameters.scope, x, paddedBasis, paddedFactor, toList, fromList)
      try expectAgreement(
        found, with: plain, tolerance: 1e-13, "output", sourceLocation: sourceLocation)
      let variables = [x, paddedBasis, paddedFactor] + tensors
      let first = try gradient(of: found.square().sum(), withRespectTo: variables)
      let second = try gradient(
        of: first[0].square().sum() + unpadded(first[1]).square().sum(), withRespectTo: variables)
      for (order, (results, expected)) in [(first, plainFirst), (second, plainSecond)].enumerated()
      {
        for (index, (a, b)) in matched(results, expected).enumerated() {
          let isOfPairs = index == 1 || index == 2
          try expectAgreement(
            isOfPairs ? unpadded(a) : a, with: b, tolerance: 1e-10,
            "derivative \(order + 1) to variable \(index)", sourceLocation: sourceLocation)
        }
      }
    }
  }

  @Test(arguments: [1e30, Double.infinity, -Double.infinity, Double.nan], [true, false])
  func messagePass(content: Double, fused: Bool) throws {
    try expectPaddingIsIgnored(content, factorAxes: [1, 1, 2]) {
      scope, x, basis, factor, dst, src in
      try MessagePass(useBasisBias: true, useFusedTensor: fused)(
        scope, x, basis: basis, weights: factor, dstIdx: dst, srcIdx: src)
    }
  }

  @Test(arguments: [1e30, Double.infinity, -Double.infinity, Double.nan], [true, false])
  func attention(content: Double, attendsToNothing: Bool) throws {
    try expectPaddingIsIgnored(content) { scope, x, basis, factor, dst, src in
      try MultiHeadAttention(
        numHeads: 2, useBasisBias: true, attendsToNothing: attendsToNothing)(
          scope, x, x, basis: basis, cutoffValue: factor, dstIdx: dst, srcIdx: src)
    }
  }

  /// Logits of some -1000: the exponential of what is subtracted from them overflows.
  @Test(arguments: [true, false])
  func attentionWithVerySmallLogits(withCutoff: Bool) throws {
    try expectPaddingIsIgnored(
      .nan,
      change: { parameters in
        let identity = try Tensor([1, 0, 0, 1] as [Double], shape: [2, 2])
        for (path, factor) in [
          ("query/0+", -40.0), ("query/1-", 0), ("key/0+", 40), ("key/1-", 40),
        ] { parameters[path + "/kernel"] = try (identity * factor).materialized() }
      }
    ) { scope, x, basis, factor, dst, src in
      try MultiHeadAttention(useRelativePositionalEncodingQK: false)(
        scope, x + 1, x + 1, basis: basis, cutoffValue: withCutoff ? factor : nil, dstIdx: dst,
        srcIdx: src)
    }
  }

  @Test(arguments: [1e30, Double.infinity, Double.nan], [0, 1, 2])
  func denseLists(content: Double, layer: Int) throws {
    let x = try testFeatures([3], parities: 1, maxDegree: 1, features: 2, seed: 1)
    // The last column is padding, given by an index 3 or by a mask.
    let adj = try Tensor([1, 2, 3, 0, 2, 3, 0, 1, 3] as [Int32], shape: [3, 3])
    let masked = try Tensor([1, 2, 0, 0, 2, 2, 0, 1, 1] as [Int32], shape: [3, 3])
    let mask = try Tensor(
      [true, true, false, true, true, false, true, true, false], shape: [3, 3])
    let inner = try Tensor([1, 2, 0, 2, 0, 1] as [Int32], shape: [3, 2])
    let basis = try testFeatures([3, 2], parities: 1, maxDegree: 1, features: 3, seed: 2)
    let cutoff = try testValues([3, 2], seed: 4).absolute().materialized()
    let paddedBasis = try Tensor.concatenate(
      [basis, .full([3, 1, 1, 4, 3], content, dtype: .float64)], axis: 1
    ).materialized()
    let paddedCutoff = try Tensor.concatenate(
      [cutoff, .full([3, 1], content, dtype: .float64)], axis: 1
    ).materialized()
    func call(
      _ scope: Scope, _ basis: Tensor, _ cutoff: Tensor, _ adj: Tensor, _ mask: Tensor?
    ) throws -> Tensor {
      switch layer {
      case 0:
        return try MessagePass(useBasisBias: true)(
          scope, x, basis: basis, adjIdx: adj, where: mask)
      case 1:
        return try MultiHeadAttention(useBasisBias: true)(
          scope, x, x, basis: basis, cutoffValue: cutoff, adjIdx: adj, where: mask)
      default:
        return try SelfAttention(MultiHeadAttention(numHeads: 2, attendsToNothing: true))(
          scope, x, basis: basis, cutoffValue: cutoff, adjIdx: adj, where: mask)
      }
    }
    let parameters = try testParameters { try call($0, basis, cutoff, inner, nil) }
    let variables = [x] + parameters.map(\.tensor)
    let expected = try call(parameters.scope, basis, cutoff, inner, nil)
    let slopes = try gradient(of: expected.square().sum(), withRespectTo: variables)
    for (list, mask) in [(adj, nil), (masked, mask)] as [(Tensor, Tensor?)] {
      let found = try call(parameters.scope, paddedBasis, paddedCutoff, list, mask)
      try expectAgreement(found, with: expected, tolerance: 1e-13)
      let gradients = try gradient(of: found.square().sum(), withRespectTo: variables)
      for (index, (a, b)) in matched(gradients, slopes).enumerated() {
        try expectAgreement(a, with: b, tolerance: 1e-11, "variable \(index)")
      }
    }
  }
}
