import E3x
import Testing

@Suite struct FeaturesArticle {
  @Test func shapes() throws {
    // Example of Sources/E3x/E3x.docc/Features.md
    // Ten atoms: 16 scalar features each, and 16 of all degrees up to 2.
    let scalars = Tensor.ones([10, 1, 1, 16])
    let tensors = Tensor.ones([10, 1, 9, 16])
    let sum = try add(scalars, tensors)  // [10, 1, 9, 16]
    let both = try changeMaxDegreeOrType(sum, includePseudotensors: true)  // [10, 2, 9, 16]

    // Vectors are odd: parity channel 1, degree 1.
    let vectors = try both[..., 1, 1..<4, 0...]  // [10, 3, 16]
    // There are no pseudovectors among tensors: these are zeros.
    let pseudovectors = try both[..., 0, 1..<4, 0...]  // [10, 3, 16]
    // End of example

    #expect(sum.shape == [10, 1, 9, 16])
    #expect(try sum.entry(0, axis: -2).scalars(as: Float.self).allSatisfy { $0 == 2 })
    #expect(both.shape == [10, 2, 9, 16])
    #expect(vectors.shape == [10, 3, 16])
    #expect(try vectors.scalars(as: Float.self).allSatisfy { $0 == 1 })
    #expect(pseudovectors.shape == [10, 3, 16])
    #expect(try pseudovectors.scalars(as: Float.self).allSatisfy { $0 == 0 })
  }

  @Test func rotations() throws {
    // Example of Sources/E3x/E3x.docc/Features.md
    let r = try Tensor([1, 2, 3, -1, 0, 2] as [Double], shape: [2, 3])
    let turn = try rotation(
      axis: Tensor([1, 1, 0] as [Double]), angle: Tensor(0.5, dtype: .float64))

    func expand(_ r: Tensor) throws -> Tensor {
      try basis(r, maxDegree: 2, num: 4, radialFn: .reciprocalBernstein).basis  // [2, 1, 9, 4]
    }
    let turned = try rotate(expand(r), wignerD(turn, maxDegree: 2))
    let rotationError = try (turned - expand(r.matmul(turn))).absolute().max().item()
    let reflectionError = try (reflect(expand(r)) - expand(-r)).absolute().max().item()
    print(rotationError < 1e-14, reflectionError == 0)  // true true
    // End of example

    #expect(try expand(r).shape == [2, 1, 9, 4])
    #expect(rotationError < 1e-14)
    #expect(reflectionError == 0)
  }
}
