import E3xEngine
import E3xNN
import Foundation
import TestSupport
import Testing

/// Rotations, reflections and derivatives of every public layer and function, with random options.
@Suite struct SymmetryTests {
  static let cases = layerCases + functionCases

  @Test(arguments: cases, 0..<6)
  func resultsTurnWithTheirArguments(_ symmetryCase: SymmetryCase, _ seed: Int) throws {
    var dice = Dice(seed: seed)
    let call = try symmetryCase.draw(&dice)
    let (scene, parameters) = (call.scene, try call.parameters())
    let executor = seed % 2 == 0 ? ExecutorChoice.stepwise : .planned
    try ExecutorChoice.$override.withValue(executor) {
      for (dtype, tolerance) in [(DType.float64, 1e-11), (.float32, 1e-4)] {
        let plain = try call.result(parameters, scene, call.inputs, dtype)
        let turned = try call.result(
          parameters, scene.rotated, call.inputs.map { try scene.rotate($0) }, dtype)
        try expectAgreement(
          turned, with: scene.rotate(plain), tolerance: tolerance,
          "rotated, \(dtype), \(call.options)")
        let mirrored = try call.result(
          parameters, scene.reflected, call.inputs.map { try reflect($0) }, dtype)
        try expectAgreement(
          mirrored, with: reflect(plain), tolerance: tolerance,
          "reflected, \(dtype), \(call.options)")
      }
    }
  }

  @Test(arguments: cases, 0..<3)
  func derivativesAreThoseOfDifferences(_ symmetryCase: SymmetryCase, _ seed: Int) throws {
    var dice = Dice(seed: 10 + seed)
    let call = try symmetryCase.draw(&dice)
    let parameters = try call.parameters()
    let paths = parameters.map(\.path)
    // Features, positions and parameters at once.
    let variables = call.inputs + [call.scene.positions] + parameters.map(\.tensor)
    try expectDerivatives(at: variables, call.options) { variables in
      var (scene, parameters) = (call.scene, parameters)
      let count = call.inputs.count
      scene.positions = variables[count]
      for (path, tensor) in matched(paths, variables[(count + 1)...]) { parameters[path] = tensor }
      return try call.function(parameters.scope, scene, Array(variables[..<count]))
    }
  }

  /// What has no features, vectors or rotations, or treats axes differently on purpose.
  static let withoutSymmetry: Set<String> = [
    // Functions of single numbers, distances among them; `nn.basis` draws from them.
    "nn.smooth_cutoff", "nn.cosine_cutoff", "nn.smooth_damping", "nn.smooth_switch",
    "nn.reciprocal_mapping", "nn.exponential_mapping", "ops.inverse_softplus",
    "ops.evaluate_derivatives",
    // Maxima of components.
    "ops.indexed_max", "ops.indexed_min",
    // Index lists.
    "ops.dense_pairwise_indices", "ops.sparse_pairwise_indices", "ops.dense_to_sparse_indices",
    "ops.sparse_to_dense_indices",
    // Angles about given axes, random numbers, points on a sphere, a truth value.
    "so3.rotation_euler", "so3.euler_angles_from_rotation", "so3.random_rotation",
    "so3.lebedev_quadrature", "so3.delley_quadrature", "so3.is_traceless_symmetric",
    "so3.Normalization",
  ]

  /// The rows of the tables of docs/Parity.md: e3x's name and that here.
  private func parityRows() throws -> [(name: String, counterpart: String)] {
    let text = try String(
      contentsOf: root().appendingPathComponent("docs/Parity.md"), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
      guard cells.count == 6, cells[1].contains("."), !cells[1].contains(" ") else { return nil }
      return (cells[1], cells[2])
    }
  }

  private func root() -> URL {
    (0..<4).reduce(URL(fileURLWithPath: #filePath)) { url, _ in url.deletingLastPathComponent() }
  }

  @Test func everyNameIsCovered() throws {
    let names = try parityRows().map(\.name).filter { name in
      ["nn", "ops", "so3"].contains(name.split(separator: ".").dropLast().joined(separator: "."))
    }
    #expect(names.count == 55 + 15 + 16)
    let radial = Set(RadialFunction.names.map { "nn." + $0 })
    let covered = Set(Self.cases.flatMap(\.names)).union(radial)
    #expect(covered.subtracting(names).isEmpty)
    #expect(Set(names).subtracting(covered) == Self.withoutSymmetry)
  }

  @Test func everyLayerIsCovered() throws {
    // Layers are what is called in a scope.
    let folder = root().appendingPathComponent("Sources/NN")
    let files = try #require(FileManager.default.enumerator(atPath: folder.path))
    var layers: [String] = []
    for case let path as String in files where path.hasSuffix(".swift") {
      let text = try String(
        contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
      for part in text.components(separatedBy: "\npublic struct ").dropFirst() {
        let calls = part.components(separatedBy: "public func callAsFunction(").dropFirst()
        guard calls.contains(where: { $0.prefix(40).contains("_ scope: Scope") }) else { continue }
        layers.append(String(part.prefix { $0.isLetter || $0.isNumber }))
      }
    }
    let covered = Set(layerCases.flatMap(\.names))
    let counterparts = try parityRows().filter { covered.contains($0.name) }.map(\.counterpart)
    #expect(layers.count >= 9)
    #expect(Set(layers) == Set(counterparts))
  }
}
