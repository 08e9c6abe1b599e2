public import E3xEngine
public import E3xFiles
internal import OrderedCollections

extension ParameterFile {
  /// The file's contents with floating-point numbers of another type.
  ///
  /// - Parameter dtype: `.float32`, which rounds to nearest, or `.float64`. Integers and truth
  ///   values stay as they are.
  /// - Throws: `FileError` for a tensor whose bytes do not fit its shape.
  public func converted(to dtype: DType) throws(FileError) -> ParameterFile {
    var result = self
    for (path, tensor) in tensors {
      switch tensor.dtype {
      case .f16, .bf16, .f32, .f64:
        result.tensors[path] =
          dtype == .float64
          ? SafetensorsTensor(try tensor.doubles(), shape: tensor.shape)
          : SafetensorsTensor(try tensor.floats(), shape: tensor.shape)
      default: break
      }
    }
    return result
  }
}

extension Parameters {
  /// Reads the parameters of a file: safetensors, a Flax checkpoint or a NumPy archive, with or
  /// without the root `params`; see ``ParameterFile``.
  ///
  /// - Parameter format: by the path's extension if nil, or else by the contents.
  /// - Parameter dtype: of floating-point tensors; as stored if nil, 16-bit numbers in float32.
  ///   Integers become int32.
  /// - Throws: `FileError` for a file that cannot be read, is malformed, or holds no parameters.
  public init(
    contentsOf path: String, format: ParameterFileFormat? = nil, dtype: DType? = nil
  ) throws {
    let file = try ParameterFile(contentsOf: path, format: format)
    var tensors: OrderedDictionary<String, Tensor> = [:]
    for (name, stored) in file.tensors {
      let tensor: Tensor
      switch stored.dtype {
      case .f64, .f32, .f16, .bf16:
        let isDouble = dtype == .float64 || (dtype == nil && stored.dtype == .f64)
        tensor =
          isDouble
          ? try Tensor(try stored.doubles(), shape: stored.shape)
          : try Tensor(try stored.floats(), shape: stored.shape)
      case .bool: tensor = try Tensor(try stored.bools(), shape: stored.shape)
      default: tensor = try Tensor(try stored.int32s(), shape: stored.shape)
      }
      tensors[name] = tensor
    }
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
      guard let shape = tensor.shape.known else {
        throw ArgumentError(
          "Parameters.write", "parameters", "'\(name)' has the shape \(tensor.shape), not numbers")
      }
      file.tensors[name] =
        switch tensor.dtype {
        case .float32: SafetensorsTensor(try tensor.scalars(as: Float.self), shape: shape)
        case .float64: SafetensorsTensor(try tensor.scalars(as: Double.self), shape: shape)
        case .int32: SafetensorsTensor(try tensor.scalars(as: Int32.self), shape: shape)
        case .bool: SafetensorsTensor(try tensor.scalars(as: Bool.self), shape: shape)
        }
    }
    try file.write(to: path, format: format, hasRoot: hasRoot)
  }
}
