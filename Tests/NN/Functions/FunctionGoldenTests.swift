internal import E3xEngine
internal import E3xNN
internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct FunctionGoldenTests {
  static let cases: [String] =
    RadialFamily.allCases.map(\.rawValue).flatMap { family in
      ["basic_\(family)/m-second-plain"]
        + ["m-second-cuspless", "m-second-damped", "m-second-plain", "m-zero", "num4-shifted-w1"]
        .map { "reciprocal_\(family)/\($0)" }
        + ["m-second-True", "m-second-plain", "m-gamma-argument"]
        .map { "exponential_\(family)/\($0)" }
    } + [
      "basic_chebyshev/m-ends", "basic_bernstein/m-ends", "sinc/m-defaults-batch2",
      "rectangular_window/num4", "triangular_window/num4", "smooth_window/num4",
      "reciprocal_mapping/m-second-cuspless", "reciprocal_mapping/m-second-damped",
      "reciprocal_mapping/m-second-shifted", "exponential_mapping/cuspless1",
      "exponential_mapping/m-defaults-batch2", "smooth_cutoff/cutoff5", "cosine_cutoff/cutoff5",
      "smooth_damping/gamma", "smooth_damping/m-defaults-batch2", "smooth_switch/1-4",
      "smooth_switch/m-defaults-batch2",
    ]

  @Test(arguments: cases, [DType.float64, .float32])
  func functions(_ name: String, _ dtype: DType) throws {
    let golden = try GoldenFile("nn_" + name, in: .module)
    let arguments = try golden.config([String: FunctionArgument].self)
    let operation = String(name.prefix { $0 != "/" })
    try golden.verify(dtype) {
      [try function(operation, arguments, gamma: $0["gamma"])(#require($0["x"]))]
    }
  }

  private struct Derivatives: Decodable {
    var f: String
    var f_config: [String: FunctionArgument]
    var max_order: Int
  }

  @Test(
    arguments: [
      "m-sinc", "m-smooth_switch", "m-reciprocal_bernstein", "m-reciprocal_mapping",
      "m-basic_fourier",
    ], [DType.float64, .float32])
  func derivatives(_ name: String, _ dtype: DType) throws {
    let golden = try GoldenFile("ops_evaluate_derivatives/\(name)", in: .module)
    let config = try golden.config(Derivatives.self)
    try golden.verify(dtype, tolerance: dtype == .float64 ? 1e-10 : 2e-4) {
      try evaluateDerivatives(
        function(String(config.f.dropFirst(3)), config.f_config), #require($0["x"]),
        maxOrder: config.max_order)
    }
  }

  @Test(arguments: [DType.float64, .float32])
  func inverseOfSoftplus(_ dtype: DType) throws {
    try GoldenFile("ops_inverse_softplus/range", in: .module).verify(dtype) {
      [try inverseSoftplus(#require($0["x"]))]
    }
  }
}

@Suite struct BasisGoldenTests {
  private struct Configuration: Decodable {
    var max_degree: Int
    var num: Int
    var radial_fn: String
    var radial_config: [String: FunctionArgument]?
    var angular_fn: String?
    var angular_config: [String: FunctionArgument]?
    var cutoff: Double?
    var cutoff_fn: String?
    var smooth_damping: Bool?
    var cartesian_order: Bool?
    var return_cutoff: Bool?
    var return_norm: Bool?
    var initial_gamma: Double?

    func radial() throws -> RadialFunction {
      try RadialFunction(name: radial_fn, arguments: radial_config ?? [:])
    }
    func angular() throws -> AngularFunction {
      try angular_fn.map { try AngularFunction(name: $0, arguments: angular_config ?? [:]) }
        ?? .sphericalHarmonics()
    }
    func cutoffFunction() throws -> CutoffFunction? {
      try cutoff.map {
        try CutoffFunction(name: cutoff_fn ?? "smooth_cutoff", arguments: ["cutoff": .number($0)])
      }
    }
  }

  private func tensors(_ result: RadialAngularBasis) -> [Tensor] {
    [result.basis] + [result.cutoff, result.norm].compactMap { $0 }
  }

  @Test(
    arguments: [
      "L0-sinc", "L3-exponential_bernstein", "m-edges-L3", "m-L4-weighted", "m-sinc-cut",
      "m-edges-damped", "m-norm-only", "m-angular-4pi", "m-angular-solid", "m-cosine",
      "m-plain-vector",
    ], [DType.float64, .float32])
  func basisFunctions(_ name: String, _ dtype: DType) throws {
    let golden = try GoldenFile("nn_basis/\(name)", in: .module)
    let config = try golden.config(Configuration.self)
    try golden.verify(dtype) {
      tensors(
        try basis(
          #require($0["r"]), maxDegree: config.max_degree, num: config.num,
          radialFn: config.radial(), angularFn: config.angular(),
          cutoffFn: config.cutoffFunction(), returnCutoff: config.return_cutoff ?? false,
          returnNorm: config.return_norm ?? false,
          dampingFn: config.smooth_damping == true ? .smooth() : nil,
          cartesianOrder: config.cartesian_order ?? true))
    }
  }

  @Test(
    arguments: ["bernstein", "m-cuspless-L3", "m-fourier-sph", "m-gaussian"],
    [DType.float64, .float32])
  func exponentialBasis(_ name: String, _ dtype: DType) throws {
    let golden = try GoldenFile("nn_ExponentialBasis/\(name)", in: .module)
    let config = try golden.config(Configuration.self)
    try golden.verify(dtype) { arguments in
      // Scalars are stored as vectors.
      let gamma = try #require(arguments["params/gamma"]).squeezed(axis: 0)
      var parameters = Parameters()
      parameters["gamma"] = gamma
      let layer = ExponentialBasis(initialGamma: config.initial_gamma ?? 1)
      return tensors(
        try layer(
          parameters.scope, #require(arguments["r"]),
          maxDegree: config.max_degree, num: config.num, radialFn: config.radial(),
          angularFn: config.angular(), cutoffFn: config.cutoffFunction(),
          returnCutoff: config.return_cutoff ?? false, returnNorm: config.return_norm ?? false,
          dampingFn: config.smooth_damping == true ? .smooth() : nil,
          cartesianOrder: config.cartesian_order ?? true))
    }
  }
}
