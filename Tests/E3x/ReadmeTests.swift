import E3x
import Testing

@Suite struct ReadmeTests {
  @Test func attentionOnAPointCloud() throws {
    // Example of README.md
    // Forty points, and all pairs of them that are closer than 2.
    let points = try Tensor(RandomKey(seed: 1).normal(Float.self, count: 120), shape: [40, 3])
    let pairs = try Pairs(Neighbors(positions: points.scalars(), cutoff: 2))

    // Basis functions of the vectors between them, up to degree 2.
    let basis = try RadialAngularBasis(
      of: pairs.displacements(of: points), maxDegree: 2, num: 8, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: 2))

    // Attention turns scalars into features of all degrees up to 2: [40, 1, 9, 16].
    let attention = SelfAttention(numHeads: 4, maxDegree: 2)
    func attend(_ scope: Scope) throws -> Tensor {
      try attention(
        scope, .ones([40, 1, 1, 16]), basis: basis, cutoffValue: basis.cutoff, pairs: pairs)
    }
    let parameters = try Parameters.initialize(seed: 0, attend)
    let features = try attend(parameters.scope)

    // Derivatives of any order: the gradient of a gradient.
    let slope = try gradient(of: features.square().sum(), withRespectTo: points)
    let curvature = try gradient(of: slope.square().sum(), withRespectTo: points)
    print(features.shape, try curvature[0])
    // End of example

    #expect(features.shape == [40, 1, 9, 16])
    #expect(try curvature.scalars(as: Float.self).allSatisfy { $0.isFinite && $0 != 0 })
  }
}
