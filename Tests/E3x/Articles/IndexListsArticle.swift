import E3x
import Testing

@Suite struct IndexListsArticle {
  @Test func listsAndReductions() throws {
    // Example of Sources/E3x/E3x.docc/IndexLists.md
    // Three atoms in a row; the outer ones do not see each other.
    let x = Tensor([0, 1, 3])
    let dst = Tensor([0, 1, 1, 2], dtype: .int32)
    let src = Tensor([1, 0, 2, 1], dtype: .int32)

    let distances = try (gatherSrc(x, srcIdx: src) - gatherDst(x, dstIdx: dst)).absolute()
    let sums = try indexedSum(distances, dstIdx: dst, numSegments: 3)
    print(try sums.scalars(as: Float.self))  // [1.0, 3.0, 2.0]

    let weights = try indexedSoftmax(distances, dstIdx: dst, numSegments: 3)
    // The weights of each atom's pairs add up to one.
    let ones = try indexedSum(weights, dstIdx: dst, numSegments: 3)
    // End of example

    #expect(try sums.scalars(as: Float.self) == [1, 3, 2])
    #expect(try ones.scalars(as: Float.self).allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test func denseLists() throws {
    // Example of Sources/E3x/E3x.docc/IndexLists.md
    let all = try densePairwiseIndices(3)  // [[1, 2], [0, 2], [0, 1]]
    let (dst, src) = try denseToSparseIndices(all)  // six pairs

    // Atom 1 has two neighbours, the others one: rows are filled up with the index 3.
    let dense = try sparseToDenseIndices(
      dstIdx: Tensor([0, 1, 1, 2], dtype: .int32), srcIdx: Tensor([1, 0, 2, 1], dtype: .int32),
      padIdx: 3)
    print(try dense.scalars(as: Int32.self))  // [1, 3, 0, 2, 1, 3]
    // End of example

    #expect(try all.scalars(as: Int32.self) == [1, 2, 0, 2, 0, 1])
    #expect(all.shape == [3, 2] && dst.shape == [6] && src.shape == [6])
    #expect(try dense.scalars(as: Int32.self) == [1, 3, 0, 2, 1, 3])
    #expect(dense.shape == [3, 2])
  }

  @Test func padding() throws {
    // Example of Sources/E3x/E3x.docc/IndexLists.md
    // Four places for pairs, three of them in use: the last points past all of three atoms.
    let values = Tensor([1, 2, 4, 1000])
    let padded = Tensor([0, 0, 2, 3], dtype: .int32)
    let sums = try indexedSum(values, dstIdx: padded, numSegments: 3)
    print(try sums.scalars(as: Float.self))  // [3.0, 0.0, 4.0]

    // Anything else out of range is an error when numbers are asked for.
    let wrong = try indexedSum(values, dstIdx: Tensor([0, 0, 2, 4], dtype: .int32), numSegments: 3)
    do { try evaluate([wrong]) } catch { print(error) }
    // End of example

    #expect(try sums.scalars(as: Float.self) == [3, 0, 4])
    #expect(throws: EvaluationError.self) { try evaluate([wrong]) }
  }
}
