import E3xEngine
import E3xNN
import Foundation
import TestSupport
import Testing

/// Values and derivatives exactly at kinks, ends and limits, as e3x computes them in either
/// precision (Kinks/make_kinks.py).
@Suite struct KinkTests {
  struct Entry: Decodable, Sendable {
    struct Numbers: Decodable, Sendable {
      var value: [Double]
      var slope: [Double]
    }
    var op: String
    var config: [String: FunctionArgument]
    var x: [Double]
    var weights: [Double]
    var float64: Numbers
    var float32: Numbers

    /// The function; activations act on features.
    func make() throws -> (call: (Tensor) throws -> Tensor, isActivation: Bool) {
      if ActivationFunction.names.contains(op) {
        let function = try ActivationFunction(name: op, arguments: config)
        return ({ try function($0) }, true)
      }
      return (try function(op, config), false)
    }
  }

  private func entries() throws -> [Entry] {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Kinks/kinks.json")
    return try JSONDecoder().decode([Entry].self, from: Data(contentsOf: url))
  }

  @Test(arguments: [DType.float64, .float32])
  func valuesAndDerivativesAreThoseOfE3x(_ dtype: DType) throws {
    for entry in try entries() {
      let (function, isActivation) = try entry.make()
      let shape = isActivation ? [1, 4, entry.x.count / 4] : [entry.x.count]
      let x = try Tensor(entry.x, shape: shape).cast(to: dtype).materialized()
      let expected = dtype == .float64 ? entry.float64 : entry.float32
      let output = try function(x)
      let weights = try Tensor(entry.weights, shape: output.shape.known!).cast(to: dtype)
      let slope = try gradient(of: (output * weights).sum(), withRespectTo: [x])[0]
      let tolerance = dtype == .float64 ? 1e-12 : 1e-5
      let what = "\(entry.op) \(entry.config) \(dtype)"
      try expectAgreement(
        output, with: Tensor(expected.value, shape: output.shape.known!), tolerance: tolerance,
        dtype: dtype, what)
      try expectAgreement(
        slope, with: Tensor(expected.slope, shape: shape), tolerance: 10 * tolerance,
        dtype: dtype, "\(what), slope")
    }
  }

  @Test func everyFunctionIsThere() throws {
    let names = Set(try entries().map(\.op))
    let switches: Set<String> = [
      "smooth_cutoff", "cosine_cutoff", "smooth_damping", "smooth_switch", "reciprocal_mapping",
      "exponential_mapping",
    ]
    #expect(names == switches.union(ActivationFunction.names).union(RadialFunction.names))
  }
}
