import E3x
import Testing

@Suite struct CouplingArticle {
  @Test func coefficients() throws {
    // Example of Sources/E3x/E3x.docc/CouplingIrreps.md
    let c = try clebschGordanForDegrees(1, 1, 1)  // [3, 3, 3]
    let z = try c[0, 1].scalars(as: Double.self)
    print(z)  // [0.0, 0.0, 0.7071067811865476]: x × y = z, up to √½
    // End of example

    #expect(c.shape == [3, 3, 3])
    #expect("\(z)" == "[0.0, 0.0, 0.7071067811865476]")
  }

  @Test func products() throws {
    // Example of Sources/E3x/E3x.docc/CouplingIrreps.md
    let key = RandomKey(seed: 0)
    let x = try Tensor(key.normal(Float.self, count: 10 * 4 * 16), shape: [10, 1, 4, 16])

    // Scalars and vectors with themselves: tensors up to degree 2, of both parities.
    let product = TensorProduct(maxDegree: 2)
    let weights = try Parameters.initialize(seed: 0) { scope in try product(scope, x, x) }
    let y = try product(weights.scope, x, x)  // [10, 2, 9, 16]
    print(weights.scalarCount)  // 384: [1, 2, 1, 2, 2, 3, 16]

    // The fused product has fewer weights, and its cost grows more slowly with the degree.
    let fused = FusedTensorProduct(maxDegree: 2)
    let fewer = try Parameters.initialize(seed: 0) { scope in try fused(scope, x, x) }
    let z = try fused(fewer.scope, x, x)  // [10, 2, 9, 16]
    // End of example

    #expect(y.shape == [10, 2, 9, 16])
    #expect(z.shape == [10, 2, 9, 16])
    #expect(weights.scalarCount == 384)
    #expect(weights["kernel"]?.shape == [1, 2, 1, 2, 2, 3, 16])
    #expect(fewer.scalarCount < 384)
  }

  @Test func pseudoscalars() throws {
    // Example of Sources/E3x/E3x.docc/CouplingIrreps.md
    struct Chirality {
      func callAsFunction(_ scope: Scope, _ x: Tensor) throws -> Tensor {
        // Vectors couple to pseudovectors, and those with vectors to pseudoscalars.
        let y = try TensorDense()(scope.child("first"), x)
        return try TensorDense(features: 1, maxDegree: 0)(scope.child("second"), y)
      }
    }
    let vectors = try Tensor(
      RandomKey(seed: 1).normal(Float.self, count: 48), shape: [1, 1, 4, 12])
    let chirality = Chirality()
    let parameters = try Parameters.initialize(seed: 0) { try chirality($0, vectors) }
    let left = try chirality(parameters.scope, vectors).scalars(as: Float.self)
    let right = try chirality(parameters.scope, reflect(vectors)).scalars(as: Float.self)
    print(left[0] == right[0], left[1] == -right[1])  // true true: a scalar and a pseudoscalar
    // End of example

    #expect(left.count == 2 && left[0] == right[0] && left[1] == -right[1])
    #expect(left[0] != 0 && left[1] != 0)
  }

  @Test func cartesianTensors() throws {
    // Example of Sources/E3x/E3x.docc/CouplingIrreps.md
    let irreps = try sphericalHarmonics(Tensor([0, 0, 1] as [Double]), maxDegree: 2)
    let quadrupole = try irrepsToTensor(irreps[..., 4..<9], degree: 2)  // [3, 3]
    let back = try tensorToIrreps(quadrupole, degree: 2)  // [5]
    // End of example

    let expected: [Double] = [-1 / 3.0, 0, 0, 0, -1 / 3.0, 0, 0, 0, 2 / 3.0]
    for (value, expected) in zip(try quadrupole.scalars(as: Double.self), expected) {
      #expect(abs(value - expected) < 1e-15)
    }
    let five = try irreps.scalars(as: Double.self)[4..<9]
    for (value, expected) in zip(try back.scalars(as: Double.self), five) {
      #expect(abs(value - expected) < 1e-15)
    }
    #expect(quadrupole.shape == [3, 3] && back.shape == [5])
  }
}
