package import E3xEngine
internal import E3xFiles
package import Foundation
package import Testing

/// One call of an e3x function with its results, as computed by e3x in float64 (see
/// Tests/README-golden.md for how the files were made).
package struct GoldenFile: Sendable, CustomStringConvertible {
  private let file: SafetensorsFile
  /// "nn_basis/m-edges-L3".
  package let description: String

  /// Reads a case from the folder "Golden" of a bundle's resources.
  package init(_ name: String, in bundle: Bundle) throws {
    description = name
    let path = "\(bundle.resourcePath ?? ".")/Golden/\(name).safetensors"
    file = try SafetensorsFile(contentsOf: path)
  }

  /// The keyword arguments of the call.
  package func config<Value: Decodable>(_ type: Value.Type) throws -> Value {
    try JSONDecoder().decode(type, from: Data((file.metadata["config"] ?? "{}").utf8))
  }

  /// A tensor of the file.
  package func tensor(_ name: String, _ dtype: DType) throws -> Tensor {
    let stored = try file.tensor(name)
    return try Tensor(try stored.doubles(), shape: stored.shape).cast(to: dtype).materialized()
  }

  private func names(_ prefix: String) -> [String] {
    file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
  }

  /// Expects that outputs, gradients and, where the file has them, gradients of gradients agree.
  ///
  /// - Parameter tolerance: relative to the largest value of each tensor in the file, for first
  ///   order; 100 (float64) or 10 (float32) times as much is allowed for second order.
  /// - Parameter call: from arguments by name ("x", or "params/gamma") to outputs.
  package func verify(
    _ dtype: DType, tolerance: Double? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ call: ([String: Tensor]) throws -> [Tensor]
  ) throws {
    let first = tolerance ?? (dtype == .float64 ? 1e-10 : 2e-5)
    let second = first * (dtype == .float64 ? 100 : 10)
    var arguments: [String: Tensor] = [:]
    for name in names("arg.") { arguments[name] = try tensor("arg." + name, dtype) }
    for name in names("params.") {
      arguments["params/" + name] = try tensor("params." + name, dtype)
    }
    func compare(_ tensor: Tensor, _ name: String, _ tolerance: Double) throws {
      let expectedType: DType =
        switch try file.tensor(name).dtype {
        case .bool: .bool
        case .i32, .i64: .int32
        default: dtype
        }
      // What float32 leaves of a cancellation has the rounding of the largest entries.
      try expectAgreement(
        tensor, with: self.tensor(name, .float64), tolerance: tolerance,
        floor: dtype == .float64 ? 0.01 : 1, dtype: expectedType,
        "\(description) \(dtype): \(name)", sourceLocation: sourceLocation)
    }
    let outputs = try call(arguments)
    #expect(names("out.").count == outputs.count, sourceLocation: sourceLocation)
    for (index, output) in outputs.enumerated() { try compare(output, "out.\(index)", first) }
    if names("cotangent.").isEmpty { return }
    let cotangents = try outputs.indices.map { try tensor("cotangent.\($0)", dtype) }
    let variables = names("grad.")
    func key(_ variable: String) -> String {
      variable.hasPrefix("arg.")
        ? String(variable.dropFirst(4)) : "params/" + variable.dropFirst(7)
    }
    let tensors = try variables.map { try #require(arguments[key($0)]) }
    let gradients = try pullback(outputs, cotangents: cotangents, to: tensors)
    for (variable, gradient) in matched(variables, gradients) {
      try compare(gradient, "grad." + variable, first)
    }
    guard let text = file.metadata["second_order"] else { return }
    let differentiated = try JSONDecoder().decode([String].self, from: Data(text.utf8))
    var energy = Tensor(0, dtype: dtype)
    for (variable, gradient) in matched(variables, gradients)
    where differentiated.contains(key(variable)) {
      energy = try energy + (gradient * gradient).sum() * 0.5
    }
    let seconds = try gradient(of: energy, withRespectTo: tensors)
    for (variable, gradient) in matched(variables, seconds) where names("grad2.").contains(variable)
    {
      try compare(gradient, "grad2." + variable, second)
    }
  }
}
