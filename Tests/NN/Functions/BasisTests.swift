internal import E3xEngine
internal import E3xNN
internal import E3xSO3
internal import TestSupport
internal import Testing

@Suite struct BasisTests {
  static let functions: [RadialFunction] = [
    .reciprocalBernstein, .exponential(.bernstein, cuspless: true),
    .reciprocal(.chebyshev, kind: .damped), .sinc(limit: 5), .basic(.gaussian, limit: 5),
  ]

  /// Coincident, nearly coincident and axis-aligned pairs.
  private func vectors(_ dtype: DType) throws -> Tensor {
    let lengths = [0, 1e-300, 1e-160, 1e-100, 1e-40, 1e-20, 1e-10, 1e-5, 1, 4.999, 5, 6]
    let values = lengths.flatMap { length -> [Double] in
      [length, 0, 0, 0, 0, -length, 0.6 * length, -0.48 * length, 0.64 * length]
    }
    return try Tensor(values, shape: [3 * lengths.count, 3]).cast(to: dtype).materialized()
  }

  @Test(arguments: functions, [DType.float64, .float32])
  func derivativesAreFinite(_ radialFn: RadialFunction, _ dtype: DType) throws {
    for damping in [nil, DampingFunction.smooth()] {
      let r = try vectors(dtype)
      for row in 0..<r.shape[0].known! {
        let vector = try r.entry(row, axis: 0).materialized()
        try expectFiniteDerivatives(at: vector, "row \(row)") {
          try basis(
            $0, maxDegree: 3, num: 4, radialFn: radialFn, cutoffFn: .smooth(cutoff: 5),
            dampingFn: damping
          ).basis
        }
      }
    }
  }

  @Test(arguments: functions)
  func derivativesAreThoseOfDifferences(_ radialFn: RadialFunction) throws {
    let r = try testValues([4, 3], seed: 3)
    try expectDerivatives(at: r, order: 3, step: 3e-5, tolerance: 1e-4) {
      let result = try basis(
        $0, maxDegree: 2, num: 4, radialFn: radialFn, cutoffFn: .smooth(cutoff: 5),
        returnCutoff: true, returnNorm: true, dampingFn: .smooth())
      let cutoff = try #require(result.cutoff)
      return try result.basis.reshaped(to: [4, 36]) * cutoff.expanded(at: -1)
        * #require(result.norm).expanded(at: -1)
    }
  }

  @Test func theBasisTurnsWithItsVectors() throws {
    let r = try testValues([6, 1, 3], seed: 4)
    let rot = try randomRotation(RandomKey(seed: 4), num: 6, dtype: .float64)
    func values(_ r: Tensor) throws -> Tensor {
      try basis(
        r.squeezed(axis: -2), maxDegree: 3, num: 5, radialFn: .reciprocalBernstein,
        cutoffFn: .smooth(cutoff: 4)
      ).basis
    }
    try expectAgreement(
      values(r.matmul(rot)), with: rotate(values(r), wignerD(rot, maxDegree: 3)),
      tolerance: 1e-13)
  }

  @Test func anyFunctionsMayBeGiven() throws {
    let r = try testValues([3, 3], seed: 5)
    let custom = try basis(
      r, maxDegree: 1, num: 2,
      radialFn: { x, num in try RadialFunction.reciprocalBernstein(x, num: num) },
      angularFn: { r, degree, order in
        try sphericalHarmonics(r, maxDegree: degree, rIsNormalized: true, cartesianOrder: order)
      }, cutoffFn: { try smoothCutoff($0, cutoff: 5) })
    let named = try basis(
      r, maxDegree: 1, num: 2, radialFn: .reciprocalBernstein, cutoffFn: .smooth(cutoff: 5))
    try expectAgreement(custom.basis, with: named.basis, tolerance: 0)
    let error = #expect(throws: ArgumentError.self) {
      _ = try basis(
        r, maxDegree: 1, num: 2, radialFn: { x, _ in x },
        angularFn: { r, degree, _ in try sphericalHarmonics(r, maxDegree: degree) })
    }
    #expect(error?.argument == "radial_fn")
  }

  @Test func exponentialBasisDrawsTheInverseOfItsFirstGamma() throws {
    let layer = ExponentialBasis(initialGamma: 0.5)
    let parameters = try Parameters.initialize(seed: 0) { scope in
      try layer(scope, testValues([2, 3], seed: 1), maxDegree: 1, num: 3).basis
    }
    let gamma = try #require(parameters["gamma"])
    #expect(gamma.shape == [])
    #expect(gamma.dtype == .float32)
    try expectAgreement(gamma.softplus(), with: Tensor(0.5, dtype: .float32), tolerance: 1e-6)
  }

  @Test func badArgumentsAreNamed() throws {
    let r = try testValues([2, 3], seed: 1)
    func expectRefused(_ argument: String, _ call: () throws -> RadialAngularBasis) {
      let error = #expect(throws: ArgumentError.self) { _ = try call() }
      #expect(error?.argument == argument)
    }
    let radial = RadialFunction.reciprocalBernstein
    expectRefused("r") { try basis(r.transposed(), maxDegree: 1, num: 2, radialFn: radial) }
    expectRefused("max_degree") { try basis(r, maxDegree: -1, num: 2, radialFn: radial) }
    expectRefused("num") { try basis(r, maxDegree: 1, num: 0, radialFn: radial) }
    expectRefused("return_cutoff") {
      try basis(r, maxDegree: 1, num: 2, radialFn: radial, returnCutoff: true)
    }
    expectRefused("cutoff") {
      try basis(r, maxDegree: 1, num: 2, radialFn: radial, cutoffFn: .smooth(cutoff: -1))
    }
    expectRefused("radial_fn") {
      try ExponentialBasis()(
        Parameters().scope, r, maxDegree: 1, num: 2, radialFn: .reciprocalBernstein)
    }
  }
}
