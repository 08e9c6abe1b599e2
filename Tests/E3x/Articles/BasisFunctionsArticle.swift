import E3x
import Testing

@Suite struct BasisFunctionsArticle {
  @Test func basisOfVectors() throws {
    // Example of Sources/E3x/E3x.docc/BasisFunctions.md
    // Displacements in Å: eight radial functions times harmonics up to degree 3.
    let r = try Tensor([0, 0, 1.5, 1, 1, 0, 0, 0, 6], shape: [3, 3])
    let expansion = try basis(
      r, maxDegree: 3, num: 8, radialFn: .reciprocalBernstein, cutoffFn: .smooth(cutoff: 5),
      returnCutoff: true, returnNorm: true, dampingFn: .smooth())
    print(expansion.basis.shape)  // [3, 1, 16, 8]
    print(try expansion.norm!.scalars(as: Float.self))  // [1.5, 1.4142135, 6.0]
    print(try expansion.cutoff!.scalars(as: Float.self)[2])  // 0.0: beyond the cutoff
    // End of example

    #expect(expansion.basis.shape == [3, 1, 16, 8])
    #expect(try expansion.norm!.scalars(as: Float.self) == [1.5, 1.4142135, 6])
    #expect(try expansion.cutoff!.scalars(as: Float.self)[2] == 0)
    #expect(try expansion.basis.entry(2, axis: 0).scalars(as: Float.self).allSatisfy { $0 == 0 })
  }

  @Test func radialFunctions() throws {
    // Example of Sources/E3x/E3x.docc/BasisFunctions.md
    let x = Tensor([0, 1, 2] as [Double])
    let gaussians = try RadialFunction.basic(.gaussian, limit: 2)(x, num: 3)  // [3, 3]
    // Bernstein polynomials add up to one.
    let ones = try RadialFunction.reciprocalBernstein(x, num: 6).sum([-1])  // [1, 1, 1]
    // The name and arguments that e3x has for a function, from a configuration file, say.
    let named = try RadialFunction(name: "exponential_gaussian", arguments: ["gamma": 0.5])
    print(named == .exponential(.gaussian, gamma: 0.5))  // true
    // Any function from [...] to [..., num] will do, with angular functions to go with it.
    let own = try basis(
      Tensor([3, 0, 4] as [Double]), maxDegree: 1, num: 2,
      radialFn: { x, num in try Tensor.stack((0..<num).map { try x.power($0) }, axis: -1) },
      angularFn: { r, degree, _ in try sphericalHarmonics(r, maxDegree: degree) })
    print(try own.basis.scalars(as: Double.self))  // 1 and 5, times 1 and (0.6, 0, 0.8)
    // End of example

    #expect(named == .exponential(.gaussian, gamma: 0.5))
    #expect(gaussians.shape == [3, 3])
    #expect(try ones.scalars(as: Double.self).allSatisfy { abs($0 - 1) < 1e-14 })
    let expected: [Double] = [1, 5, 0.6, 3, 0, 0, 0.8, 4]
    for (value, expected) in zip(try own.basis.scalars(as: Double.self), expected) {
      #expect(abs(value - expected) < 1e-14)
    }
  }

  @Test func learnedExponents() throws {
    // Example of Sources/E3x/E3x.docc/BasisFunctions.md
    // A basis with one parameter, the γ of its exponential functions.
    let expansion = ExponentialBasis(initialGamma: 0.9)
    func expand(_ scope: Scope, _ r: Tensor) throws -> Tensor {
      try expansion(scope, r, maxDegree: 1, num: 16, cutoffFn: .smooth(cutoff: 5)).basis
    }
    let parameters = try Parameters.initialize(seed: 0) { try expand($0, .ones([1, 3])) }
    print(parameters.map(\.path))  // ["gamma"]
    // End of example

    #expect(parameters.map(\.path) == ["gamma"])
    #expect(try expand(parameters.scope, .ones([5, 3])).shape == [5, 1, 4, 16])
  }
}
