package import E3xEngine
package import E3xFiles
package import E3xNN
internal import OrderedCollections

/// One call of a public e3x operation with all its arguments, as a safetensors file holds it.
///
/// Metadata: `op`, `config` and `static` (JSON objects), `second_order` (a JSON list). Tensors:
/// `arg.NAME`, `params.PATH`; of golden cases also `out.I`, `cotangent.I`, `grad.…`, `grad2.…`.
package struct Case: Sendable {
  /// The public name, such as "nn.SelfAttention".
  package let operation: String
  /// The file's tensors and metadata.
  package let file: SafetensorsFile
  /// Constructor arguments of a module, or keyword arguments of a function.
  package let config: Options
  /// Call arguments that are not arrays.
  package let staticArguments: Options
  /// The arguments that the second-order check differentiates to.
  package let secondOrder: [String]
  /// The element type that floating-point numbers are computed in.
  package let dtype: DType

  /// Reads a case.
  /// - Throws: `FileError` if the file is none.
  package init(_ path: String, dtype: DType) throws {
    file = try SafetensorsFile(contentsOf: path)
    guard let operation = file.metadata["op"] else {
      throw FileError(file: path, place: "metadata", reason: "there is no 'op'")
    }
    self.operation = operation
    self.dtype = dtype
    config = try Options(operation, file, "config")
    staticArguments = try Options(operation, file, "static")
    secondOrder = try Options.list(file, "second_order")
  }

  /// The tensor under a name in the file, floating-point numbers in the case's element type.
  /// - Parameter exact: keeps them as the file has them.
  package func tensor(_ name: String, exact: Bool = false) throws -> Tensor? {
    guard let stored = file[name] else { return nil }
    switch stored.dtype {
    case .f64, .f32, .f16, .bf16:
      let type: DType = exact ? (stored.dtype == .f64 ? .float64 : .float32) : dtype
      return type == .float64
        ? try Tensor(try stored.doubles(), shape: stored.shape)
        : try Tensor(try stored.floats(), shape: stored.shape)
    case .bool:
      return try Tensor(try stored.bools(), shape: stored.shape)
    default:
      return try Tensor(try stored.int32s(), shape: stored.shape)
    }
  }

  /// The names in the file that begin with `prefix`, without it.
  package func names(_ prefix: String) -> [String] {
    file.names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
  }

  /// The parameters of the file.
  package func parameters() throws -> Parameters {
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for path in names("params.") {
      var parameter = try tensor("params." + path)!
      // Scalars are stored with one axis.
      if path.split(separator: "/").last == "gamma", parameter.shape == [1] {
        parameter = try parameter.squeezed(0)
      }
      tensors[path] = parameter
    }
    return Parameters(tensors)
  }
}

/// Named options of a call, from JSON; every one that is there must be asked for.
package final class Options: @unchecked Sendable {
  private let operation: String
  private let values: OrderedDictionary<String, JSON>
  private var used: Set<String> = []

  init(_ operation: String, _ values: OrderedDictionary<String, JSON>) {
    self.operation = operation
    self.values = values
  }

  convenience init(_ operation: String, _ file: SafetensorsFile, _ key: String) throws {
    guard let text = file.metadata[key] else {
      self.init(operation, [:])
      return
    }
    guard case .object(let values) = try Options.parse(file, key, text) else {
      throw FileError(file: file.file, place: "metadata '\(key)'", reason: "expected an object")
    }
    self.init(operation, values)
  }

  private static func parse(_ file: SafetensorsFile, _ key: String, _ text: String) throws -> JSON {
    do {
      return try JSON(parsing: Array(text.utf8))
    } catch {
      throw FileError(
        file: file.file, place: "metadata '\(key)'",
        reason: "byte \(error.offset): \(error.reason)")
    }
  }

  static func list(_ file: SafetensorsFile, _ key: String) throws -> [String] {
    guard let text = file.metadata[key] else { return [] }
    guard case .array(let items) = try parse(file, key, text) else {
      throw FileError(file: file.file, place: "metadata '\(key)'", reason: "expected a list")
    }
    return items.compactMap { if case .string(let item) = $0 { item } else { nil } }
  }

  /// The names of all options that are there.
  var names: [String] { Array(values.keys) }

  func error(_ name: String, _ reason: String) -> ArgumentError {
    ArgumentError(operation, name, reason)
  }

  /// Whether the option is there and not null.
  func has(_ name: String) -> Bool {
    used.insert(name)
    guard let value = values[name] else { return false }
    return value != .null
  }

  /// An option's value; nil where it is missing or null.
  func value(_ name: String) -> JSON? { has(name) ? values[name] : nil }

  func int(_ name: String) throws -> Int? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return value
    case let other?: throw error(name, "expected an integer, received \(other)")
    }
  }

  /// An integer with a default for when it is missing; null is refused.
  func int(_ name: String, default fallback: Int) throws -> Int {
    if values[name] == .null { throw error(name, "expected an integer, received none") }
    return try int(name) ?? fallback
  }

  func real(_ name: String) throws -> Double? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return Double(value)
    case .real(let value): return value
    case let other?: throw error(name, "expected a number, received \(other)")
    }
  }

  func bool(_ name: String, default fallback: Bool) throws -> Bool {
    switch value(name) {
    case nil: return fallback
    case .bool(let value): return value
    case let other?: throw error(name, "expected true or false, received \(other)")
    }
  }

  func string(_ name: String) throws -> String? {
    switch value(name) {
    case nil: return nil
    case .string(let value): return value
    case let other?: throw error(name, "expected a string, received \(other)")
    }
  }

  func object(_ name: String) throws -> Options {
    switch value(name) {
    case nil: return Options(operation, [:])
    case .object(let values): return Options(operation, values)
    case let other?: throw error(name, "expected an object, received \(other)")
    }
  }

  /// An integer or a list of integers.
  func ints(_ name: String) throws -> [Int]? {
    switch value(name) {
    case nil: return nil
    case .integer(let value): return [value]
    case .array(let items):
      return try items.map { item in
        guard case .integer(let value) = item else {
          throw error(name, "expected integers, received \(item)")
        }
        return value
      }
    case let other?: throw error(name, "expected integers, received \(other)")
    }
  }

  func dtype(_ name: String) throws -> DType? {
    guard let text = try string(name) else { return nil }
    guard let type = DType(rawValue: text), type.isFloatingPoint else {
      throw error(name, "unknown element type '\(text)'")
    }
    return type
  }

  /// - Throws: `ArgumentError` for an option that nobody asked for: it would have no effect.
  func checkAllUsed() throws {
    for name in values.keys where !used.contains(name) {
      throw error(name, "this operation has no such option")
    }
  }
}
