import E3x
import Foundation
import Testing

@Suite struct ReadmeTests {
  /// The example of the README, line by line.
  @Test func theExampleRuns() throws {
    // Forty points, and all pairs of them that are closer than 2.
    let points = try Tensor(RandomKey(seed: 1).normal(Float.self, count: 120), shape: [40, 3])
    let pairs = Neighbors(positions: try points.scalars(), cutoff: 2)
    let (dst, src) = (Tensor(pairs.destinations), Tensor(pairs.sources))

    // Basis functions of the vectors between them, up to degree 2.
    let r = try gatherSrc(points, srcIdx: src) - gatherDst(points, dstIdx: dst)
    let expansion = try basis(
      r, maxDegree: 2, num: 8, radialFn: .reciprocalBernstein, cutoffFn: .smooth(cutoff: 2),
      returnCutoff: true)

    // Attention turns scalars into features of all degrees up to 2: [40, 1, 9, 16].
    let attention = SelfAttention(MultiHeadAttention(numHeads: 4, maxDegree: 2))
    func attend(_ scope: Scope) throws -> Tensor {
      try attention(
        scope, .ones([40, 1, 1, 16]), basis: expansion.basis, cutoffValue: expansion.cutoff,
        dstIdx: dst, srcIdx: src)
    }
    let parameters = try Parameters.initialize(seed: 0, attend)
    let features = try attend(parameters.scope)

    // Derivatives of any order: the gradient of a gradient.
    let slope = try gradient(of: features.square().sum(), withRespectTo: [points])[0]
    let curvature = try gradient(of: slope.square().sum(), withRespectTo: [points])[0]
    print(features.shape, try curvature.scalars(as: Float.self).prefix(3))
    // The README ends here.

    #expect(features.shape == [40, 1, 9, 16])
    #expect(try curvature.scalars(as: Float.self).allSatisfy { $0.isFinite && $0 != 0 })
  }

  @Test func theExampleIsTheOneOfTheReadme() throws {
    let here = URL(fileURLWithPath: #filePath)
    let root = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    func lines(_ url: URL, from start: String, to end: String) throws -> [String] {
      let text = try String(contentsOf: url, encoding: .utf8)
      let all = text.components(separatedBy: "\n").map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      let first = try #require(all.firstIndex(of: start))
      let last = try #require(all[first...].firstIndex(of: end))
      return all[first..<last].filter { !$0.isEmpty }
    }
    let start = "// Forty points, and all pairs of them that are closer than 2."
    let readme = try lines(
      root.appendingPathComponent("README.md"), from: start, to: "```")
    let tested = try lines(here, from: start, to: "// The README ends here.")
    #expect(readme.count > 15)
    #expect(readme == tested)
  }
}
