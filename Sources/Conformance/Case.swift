package import E3xEngine
package import E3xFiles
package import E3xNN
package import E3xOperations
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
        parameter = try parameter.squeezed(axis: 0)
      }
      tensors[path] = parameter
    }
    return Parameters(tensors)
  }
}
