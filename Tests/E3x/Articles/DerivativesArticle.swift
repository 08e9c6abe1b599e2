import E3x
import Testing

@Suite struct DerivativesArticle {
  @Test func gradients() throws {
    // Example of Sources/E3x/E3x.docc/Derivatives.md
    let x = Tensor([1, 2, 3] as [Double])
    let y = try x.power(3).sum()
    let first = try gradient(of: y, withRespectTo: [x])[0]
    print(try first.scalars(as: Double.self))  // [3.0, 12.0, 27.0]

    // A gradient is a tensor like any other: differentiate again.
    let second = try gradient(of: first.sum(), withRespectTo: [x])[0]
    let third = try gradient(of: second.sum(), withRespectTo: [x])[0]
    print(try second.scalars(as: Double.self))  // [6.0, 12.0, 18.0]
    print(try third.scalars(as: Double.self))  // [6.0, 6.0, 6.0]
    // End of example

    #expect(try first.scalars(as: Double.self) == [3, 12, 27])
    #expect(try second.scalars(as: Double.self) == [6, 12, 18])
    #expect(try third.scalars(as: Double.self) == [6, 6, 6])
  }

  @Test func functionsOfOneVariable() throws {
    // Example of Sources/E3x/E3x.docc/Derivatives.md
    let x = Tensor([0, 0.5, 2] as [Double])
    let derivatives = try evaluateDerivatives({ try smoothCutoff($0) }, x, maxOrder: 4)
    print(derivatives.count)  // 5: the function and its derivatives up to order 4
    print(try derivatives[2].scalars(as: Double.self)[0])  // -2.0
    // End of example

    #expect(derivatives.count == 5)
    #expect(try derivatives[2].scalars(as: Double.self)[0] == -2)
    #expect(try derivatives.allSatisfy { try $0.scalars(as: Double.self)[2] == 0 })
  }

  @Test func forces() throws {
    // Example of Sources/E3x/E3x.docc/Derivatives.md
    // A Lennard-Jones dimer, ε = σ = 1: forces are the gradient, and so is a part of the Hessian.
    let positions = try Tensor([0, 0, 0, 1.5, 0, 0] as [Double], shape: [2, 3])
    let r = try (positions[1] - positions[0]).norm()
    let energy = try 4 * (r.power(-12) - r.power(-6))
    let forces = try -gradient(of: energy, withRespectTo: positions)  // [2, 3]
    // The derivative of one force: a row of the Hessian.
    let row = try gradient(of: forces[1, 0], withRespectTo: positions)
    // End of example

    let expected = 4 * (12 * pow(1.5, -13) - 6 * pow(1.5, -7))
    let force = try forces.scalars(as: Double.self)
    #expect(abs(force[3] - expected) < 1e-14 && force[0] == -force[3])
    let curvature = 4 * (156 * pow(1.5, -14) - 42 * pow(1.5, -8))
    #expect(abs(try row.scalars(as: Double.self)[3] + curvature) < 1e-13)
  }

  @Test func compiledFunctions() throws {
    // Example of Sources/E3x/E3x.docc/Derivatives.md
    // Traced once, for every number of atoms: energies of springs to the origin, and forces.
    let atoms = Dimension.rows("atoms")
    let springs = try CompiledFunction([TensorSpecification([atoms, 3])]) { arguments in
      let energy = try arguments[0].square().sum() * 0.5
      return [energy, try -gradient(of: energy, withRespectTo: arguments)[0]]
    }
    for count in [1, 1000] {
      let results = try springs([.ones([Dimension(count), 3])])
      print(try results[0].item(), results[1].shape)  // 1.5 [1, 3], then 1500.0 [1000, 3]
    }
    // End of example

    let results = try springs([.ones([1000, 3])])
    #expect(try results[0].item() == 1500)
    #expect(results[1].shape == [1000, 3])
    #expect(try results[1].scalars(as: Float.self).allSatisfy { $0 == -1 })
  }

  private func pow(_ x: Double, _ n: Int) -> Double {
    n < 0 ? 1 / pow(x, -n) : (0..<n).reduce(1) { product, _ in product * x }
  }
}
