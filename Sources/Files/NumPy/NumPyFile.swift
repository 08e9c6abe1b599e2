public import E3xSystem

/// Single arrays as `numpy.save` writes them (`.npy`) and `numpy.load` reads them.
///
/// Reading takes booleans, integers and floating-point numbers of either byte order, in C or
/// Fortran order, and gives them little-endian in C order.
public enum NumPyFile {
  /// Reads a file.
  /// - Throws: ``FileError`` for a file that cannot be read or is malformed, and for element
  ///   types that are not supported: bfloat16 (which NumPy stores as raw bytes), complex numbers,
  ///   text, records and Python objects.
  public static func read(_ path: String) throws(FileError) -> SafetensorsTensor {
    try array(data: try FileBytes.read(path), name: InputFile.name(path))
  }

  /// As ``read(_:)``, from bytes in memory.
  /// - Parameter name: What error messages call them.
  public static func array(
    data: Data, name: String = "data"
  ) throws(FileError) -> SafetensorsTensor {
    try array(data: data, file: name, entry: "")
  }

  /// An array whose errors tell the entry of an archive.
  static func array(data: Data, file: String, entry: String) throws(FileError) -> SafetensorsTensor
  {
    let header: NumPyHeader
    do throws(NumPyHeader.ParseError) {
      header = try NumPyHeader(data: data)
      let payload = data.count - header.length
      guard header.byteCount == payload else {
        throw NumPyHeader.ParseError(
          reason: "\(header.dtype.rawValue) of shape \(header.shape) takes \(header.byteCount) "
            + "bytes, but \(payload) follow the header")
      }
    } catch {
      throw FileError(
        file: file, place: entry.isEmpty ? "" : "array \(quoted(entry))", reason: error.reason)
    }
    var bytes = data[(data.startIndex + header.length)...]
    if header.isBigEndian { bytes = bytes.swapped(size: header.dtype.size) }
    if header.isFortranOrder {
      bytes = transposed(bytes, shape: header.shape, size: header.dtype.size)
    }
    var tensor = SafetensorsTensor(dtype: header.dtype, shape: header.shape, bytes: bytes)
    tensor.file = file
    tensor.name = entry
    return tensor
  }

  /// The bytes that `numpy.save` writes for an array.
  /// - Parameter name: What error messages call them.
  /// - Throws: ``FileError`` for an array whose bytes do not fit its shape, or that is bfloat16.
  public static func serialized(
    _ tensor: SafetensorsTensor, name: String = "data"
  ) throws(FileError) -> Data {
    var tensor = tensor
    tensor.file = name
    try tensor.checkLength()
    guard let descriptor = NumPyType.descriptor(of: tensor.dtype) else {
      throw tensor.failure("NumPy has no \(tensor.dtype.rawValue): convert it to float32 first")
    }
    guard tensor.shape.count <= NumPyHeader.rankLimit else {
      throw tensor.failure(
        "has \(tensor.shape.count) axes; NumPy has at most \(NumPyHeader.rankLimit)")
    }
    return NumPyHeader.serialized(descriptor: descriptor, shape: tensor.shape) + tensor.bytes
  }

  /// Writes a file; see ``serialized(_:name:)``.
  public static func write(_ tensor: SafetensorsTensor, to path: String) throws(FileError) {
    try FileBytes.write(try serialized(tensor, name: path), to: path)
  }

  /// Elements in Fortran order (first axis fastest) put in C order (last axis fastest).
  private static func transposed(_ bytes: Data, shape: [Int], size: Int) -> Data {
    guard shape.count > 1, !bytes.isEmpty else { return bytes }
    let source = [UInt8](bytes)
    // Their product was found to fit where the header was read.
    var strides: [Int] = []
    var stride = size
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var result = [UInt8]()
    result.reserveCapacity(source.count)
    var index = [Int](repeating: 0, count: shape.count)
    var offset = 0
    while result.count < source.count {
      result.append(contentsOf: source[offset..<offset + size])
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        offset += strides[axis]
        if index[axis] < shape[axis] { break }
        offset -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return Data(result)
  }
}

extension Data {
  /// Every element of `size` bytes with its bytes reversed.
  func swapped(size: Int) -> Data {
    var result = [UInt8](self)
    for start in stride(from: 0, to: result.count - result.count % size, by: size) {
      result[start..<start + size].reverse()
    }
    return Data(result)
  }
}
