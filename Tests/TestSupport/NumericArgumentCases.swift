package import E3xFiles
package import Foundation

/// Cases of `e3x run` in which one number was replaced by one that programs of this kind have been
/// known to stumble over.
///
/// They are made from the golden cases of the project: for each operation, one for each number in
/// its `config` and `static`; and, where no golden case has an argument, with that added.
package struct NumericArgumentCase: Sendable, CustomStringConvertible {
  /// e3x's name of the operation.
  package let operation: String
  /// The argument that has the number, innermost first: `limit`, `radial_config`.
  package let names: [String]
  /// The number, as it stands in JSON (or as programs write what JSON cannot say).
  package let value: String
  /// The file to run.
  package let bytes: Data

  /// `nn.basis num=-1`.
  package var description: String { "\(operation) \(names.first ?? "")=\(value)" }

  /// In place of integers: none or negative, what 32 and 64 bits hold and what they do not.
  package static let integers = [
    "0", "-1", "100", "2147483648", "4294967295", "4611686018427387903", "9223372036854775807",
    "9223372036854775808", "-9223372036854775808", "1e400",
  ]
  /// In place of real numbers.
  package static let reals = ["0", "-1", "1e308", "1e400", "NaN", "Infinity", "-Infinity"]

  /// All cases, by operation.
  /// - Parameter integers, reals: what takes the place of each number.
  package static func all(
    integers: [String] = integers, reals: [String] = reals
  ) throws -> [NumericArgumentCase] {
    var cases: [NumericArgumentCase] = []
    for golden in try goldenFiles() {
      for argument in golden.arguments {
        cases += try golden.cases(argument, argument.isInteger ? integers : reals)
      }
    }
    return cases
  }

  /// The smallest golden case of each operation as it is, but for its results.
  package static func unchanged() throws -> [(operation: String, file: SafetensorsFile)] {
    var seen: Set<String> = []
    return try goldenFiles().filter { seen.insert($0.operation).inserted }.map {
      ($0.operation, try SafetensorsFile(data: $0.unchanged()))
    }
  }

  /// The golden cases of Tests/Conformance.
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Conformance/Golden")

  /// The golden files to be changed: of each operation the smallest one with each argument.
  private static func goldenFiles() throws -> [GoldenCall] {
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("init_") && !$0.hasPrefix("random") }
    var calls = try paths.map { try GoldenCall(folder.appending(path: $0)) }
    calls.sort { ($0.operation, $0.size) < ($1.operation, $1.size) }
    var seen: Set<String> = []
    for index in calls.indices {
      var call = calls[index]
      let operation = call.operation
      if seen.insert(operation).inserted { call.addMissing() }
      call.arguments.removeAll { !seen.insert("\(operation) \($0.section) \($0.names)").inserted }
      calls[index] = call
    }
    return calls
  }
}

/// A number among the arguments of a call.
private struct NumericArgument {
  var section: String
  /// Keys of objects and positions in lists, from the outside in.
  var path: [String]
  /// The keys alone, innermost first.
  var names: [String] { path.reversed().filter { Int($0) == nil } }
  var isInteger: Bool
  /// Another argument that must go with it.
  var without: String?
}

/// A golden case without its results.
private struct GoldenCall {
  let operation: String
  let size: Int
  var arguments: [NumericArgument] = []
  private let tensors: [String: SafetensorsTensor]
  private var sections: [String: Any] = [:]

  /// What operations take and no golden case gives.
  private static let missing: [String: [(key: String, isInteger: Bool, without: String?)]] = [
    "nn.MessagePass": [("max_degree", true, nil)],
    "nn.SelfAttention": [("qkv_features", true, nil), ("out_features", true, nil)],
    "nn.TensorDense": [("features", true, nil)],
    "nn.celu": [("alpha", false, nil)], "nn.elu": [("alpha", false, nil)],
    "nn.change_max_degree_or_type": [("max_degree", true, nil)],
    "nn.exponential_bernstein": [("gamma", false, nil)],
    "nn.leaky_relu": [("negative_slope", false, nil)],
    "nn.smooth_cutoff": [("cutoff", false, nil)],
    "model.AttentionPotential": [("num_embeddings", true, nil)],
    "ops.dense_to_sparse_indices": [("pad_idx", true, nil)],
    "ops.sparse_to_dense_indices": [("pad_idx", true, nil)],
    "so3.delley_quadrature": [("precision", true, "num")],
    "so3.is_traceless_symmetric": [("rtol", false, nil), ("atol", false, nil)],
    "so3.lebedev_quadrature": [("precision", true, "num")],
    "so3.random_rotation": [("num", true, nil), ("perturbation", false, nil)],
  ]

  init(_ url: URL) throws {
    let file = try SafetensorsFile(contentsOf: url.path)
    operation = file.metadata["op"] ?? ""
    var tensors: [String: SafetensorsTensor] = [:]
    for name in file.names
    where ["arg.", "params.", "cotangent."].contains(where: name.hasPrefix) {
      tensors[name] = file[name]
    }
    self.tensors = tensors
    size = tensors.values.reduce(0) { $0 + $1.bytes.count }
    for section in ["config", "static"] {
      let text = file.metadata[section] ?? "{}"
      let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
      sections[section] = object
      collect(object, section, [])
    }
  }

  private mutating func collect(_ value: Any, _ section: String, _ path: [String]) {
    if let object = value as? [String: Any] {
      for (key, inner) in object.sorted(by: { $0.key < $1.key }) {
        collect(inner, section, path + [key])
      }
    } else if let list = value as? [Any] {
      for (index, inner) in list.enumerated() { collect(inner, section, path + ["\(index)"]) }
    } else if let number = value as? NSNumber, !Self.isFlag(number) {
      let isInteger = !"\(number)".contains(".")
      arguments.append(NumericArgument(section: section, path: path, isInteger: isInteger))
    }
  }

  private static func isFlag(_ number: NSNumber) -> Bool {
    String(cString: number.objCType) == "c" || String(cString: number.objCType) == "B"
  }

  /// Adds the arguments that operations take and this case does not give.
  mutating func addMissing() {
    for (key, isInteger, without) in Self.missing[operation] ?? [] {
      arguments.append(
        NumericArgument(section: "config", path: [key], isInteger: isInteger, without: without))
    }
  }

  func unchanged() throws -> Data {
    var metadata = ["op": operation]
    for (section, object) in sections {
      let data = try JSONSerialization.data(withJSONObject: object)
      metadata[section] = String(decoding: data, as: UTF8.self)
    }
    return try SafetensorsFile.serialized(tensors, metadata: metadata)
  }

  /// The cases in which an argument has other values.
  func cases(_ argument: NumericArgument, _ values: [String]) throws -> [NumericArgumentCase] {
    try values.map { value in
      // JSON cannot say all of them, so that they replace a text.
      let marker = "replaced-by-a-number"
      var metadata = ["op": operation]
      for (section, object) in sections {
        var object = object
        if section == argument.section {
          object = replacing(argument.path[...], in: object, by: marker)
          if let without = argument.without, var values = object as? [String: Any] {
            values[without] = nil
            object = values
          }
        }
        let data = try JSONSerialization.data(withJSONObject: object)
        metadata[section] = String(decoding: data, as: UTF8.self)
          .replacingOccurrences(of: "\"\(marker)\"", with: value)
      }
      return NumericArgumentCase(
        operation: operation, names: argument.names, value: value,
        bytes: try SafetensorsFile.serialized(tensors, metadata: metadata))
    }
  }

  private func replacing(_ path: ArraySlice<String>, in value: Any, by marker: String) -> Any {
    guard let key = path.first else { return marker }
    if var object = value as? [String: Any] {
      object[key] = replacing(path.dropFirst(), in: object[key] ?? marker, by: marker)
      return object
    }
    guard var list = value as? [Any], let index = Int(key) else { return value }
    list[index] = replacing(path.dropFirst(), in: list[index], by: marker)
    return list
  }
}
