import E3xEngine
import E3xInterpreter
import TestSupport
import Testing

/// Random numbers between -2 and 2, moved into the domain of a case.
private func arguments(_ testCase: PrimitiveCase, seed: Int) throws -> [Tensor] {
  try testCase.shapes.enumerated().map { index, shape in
    let values: [Double] = try testValues(shape, seed: 10 * seed + index).scalars()
    return try Tensor(values.map(testCase.domain), shape: shape)
  }
}

/// Fixed weights that make a scalar of any result.
private func weighted(_ x: Tensor) throws -> Tensor {
  try (x * testValues(x.shape.known!, seed: 99)).sum()
}

@Suite(.verifiedPlans) struct DerivativeTests {
  /// The directional derivative of a scalar function of tensors, by central differences.
  private func difference(
    _ arguments: [Tensor], _ directions: [Tensor], _ function: ([Tensor]) throws -> Tensor
  ) throws -> Double {
    let step = 1e-5
    func moved(_ sign: Double) throws -> Double {
      try function(
        matched(arguments, directions).map { argument, direction in
          try (argument + direction * (sign * step)).materialized()
        }
      ).item()
    }
    return try (moved(1) - moved(-1)) / (2 * step)
  }

  private func slope(
    _ arguments: [Tensor], _ directions: [Tensor], _ function: ([Tensor]) throws -> Tensor
  ) throws -> Tensor {
    let gradients = try gradient(of: function(arguments), withRespectTo: arguments)
    var sum = Tensor(0, dtype: .float64)
    for (gradient, direction) in matched(gradients, directions) {
      sum = try sum + (gradient * direction).sum()
    }
    return sum
  }

  @Test(arguments: primitiveCases, [ExecutorChoice.stepwise, .planned, .interpreter])
  func derivativesAreThoseOfDifferences(testCase: PrimitiveCase, executor: ExecutorChoice) throws {
    try ExecutorChoice.$override.withValue(executor) {
      let arguments = try arguments(testCase, seed: 1)
      let directions = try testCase.shapes.enumerated().map {
        try testValues($1, seed: 50 + $0)
      }
      let value: ([Tensor]) throws -> Tensor = { try weighted(testCase.function($0)) }
      let first: ([Tensor]) throws -> Tensor = { try slope($0, directions, value) }
      let second: ([Tensor]) throws -> Tensor = { try slope($0, directions, first) }
      for (order, lower, higher) in [(1, value, first), (2, first, second)] {
        let expected = try difference(arguments, directions, lower)
        let found = try higher(arguments).item()
        let error = abs(found - expected)
        #expect(
          error <= 2e-7 * max(1, abs(expected)), "order \(order): \(found), expected \(expected)")
      }
    }
  }

  @Test(arguments: primitiveCases)
  func bothExecutorsAgree(testCase: PrimitiveCase) throws {
    let arguments = try arguments(testCase, seed: 2)
    func results() throws -> [Tensor] {
      let output = try testCase.function(arguments)
      let first = try gradient(of: weighted(output), withRespectTo: arguments)
      var energy = Tensor(0, dtype: .float64)
      for part in first { energy = try energy + part.square().sum() }
      return [output] + first + (try gradient(of: energy, withRespectTo: arguments))
    }
    let expected = try ExecutorChoice.$override.withValue(.stepwise) {
      let tensors = try results()
      try evaluate(tensors)
      return tensors
    }
    let planned = try ExecutorChoice.$override.withValue(.planned) {
      let tensors = try results()
      try evaluate(tensors)
      return tensors
    }
    for (a, b) in matched(planned, expected) {
      try expectAgreement(a, with: b, tolerance: 1e-13)
    }
  }

  /// 3 x², by way of single precision.
  private func converted(_ x: Tensor) throws -> Tensor {
    let single = try x.cast(to: .float32)
    return try (single * single * 3).cast(to: .float64)
  }

  @Test func derivativesPassThroughConversions() throws {
    // Numbers that both types hold exactly.
    let x = Tensor([0.5, -2, 3] as [Double])
    let first = try gradient(of: converted(x).sum(), withRespectTo: [x])[0]
    #expect(first.dtype == .float64)
    #expect(try first.scalars() == [3, -12, 18] as [Double])
    let second = try gradient(of: first.sum(), withRespectTo: [x])[0]
    #expect(second.dtype == .float64)
    #expect(try second.scalars() == [6, 6, 6] as [Double])
    // Integers carry none.
    let floor = try x.cast(to: .int32).cast(to: .float64).sum()
    #expect(try gradient(of: floor, withRespectTo: [x])[0].scalars() == [0, 0, 0] as [Double])
  }

  @Test func everyPrimitiveWithADerivativeHasACase() throws {
    // What the cases really use, not what they are called. Conversions have a test of their own:
    // rounding hides them from differences.
    var used = try converted(Tensor([1] as [Double])).primitiveNames
    #expect(used.contains("cast"))
    for testCase in primitiveCases {
      used.formUnion(try testCase.function(arguments(testCase, seed: 1)).primitiveNames)
    }
    let all = PrimitiveKind.allCases.filter(\.isDifferentiable).flatMap(\.names)
    #expect(Set(all).count == all.count)
    let missing = Set(all).subtracting(used)
    #expect(missing.isEmpty, "without a case: \(missing)")
  }

  @Test func thirdDerivatives() throws {
    let x = try Tensor([0.3, -1.2, 0.7] as [Double], shape: [1, 3])
    // f = x² y z + sin(x y): d³/dx dy dz = 2x.
    let polynomial = PolynomialTable(name: "x²yz", polynomials: [[.init((2, 1, 1), 1)]])
    func component(_ t: Tensor, _ index: Int) throws -> Tensor { try t.entry(index, axis: 1).sum() }
    let f = try x.polynomials(polynomial).sum() + (component(x, 0) * component(x, 1)).sin()
    let dx = try component(gradient(of: f, withRespectTo: [x])[0], 0)
    let dxdy = try component(gradient(of: dx, withRespectTo: [x])[0], 1)
    let dxdydz = try component(gradient(of: dxdy, withRespectTo: [x])[0], 2)
    #expect(abs(try dxdydz.item() - 0.6) <= 1e-14)
  }

  @Test func tiesShareDerivatives() throws {
    let x = Tensor([1, 3, 3, 2] as [Double])
    #expect(
      try gradient(of: x.max(), withRespectTo: [x])[0].scalars() == [0, 0.5, 0.5, 0] as [Double])
    let y = Tensor([1, 3] as [Double])
    let z = Tensor([1, 2] as [Double])
    #expect(
      try gradient(of: Tensor.maximum(y, z).sum(), withRespectTo: [y])[0].scalars()
        == [0.5, 1] as [Double])
    let maxima = try x.segmentMax(Tensor([0, 0, 0, 1] as [Int32]), count: 3, empty: 0)
    #expect(
      try gradient(of: maxima.sum(), withRespectTo: [x])[0].scalars()
        == [0, 0.5, 0.5, 1] as [Double])
  }

  @Test func derivativesStopWhereTheyAreStopped() throws {
    let x = Tensor([2, 3] as [Double])
    let y = try (x * x.stoppingGradient()).sum()
    #expect(try gradient(of: y, withRespectTo: [x])[0].scalars() == [2, 3] as [Double])
    let unrelated = Tensor([1] as [Double])
    #expect(try gradient(of: y, withRespectTo: [unrelated])[0].scalars() == [0] as [Double])
  }

  @Test func derivativesToIntermediateResults() throws {
    // A reshape of a reshape must not lose the one in between.
    let x = Tensor([1, 2, 3, 4] as [Double])
    let middle = try x.sliced(0..<4, axis: 0).reshaped(to: [2, 2])
    let y = try middle.reshaped(to: [1, 2, 2]).square().sum()
    #expect(try gradient(of: y, withRespectTo: [middle])[0].scalars() == [2, 4, 6, 8] as [Double])
  }

  @Test func derivativesOfOverridesAreThoseOfTheirPullbacks() throws {
    let x = Tensor([2] as [Double])
    // A derivative of 5 x instead of 3 x²: its own derivative is 5.
    let y = try x.power(3).withDerivative(to: [x]) { g throws(ShapeError) in [try g * 5 * x] }
    let first = try gradient(of: y.sum(), withRespectTo: [x])[0]
    #expect(try y.item() == 8)
    #expect(try first.item() == 10)
    #expect(try gradient(of: first.sum(), withRespectTo: [x])[0].item() == 5)
  }

  @Test func softplusIsSmoothAtZero() throws {
    let x = Tensor([0] as [Double])
    let first = try gradient(of: x.softplus().sum(), withRespectTo: [x])[0]
    let second = try gradient(of: first.sum(), withRespectTo: [x])[0]
    #expect(try first.item() == 0.5)
    #expect(try second.item() == 0.25)
  }

  @Test func paddingGetsNoDerivative() throws {
    let x = try Tensor([1, 2, 3] as [Double], shape: [3, 1])
    let list = Tensor([0, 3, 2] as [Int32])
    let gathered = try x.gathered(list)
    #expect(try gathered.scalars() == [1, 3, 3] as [Double])
    #expect(
      try gradient(of: gathered.sum(), withRespectTo: [x])[0].scalars() == [1, 0, 1] as [Double])
    let sums = try x.segmentSum(list, count: 3)
    #expect(try sums.scalars() == [1, 0, 3] as [Double])
    #expect(try gradient(of: sums.sum(), withRespectTo: [x])[0].scalars() == [1, 0, 1] as [Double])
  }
}
