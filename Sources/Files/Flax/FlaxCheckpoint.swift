public import E3xSystem
public import OrderedCollections

/// Trees of arrays as `flax.serialization.to_bytes` writes them and `msgpack_restore` and
/// `from_bytes` read them: MessagePack maps with arrays, in extension types, as leaves.
///
/// An array's path is its keys joined by `/`, such as `params/energy/kernel`. Arrays of more than
/// 2³⁰ bytes come and go in chunks, as Flax has them.
public enum FlaxCheckpoint {
  /// Flax's extension type of arrays.
  static let arrayType: Int8 = 1
  /// Flax's extension type of NumPy scalars, stored as arrays without axes.
  static let scalarType: Int8 = 3
  /// Flax's extension type of Python's complex numbers.
  static let complexType: Int8 = 2
  /// The key that marks an array in chunks.
  static let chunkMark = "__msgpack_chunked_array__"
  /// The bytes beyond which an array is written in chunks (`flax.serialization.MAX_CHUNK_SIZE`).
  package static let chunkLimit = 1 << 30

  /// Reads the arrays of a file by path, in the file's order.
  ///
  /// Python's own numbers and truth values (a step count, say) are read as arrays without axes;
  /// `None` and empty maps as nothing; lists as maps from "0", "1", …
  /// - Throws: ``FileError`` for a file that cannot be read or is malformed, for keys that are
  ///   empty or contain `/`, and for leaves that are no numbers.
  public static func read(
    _ path: String
  ) throws(FileError) -> OrderedDictionary<String, SafetensorsTensor> {
    try contents(path).onlyArrays()
  }

  /// As ``read(_:)``, from bytes in memory.
  /// - Parameter name: What error messages call them.
  public static func arrays(
    data: Data, name: String = "data"
  ) throws(FileError) -> OrderedDictionary<String, SafetensorsTensor> {
    try contents(data: data, name: name).onlyArrays()
  }

  /// Reads the arrays of a file, and why other leaves are none: text, bytes, complex numbers,
  /// arrays of other element types, keys that cannot be part of a path.
  ///
  /// Element types are the names that NumPy takes (`float32`, `<f4`, `>f4`, `|b1`), `bfloat16`, and
  /// `V2`, the raw bytes under which NumPy keeps bfloat16.
  /// - Throws: ``FileError`` for a file that cannot be read or is no tree of MessagePack.
  public static func contents(_ path: String) throws(FileError) -> StoredArrays {
    let name = InputFile.name(path)
    let data = try FileBytes.read(path) { (start) throws(FileError) in
      guard start.first.map({ 0x80...0x8F ~= $0 || 0xDE...0xDF ~= $0 }) ?? true else {
        // What begins so ends at once, with an error that says where.
        _ = try contents(data: start, name: name)
        throw FileError(file: name, place: "byte 0", reason: "does not begin with a map")
      }
    }
    return try contents(data: data, name: name)
  }

  /// As ``contents(_:)``, from bytes in memory.
  /// - Parameter name: What error messages call them.
  public static func contents(
    data: Data, name: String = "data"
  ) throws(FileError) -> StoredArrays {
    let root: MessagePack
    do {
      root = try MessagePack(parsing: data)
    } catch {
      throw FileError(file: name, place: "byte \(error.offset)", reason: error.reason)
    }
    guard case .map(let map) = root, map[chunkMark] == nil else {
      throw FileError(file: name, place: "byte 0", reason: "\(root.kind) instead of a tree")
    }
    var reader = FlaxTreeReader(file: name)
    reader.visit(map.lazy.map { ($0.key, $0.value) }, path: "")
    return reader.result
  }

  /// The bytes that `flax.serialization.to_bytes` writes for a tree with these arrays.
  ///
  /// - Parameter arrays: by path; a map's keys are in the order in which they first occur.
  /// - Parameter name: What error messages call the bytes.
  /// - Throws: ``FileError`` for an array whose bytes do not fit its shape, for paths with empty
  ///   parts, and for an array at a path that is also a map.
  public static func serialized(
    _ arrays: OrderedDictionary<String, SafetensorsTensor>, name: String = "data"
  ) throws(FileError) -> Data {
    try serialized(arrays, name: name, chunkLimit: chunkLimit)
  }

  /// Writes a file; see ``serialized(_:name:)``.
  public static func write(
    _ arrays: OrderedDictionary<String, SafetensorsTensor>, to path: String
  ) throws(FileError) {
    try FileBytes.write(try serialized(arrays, name: path), to: path)
  }
}
