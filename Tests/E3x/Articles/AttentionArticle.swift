import E3x
import Testing

@Suite struct AttentionArticle {
  @Test func attention() throws {
    // Example of Sources/E3x/E3x.docc/Attention.md
    // A module of one's own: two layers of self-attention on atoms.
    struct Encoder {
      let embed = Embed(numEmbeddings: 10, features: 32)
      let first = SelfAttention(numHeads: 4, maxDegree: 2)
      let second = SelfAttention(numHeads: 4, maxDegree: 1)

      func callAsFunction(
        _ scope: Scope, species: Tensor, positions: Tensor, pairs: Pairs
      ) throws -> Tensor {
        let basis = try RadialAngularBasis(
          of: pairs.displacements(of: positions), maxDegree: 2, num: 8,
          radialFn: .reciprocalBernstein, cutoffFn: .smooth(cutoff: 4))
        var x = try embed(scope.child("embed"), species)  // [N, 1, 1, 32]
        x = try first(
          scope.child("first"), x, basis: basis, cutoffValue: basis.cutoff, pairs: pairs
        )  // [N, 2, 9, 32]
        return try second(
          scope.child("second"), silu(x), basis: basis, cutoffValue: basis.cutoff, pairs: pairs
        )  // [N, 2, 4, 32]
      }
    }

    let encoder = Encoder()
    let positions = try Tensor([[0, 0, 0], [0.96, 0, 0], [-0.24, 0.93, 0]])
    let species = Tensor([8, 1, 1], dtype: .int32)
    let (dst, src) = try sparsePairwiseIndices(3)
    let pairs = try Pairs(dstIdx: dst, srcIdx: src)
    func encode(_ scope: Scope) throws -> Tensor {
      try encoder(scope, species: species, positions: positions, pairs: pairs)
    }
    let parameters = try Parameters.initialize(seed: 0, encode)
    let features = try encode(parameters.scope)
    print(features.shape)  // [3, 2, 4, 32]
    // End of example

    #expect(features.shape == [3, 2, 4, 32])
    #expect(parameters["first/query/0+/kernel"]?.shape == [32, 32])
  }

  @Test func crossAttention() throws {
    // Example of Sources/E3x/E3x.docc/Attention.md
    // Two sites attend to three atoms: a dense list, in which 3 is padding.
    let (sites, atoms) = (Tensor.ones([2, 1, 1, 8]), Tensor.ones([3, 1, 4, 8]))
    let sources = try Tensor([0, 1, 2, 3], shape: [2, 2], dtype: .int32)
    let attention = MultiHeadAttention(
      numHeads: 2, useRelativePositionalEncodingQK: false, useRelativePositionalEncodingV: false)
    func attend(_ scope: Scope) throws -> Tensor {
      try attention(scope, sites, atoms, adjIdx: sources)
    }
    let parameters = try Parameters.initialize(seed: 0, attend)
    let features = try attend(parameters.scope)
    print(features.shape)  // [2, 1, 4, 8]
    // End of example

    #expect(features.shape == [2, 1, 4, 8])
    // The atoms are alike, so are the means of two and of one of them.
    let values = try features.scalars(as: Float.self)
    for (a, b) in zip(values[..<32], values[32...]) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func smoothness() throws {
    // Example of Sources/E3x/E3x.docc/Attention.md
    // The features of an atom whose only neighbour is near the cutoff, 2.
    func attend(distance: Double, attendsToNothing: Bool) throws -> Double {
      let attention = SelfAttention(
        useRelativePositionalEncodingQK: false, useRelativePositionalEncodingV: false,
        attendsToNothing: attendsToNothing)
      let cutoff = try smoothCutoff(Tensor([distance, distance]), cutoff: 2)
      let (dst, src) = try sparsePairwiseIndices(2)
      func call(_ scope: Scope) throws -> Tensor {
        try attention(
          scope, .ones([2, 1, 1, 4], dtype: .float64), cutoffValue: cutoff, dstIdx: dst, srcIdx: src
        )
      }
      let parameters = try Parameters.initialize(seed: 0, call)
      return try call(parameters.scope).norm().item()
    }
    let inside = try attend(distance: 1, attendsToNothing: false)
    let jumps = try attend(distance: 1.99, attendsToNothing: false)  // the same, and 0 at 2
    let smooth = try attend(distance: 1.99, attendsToNothing: true)  // below 1e-40
    // End of example

    #expect(inside > 0.1)
    #expect(abs(jumps - inside) < 1e-6 * inside)
    #expect(try attend(distance: 2, attendsToNothing: false) == 0)
    #expect(smooth < 1e-40)
  }
}
