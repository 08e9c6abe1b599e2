internal import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import E3xOperations
internal import OrderedCollections

/// Checks that a module draws the parameters that `module.init(PRNGKey(seed), …)` draws in e3x.
///
/// Metadata of such cases: `op` is `init.` and the module, `shapes` (a JSON object) has the shapes
/// of its inputs; the file holds `params.PATH` alone, in float32.
struct InitializationVerification {
  static let prefix = "init."

  let expected: Case

  func run(name: String) -> CaseResult {
    var result = CaseResult(name: name, operation: expected.operation, outcome: .passed)
    do {
      let drawn = try parameters()
      let paths = expected.names("params.")
      guard Set(drawn.tensors.keys) == Set(paths) else {
        throw Disagreement(
          "drew \(drawn.tensors.keys.sorted()), expected \(paths.sorted())")
      }
      var worst = 0.0
      for path in paths {
        worst = max(worst, try expected.file["params." + path]!.error(of: drawn[path]!, path))
      }
      result.output = worst
      // In 16 bits, the last bit of the inverse error function in float32 may decide a rounding.
      let type = try expected.config.dtype("param_dtype") ?? .float32
      if !(worst <= (type.isHalf ? type.epsilon : 1e-6)) {
        result.outcome = .failed("parameters differ by \(worst)")
      }
    } catch {
      result.outcome = .failed("\(error)")
    }
    return result
  }

  private func parameters() throws -> Parameters {
    let seed = try expected.integer("seed")
    let operation = String(expected.operation.dropFirst(Self.prefix.count))
    let shapes = try Options(operation, expected.file, "shapes")
    var inputs: [String: Tensor] = [:]
    for name in shapes.names {
      let isIndex = name.hasSuffix("_idx") || operation == "nn.Embed"
      let dtype: DType = isIndex ? .int32 : name == "where" ? .bool : .float32
      inputs[name] = .zeros(Shape(try shapes.ints(name) ?? []), dtype: dtype)
    }
    return try Parameters.initialize(seed: seed) { scope in
      try Operations.run(
        Call(
          operation: operation, config: expected.config,
          staticArguments: expected.staticArguments, arguments: inputs, scope: scope,
          dtype: .float32))
    }
  }
}

/// What a case expects and did not get.
struct Disagreement: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension Case {
  /// An integer of the metadata.
  func integer(_ key: String) throws -> Int {
    guard let text = file.metadata[key], let value = Int(text) else {
      throw FileError(
        file: file.file, place: "metadata '\(key)'",
        reason: "expected an integer, received '\(file.metadata[key] ?? "nothing")'")
    }
    return value
  }
}

extension SafetensorsTensor {
  /// The largest difference of a tensor of the same floating-point type from these numbers,
  /// relative to the largest of them; infinite where one is not a number.
  func error(of tensor: Tensor, _ name: String) throws -> Double {
    // Scalars are stored with one axis.
    let isScalar = tensor.rank == 0 && shape == [1]
    guard isScalar || tensor.shape == Shape(shape), try tensor.dtype == Tensor(self).dtype else {
      throw Disagreement(
        "'\(name)' is \(tensor.dtype) of shape \(tensor.shape), expected \(dtype) of shape \(shape)"
      )
    }
    var (difference, largest) = (0.0, 0.0)
    for (value, reference) in zip(try tensor.scalars(as: Double.self), try doubles()) {
      let one = abs(value - reference)
      difference = one.isNaN ? .infinity : max(difference, one)
      largest = max(largest, abs(reference))
    }
    return difference == 0 ? 0 : difference / (largest > 0 ? largest : 1)
  }
}
