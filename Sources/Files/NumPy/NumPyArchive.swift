public import E3xSystem
public import OrderedCollections

/// Named arrays as `numpy.savez` and `numpy.savez_compressed` write them (`.npz`) and `numpy.load`
/// reads them: a zip archive of `.npy` files.
///
/// Names may be paths, as of `np.savez(file, **{"params/energy/kernel": …})`.
public enum NumPyArchive {
  /// Reads the arrays of a file, in the file's order.
  /// - Throws: ``FileError`` for a file that cannot be read or is malformed, for names that are
  ///   no paths, for entries that are no arrays, and for what ``NumPyFile/read(_:)`` refuses.
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

  /// Reads the arrays of a file, and why other entries are none. Python objects are never
  /// unpickled.
  /// - Throws: ``FileError`` for a file that cannot be read or is no zip archive.
  public static func contents(_ path: String) throws(FileError) -> StoredArrays {
    let name = InputFile.name(path)
    let data = try FileBytes.read(path) { (start) throws(FileError) in
      guard start.starts(with: "PK".utf8) else { throw ZipReader.noArchive(name) }
    }
    return try contents(data: data, name: name)
  }

  /// As ``contents(_:)``, from bytes in memory.
  ///
  /// As NumPy does, an array is known by its first bytes: its entry need not be called `….npy`.
  /// Folders are passed over.
  /// - Parameter name: What error messages call them.
  public static func contents(
    data: Data, name: String = "data"
  ) throws(FileError) -> StoredArrays {
    let archive = try ZipReader(data: data, name: name)
    var result = StoredArrays()
    for entry in archive.entries where !(entry.name.hasSuffix("/") && entry.size == 0) {
      let isNamed = entry.name.hasSuffix(".npy")
      let path = isNamed ? String(entry.name.dropLast(4)) : entry.name
      func failure(_ reason: String) -> FileError {
        FileError(file: name, place: "entry \(quoted(entry.name))", reason: reason)
      }
      do throws(FileError) {
        guard isPath(path) else { throw failure("the name is no path of a parameter") }
        let contents = try archive.contents(of: entry)
        guard isNamed || contents.starts(with: NumPyHeader.magic) else {
          throw failure("is no .npy file")
        }
        guard result.arrays[path] == nil else { throw failure("the name occurs twice") }
        result.arrays[path] = try NumPyFile.array(data: contents, file: name, entry: path)
      } catch {
        result.others[path] = error
      }
    }
    return result
  }

  /// The bytes of an archive with these arrays, stored without compression, in their order.
  /// - Parameter name: What error messages call them.
  /// - Throws: ``FileError`` for names that are no paths, and for what
  ///   ``NumPyFile/serialized(_:name:)`` refuses.
  public static func serialized(
    _ arrays: OrderedDictionary<String, SafetensorsTensor>, name: String = "data"
  ) throws(FileError) -> Data {
    var writer = ZipWriter(name: name)
    for (path, array) in arrays {
      var array = array
      array.name = path
      guard isPath(path) else {
        throw FileError(
          file: name, place: "tensor \(quoted(path))", reason: "the name is no path")
      }
      try writer.append(try NumPyFile.serialized(array, name: name), as: path + ".npy")
    }
    return try writer.finished()
  }

  /// Writes a file; see ``serialized(_:name:)``.
  public static func write(
    _ arrays: OrderedDictionary<String, SafetensorsTensor>, to path: String
  ) throws(FileError) {
    try FileBytes.write(try serialized(arrays, name: path), to: path)
  }

  /// Whether a name is a relative path that leads nowhere else when an archive is unpacked.
  private static func isPath(_ name: String) -> Bool {
    !name.contains("\\") && !name.unicodeScalars.contains { $0.value < 0x20 }
      && name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0 != "." && $0 != ".."
      }
  }
}
