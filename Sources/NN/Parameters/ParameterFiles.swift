public import E3xEngine
internal import E3xFiles
internal import OrderedCollections

extension ParameterFile {
  /// The file's contents with floating-point numbers of another type.
  ///
  /// - Parameter dtype: A floating-point type; numbers are rounded to nearest (ties to even) once,
  ///   from the type they are stored in. Integers and truth values stay as they are.
  /// - Throws: `ArgumentError` for another type; `FileError` for a tensor whose bytes do not fit its
  ///   shape.
  public func converted(to dtype: DType) throws -> ParameterFile {
    guard let target = SafetensorsDType(floatingPoint: dtype) else {
      throw ArgumentError(
        "ParameterFile.converted", "dtype", "\(dtype.rawValue) is no floating-point type")
    }
    var result = self
    for (path, tensor) in tensors where tensor.dtype.isFloatingPoint {
      result.tensors[path] = try tensor.converted(to: target)
    }
    return result
  }
}

extension Parameters {
  /// Reads the parameters of a file: safetensors, a Flax checkpoint or a NumPy archive, with or
  /// without the root `params`; see ``ParameterFile``.
  ///
  /// - Parameter format: by the path's extension if nil, or else by the contents.
  /// - Parameter dtype: of floating-point tensors; as stored if nil. Integers become int32.
  /// - Throws: `FileError` for a file that cannot be read, is malformed, or holds no parameters.
  public init(
    contentsOf path: String, format: ParameterFileFormat? = nil, dtype: DType? = nil
  ) throws {
    var file = try ParameterFile(contentsOf: path, format: format)
    if let dtype { file = try file.converted(to: dtype) }
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for (name, stored) in file.tensors { tensors[name] = try Tensor(stored) }
    self.init(tensors)
  }

  /// Writes the parameters to a file that e3x and Flax read back.
  ///
  /// - Parameter format: by the path's extension if nil.
  /// - Parameter hasRoot: puts them below the root `params`, as e3x's models have them.
  /// - Throws: `FileError` for an unknown format and for what the system reports.
  public func write(
    to path: String, format: ParameterFileFormat? = nil, hasRoot: Bool = true
  ) throws {
    var file = ParameterFile()
    for (name, tensor) in self {
      guard tensor.shape.known != nil else {
        throw ArgumentError(
          "Parameters.write", "parameters", "'\(name)' has the shape \(tensor.shape), not numbers")
      }
      file.tensors[name] = try SafetensorsTensor(tensor)
    }
    try file.write(to: path, format: format, hasRoot: hasRoot)
  }
}
