import E3xEngine
import E3xNN
import TestSupport
import Testing

/// Messages of fused products are coupled after the sum, path by path; the layer alone multiplies
/// matrices. Both are the same function.
@Suite struct FusedSumTests {
  @Test(arguments: 0..<12) func sumsOfProductsAreProductsOfSums(seed: Int) throws {
    let choices = try RandomKey(seed: seed).bits(count: 6)
    func pick(_ index: Int, _ values: [Int]) -> Int { values[Int(choices[index]) % values.count] }
    let (basisDegree, degree) = (pick(0, [0, 1, 2, 3]), pick(1, [0, 1, 2, 3]))
    let highest = min(4, basisDegree + degree)
    let layer = MessagePass(
      maxDegree: pick(2, Array(0...highest)), includePseudotensors: pick(3, [0, 1]) == 1,
      cartesianOrder: seed % 3 != 0, useFusedTensor: true)
    let x = try testFeatures(
      [4], parities: pick(4, [1, 2]), maxDegree: degree, features: 3, seed: seed)
    let basis = try testFeatures(
      [7], parities: pick(5, [1, 2]), maxDegree: basisDegree, features: 2, seed: seed + 100)
    let (dst, src) = (
      Tensor([0, 0, 1, 1, 1, 2, 4] as [Int32]), Tensor([1, 2, 0, 3, 2, 0, 0] as [Int32])
    )
    let parameters = try testParameters { scope in
      try layer(scope, x, basis: basis, dstIdx: dst, srcIdx: src)
    }
    let messages = try layer(parameters.scope, x, basis: basis, dstIdx: dst, srcIdx: src)
    let filter = try Dense(features: 3, useBias: false)(parameters.scope.child("filter"), basis)
    let products = try FusedTensorProduct(
      maxDegree: layer.convolution.maxDegree,
      includePseudotensors: layer.convolution.includePseudotensors,
      cartesianOrder: layer.convolution.cartesianOrder
    )(parameters.scope.child("fused_tensor"), filter, gatherSrc(x, srcIdx: src))
    let expected = try indexedSum(products, dstIdx: dst, numSegments: 4)
    try expectAgreement(messages, with: expected, tolerance: 1e-13, "\(layer)")
    // The parameters' derivatives, too, all together: some are zero but for rounding.
    let variables = parameters.map(\.tensor)
    func derivatives(_ result: Tensor) throws -> Tensor {
      let all = try gradient(of: result.square().sum(), withRespectTo: variables)
      return try .concatenate(all.map { try $0.reshaped(to: [$0.shape.elementCount]) }, axis: 0)
    }
    try expectAgreement(
      derivatives(messages), with: derivatives(expected), tolerance: 1e-12, "\(layer)")
  }
}
