internal import E3xEngine
internal import E3xExact
internal import E3xNN
internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct FunctionTests {
  /// One of each kind, with arguments that are not the default ones.
  static let radial: [RadialFunction] =
    RadialFamily.allCases.flatMap { family -> [RadialFunction] in
      [.basic(family, limit: 2.5), .exponential(family, gamma: 0.7)]
        + ReciprocalMapping.allCases.map {
          .reciprocal(family, kind: $0, useReciprocalWeighting: true)
        }
        + [.exponential(family, gamma: 0.7, cuspless: true, useExponentialWeighting: true)]
    } + [.sinc(limit: 2.5), .smoothWindow(limit: 2.5), .triangularWindow(limit: 2.5)]

  private func points(_ values: [Double]) throws -> Tensor {
    try Tensor(values, shape: [values.count])
  }

  @Test(arguments: radial)
  func radialFunctionsHaveTheDerivativesOfDifferences(_ function: RadialFunction) throws {
    // The kinks of the triangles are not among the points.
    let x = try points([0.11, 0.3, 0.77, 1.21, 1.9, 2.31])
    try expectDerivatives(at: x, order: 3, step: 2e-5, tolerance: 1e-5) {
      try function($0, num: 7)
    }
  }

  @Test(arguments: radial)
  func radialFunctionsAreFiniteNearZero(_ function: RadialFunction) throws {
    let x = try points([0, 1e-300, 1e-160, 1e-20, 1e-10, 1e-5, 1, 2.5, 1e3])
    try expectFiniteDerivatives(at: x, "\(function)") { try function($0, num: 5) }
    let single = try points([0, 1e-30, 1e-20, 1e-7, 1e-3, 1, 2.5, 1e3]).cast(to: .float32)
      .materialized()
    try expectFiniteDerivatives(at: single, "\(function)") { try function($0, num: 5) }
  }

  /// On both sides of 1, where series and recursion meet, and near 0.
  @Test func quotientsAreAccurateWhereTheyWouldCancel() throws {
    let x = try points([0, 1e-12, 1e-8, 1e-4, 0.9999999, 1.0000001])
    let mapped = try evaluateDerivatives(
      { try reciprocalMapping($0, kind: .damped) }, x, maxOrder: 4)
    for (order, value) in mapped.enumerated() {
      // The mean of (-t)^k e^-xt over t from 0 to 1.
      let expected = try x.scalars(as: Double.self).map { x in
        (0..<30).reduce(0.0) { sum, j in
          sum + pow(-x, Double(j)) / (tgamma(Double(j) + 1) * Double(j + order + 1))
        } * (order % 2 == 0 ? 1 : -1)
      }
      // Small entries are differences of large ones.
      try expectAgreement(
        value, with: Tensor(expected), tolerance: 1e-14, floor: 1, "order \(order)")
    }
  }

  @Test(arguments: [2, 5, 64, 65, 120, 700], [DType.float64, .float32])
  func bernsteinPolynomialsAreAPartitionOfUnity(_ num: Int, _ dtype: DType) throws {
    let x = try points([0, 1e-9, 0.01, 0.2, 0.5, 0.731, 0.99, 1]).cast(to: dtype).materialized()
    let function = RadialFunction.basic(.bernstein)
    let tolerance = dtype == .float64 ? 1e-12 : 2e-5
    let values = try function(x, num: num)
    try expectAgreement(values.sum([-1]), with: .ones([8], dtype: dtype), tolerance: tolerance)
    // Their mean index is (num - 1) x.
    let indices = try Tensor((0..<num).map { Double($0) / Double(num - 1) }).cast(to: dtype)
    try expectAgreement((values * indices).sum([-1]), with: x, tolerance: tolerance)
    let slopes = try evaluateDerivatives({ try function($0, num: num) }, x, maxOrder: 1)[1]
    try expectAgreement(
      (slopes * indices).sum([-1]), with: .ones([8], dtype: dtype), tolerance: 10 * tolerance)
  }

  @Test func manyBernsteinPolynomialsAreAccurate() throws {
    let (n, x) = (200, 0.3)
    let values = try RadialFunction.basic(.bernstein)(points([x]), num: n + 1)
    var expected = [pow(1 - x, Double(n))]
    for k in 1...n {
      expected.append(expected[k - 1] * Double(n - k + 1) / Double(k) * x / (1 - x))
    }
    try expectAgreement(values, with: Tensor(expected, shape: [1, n + 1]), tolerance: 1e-12)
    try expectDerivatives(at: points([0.1, 0.3, 0.8]), step: 1e-5, tolerance: 1e-4) {
      try RadialFunction.basic(.bernstein)($0, num: 80)
    }
  }

  @Test func chebyshevPolynomialsAreExactAtTheEnds() throws {
    let orders = try evaluateDerivatives(
      { try RadialFunction.basic(.chebyshev, limit: 2)($0, num: 6) }, points([0, 2]), maxOrder: 3)
    for k in 0..<6 {
      // T(k) at 1 has the derivatives Π (k² - j²) / (2j + 1); at -1 with alternating signs.
      var expected = 1.0
      for (order, value) in orders.enumerated() {
        if order > 0 {
          let j = Double(order - 1)
          expected *= (Double(k * k) - j * j) / (2 * j + 1)
        }
        let sign = (k + order) % 2 == 0 ? 1.0 : -1.0
        let column = try value.entry(k, axis: -1)
        try expectAgreement(
          column, with: Tensor([sign * expected, expected]), tolerance: 1e-12, "T\(k), \(order)")
      }
    }
  }

  static let smooth: [String: @Sendable (Tensor) throws -> Tensor] = [
    "smooth_cutoff": { try smoothCutoff($0, cutoff: 2) },
    "cosine_cutoff": { try cosineCutoff($0, cutoff: 2) },
    "smooth_damping": { try smoothDamping($0, gamma: 0.8) },
    "smooth_switch": { try smoothSwitch($0, x0: 0.2, x1: 1.8) },
  ]

  @Test(arguments: smooth.keys.sorted())
  func switchesHaveTheDerivativesOfDifferences(_ name: String) throws {
    let function = try #require(Self.smooth[name])
    let x = try points([0.31, 0.5, 0.92, 1, 1.3, 1.55])
    try expectDerivatives(at: x, order: 3, step: 1e-5, tolerance: 1e-4, of: function)
  }

  @Test(arguments: smooth.keys.sorted(), [DType.float64, .float32])
  func switchesAreFiniteAtTheirEnds(_ name: String, _ dtype: DType) throws {
    let function = try #require(Self.smooth[name])
    let near: [Double] = [1e-16, 1e-8, 1e-4, 1e-3, 2e-3, 1e-2]
    let ends = [0.0, 0.2, 1.8, 2]
    let all =
      ends + [-1, 1e-300, 3, 1e10] + ends.flatMap { end in near.flatMap { [end - $0, end + $0] } }
    // Cutoff functions refuse negative distances.
    let x = try points(name.hasSuffix("cutoff") ? all.filter { $0 >= 0 } : all).cast(to: dtype)
      .materialized()
    try expectFiniteDerivatives(at: x, order: 4, name, of: function)
  }

  @Test func cutoffsVanishFromTheCutoffOn() throws {
    let x = try points([5, 5.0001, 7, 1e300])
    for cutoff in [CutoffFunction.smooth(cutoff: 5), .cosine(cutoff: 5)] {
      try expectAgreement(cutoff(x), with: .zeros([4], dtype: .float64), tolerance: 0)
      try expectAgreement(cutoff(points([0])), with: Tensor([1.0] as [Double]), tolerance: 1e-15)
    }
  }

  @Test func functionsKeepTheirNamesAndArguments() throws {
    func roundTrip<Function: NamedFunction>(_ function: Function) throws {
      let data = try JSONEncoder().encode(function)
      #expect(try JSONDecoder().decode(Function.self, from: data) == function)
      #expect(
        try Function(name: function.name, arguments: function.arguments) == function)
    }
    for function in Self.radial + [.rectangularWindow(limit: 3)] { try roundTrip(function) }
    for name in RadialFunction.names { #expect(try RadialFunction(name: name).name == name) }
    try roundTrip(CutoffFunction.smooth(cutoff: 5))
    try roundTrip(CutoffFunction.cosine(cutoff: 4.5))
    try roundTrip(DampingFunction.smooth(gamma: 2))
    try roundTrip(AngularFunction.sphericalHarmonics(normalization: .fourPi))
    try roundTrip(AngularFunction.solidHarmonics)
    for name in ActivationFunction.names {
      #expect(try ActivationFunction(name: name).name == name)
      try roundTrip(ActivationFunction(name: name))
    }
    #expect(
      RadialFunction.reciprocalBernstein.description
        == "reciprocal_bernstein(kind: 'shifted', use_reciprocal_weighting: false)")
  }

  @Test func badArgumentsAreNamed() throws {
    let x = try points([0.5])
    func expectRefused(_ argument: String, _ call: () throws -> Any) {
      let error = #expect(throws: ArgumentError.self) { _ = try call() }
      #expect(error?.argument == argument)
    }
    for function in Self.radial { expectRefused("num") { try function(x, num: 0) } }
    for limit in [0, -1, Double.nan, .infinity] {
      expectRefused("limit") { try RadialFunction.basic(.bernstein, limit: limit)(x, num: 2) }
      expectRefused("limit") { try RadialFunction.sinc(limit: limit)(x, num: 2) }
      expectRefused("limit") { try RadialFunction.rectangularWindow(limit: limit)(x, num: 2) }
      expectRefused("gamma") { try RadialFunction.exponential(.gaussian, gamma: limit)(x, num: 2) }
      expectRefused("gamma") { try exponentialMapping(x, gamma: limit) }
      expectRefused("gamma") { try smoothDamping(x, gamma: limit) }
      expectRefused("cutoff") { try smoothCutoff(x, cutoff: limit) }
      expectRefused("cutoff") { try cosineCutoff(x, cutoff: limit) }
      expectRefused("x1") { try smoothSwitch(x, x0: 0.0, x1: limit) }
      expectRefused("initial_gamma") {
        try ExponentialBasis(initialGamma: limit)(
          Parameters().scope, testValues([2, 3], seed: 1), maxDegree: 1, num: 2)
      }
    }
    expectRefused("kind") {
      try RadialFunction(name: "reciprocal_bernstein", arguments: ["kind": "cusped"])
    }
    expectRefused("limit") {
      try RadialFunction(name: "reciprocal_bernstein", arguments: ["limit": 2])
    }
    expectRefused("gamma") {
      try RadialFunction(name: "exponential_bernstein", arguments: ["gamma": true])
    }
    expectRefused("radial_fn") { try RadialFunction(name: "bessel") }
    expectRefused("cutoff_fn") { try CutoffFunction(name: "sharp") }
    expectRefused("gamma") {
      try RadialFunction.exponentialBernstein(x, num: 2, gamma: testValues([2], seed: 1))
    }
    expectRefused("max_order") { try evaluateDerivatives({ $0 }, x, maxOrder: -1) }
  }
}
