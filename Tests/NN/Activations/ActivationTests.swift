internal import E3xEngine
internal import E3xNN
internal import E3xSO3
internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct ActivationTests {
  static let functions = ActivationFunction.names

  static let golden: [String] =
    functions.filter { $0 != "swish" && $0 != "hard_swish" }
    .flatMap { ["\($0)/m-kinks", "\($0)/p2-L2"] } + [
      "leaky_relu/m-negative_slope0.2", "elu/m-alpha0.7", "celu/m-alpha0.7",
      "gelu/m-approximateFalse", "mish/m-fastFalse",
    ]

  @Test(arguments: golden, [DType.float64, .float32])
  func goldenCases(_ name: String, _ dtype: DType) throws {
    let golden = try GoldenFile("nn_" + name, in: .module)
    let function = try ActivationFunction(
      name: String(name.prefix { $0 != "/" }),
      arguments: golden.config([String: FunctionArgument].self))
    try golden.verify(dtype) { [try function(#require($0["x"]))] }
  }

  /// Scalars alone: [1, 1, n].
  private func scalars(_ values: [Double], _ dtype: DType = .float64) throws -> Tensor {
    try Tensor(values, shape: [1, 1, values.count]).cast(to: dtype).materialized()
  }

  /// What the functions do to scalars, from their definitions.
  static let definitions: [String: @Sendable (Double) -> Double] = [
    "relu": { max($0, 0) },
    "leaky_relu": { $0 >= 0 ? $0 : 0.01 * $0 },
    "elu": { $0 > 0 ? $0 : expm1($0) },
    "celu": { $0 > 0 ? $0 : expm1($0) },
    "selu": { 1.0507009873554804935 * ($0 > 0 ? $0 : 1.6732632423543772848 * expm1($0)) },
    "silu": { $0 / (1 + exp(-$0)) },
    "swish": { $0 / (1 + exp(-$0)) },
    "gelu": { x in
      0.5 * x * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    },
    "mish": { $0 * tanh(log1p(exp($0))) },
    "serf": { $0 * erf(log1p(exp($0))) },
    "shifted_softplus": { log1p(exp($0)) - log(2) },
    "hard_tanh": { min(max($0, -1), 1) },
    "soft_sign": { $0 / (1 + abs($0)) },
    "relu6": { min(max($0, 0), 6) },
    "hard_silu": { $0 * min(max($0 + 3, 0), 6) / 6 },
    "hard_swish": { $0 * min(max($0 + 3, 0), 6) / 6 },
    "bent_identity": { $0 + (($0 * $0 + 1).squareRoot() - 1) / 2 },
  ]

  @Test(arguments: functions)
  func scalarsFollowTheDefinition(_ name: String) throws {
    let definition = try #require(Self.definitions[name])
    let values = stride(from: -8.0, through: 8, by: 0.37).map { $0 }
    let function = try ActivationFunction(name: name)
    try expectAgreement(
      function(scalars(values)),
      with: Tensor(values.map(definition), shape: [1, 1, values.count]), tolerance: 1e-14)
  }

  @Test(arguments: functions, [DType.float64, .float32])
  func derivativesAreFiniteEverywhere(_ name: String, _ dtype: DType) throws {
    let function = try ActivationFunction(name: name)
    let magnitudes = [0, 1e-300, 1e-160, 1e-30, 1e-17, 1e-8, 1e-3, 0.1, 1, 3, 6, 20, 88, 800, 1e9]
    let x = try scalars(magnitudes + magnitudes.map { -$0 }, dtype)
    try expectFiniteDerivatives(at: x, name) { try function($0) }
  }

  @Test(arguments: functions)
  func derivativesAreThoseOfDifferences(_ name: String) throws {
    let function = try ActivationFunction(name: name)
    // Features of higher degree are multiplied, too; kinks are not among the points.
    try expectDerivatives(at: testValues([3, 2, 4, 5], seed: 21), order: 3, tolerance: 1e-5) {
      try function($0)
    }
  }

  /// Second derivatives at 0 of those that are smooth there, by differences of the first ones.
  @Test(arguments: [
    "silu", "gelu", "mish", "serf", "shifted_softplus", "bent_identity",
  ])
  func smoothFunctionsHaveSecondDerivativesAtZero(_ name: String) throws {
    let function = try ActivationFunction(name: name)
    try expectDerivatives(at: scalars([0]), order: 3, tolerance: 1e-6) { try function($0) }
  }

  /// Where e3x's fast form is not a number.
  @Test func mishIsFiniteForLargeNegativeNumbers() throws {
    let x = try scalars([-800, -100, -40, 40, 800])
    try expectAgreement(
      mish(x), with: scalars([0, 0, -40 * exp(-40), 40, 800]), tolerance: 1e-15)
  }

  @Test(arguments: functions, [1, 2])
  func activationsAreEquivariant(_ name: String, _ parities: Int) throws {
    let function = try ActivationFunction(name: name)
    let x = try testValues([5, parities, 9, 3], seed: 22)
    let turn = try wignerD(randomRotation(RandomKey(seed: 1), dtype: .float64), maxDegree: 2)
    try expectAgreement(
      function(rotate(x, turn)), with: rotate(function(x), turn), tolerance: 1e-14)
    try expectAgreement(function(reflect(x)), with: reflect(function(x)), tolerance: 0)
  }

  @Test(arguments: functions)
  func onlyFeaturesAreAccepted(_ name: String) throws {
    let function = try ActivationFunction(name: name)
    for shape in [[5], [2, 3], [3, 4, 2], [2, 5, 2]] {
      let error = #expect(throws: ArgumentError.self) {
        _ = try function(testValues(shape, seed: 1))
      }
      #expect(error?.argument == "x")
    }
  }
}
