public import Foundation
public import OrderedCollections

/// Named arrays as `numpy.savez` and `numpy.savez_compressed` write them (`.npz`) and `numpy.load`
/// reads them: a zip archive of `.npy` files.
///
/// Names may be paths, as of `np.savez(file, **{"params/energy/kernel": …})`.
public enum NumPyArchive {
  /// Reads the arrays of a file, in the file's order.
  /// - Throws: ``FileError`` for a file that cannot be read or is malformed, for names that are
  ///   no paths, and for what ``NumPyFile/read(_:)`` refuses.
  public static func read(
    _ path: String
  ) throws(FileError) -> OrderedDictionary<String, SafetensorsTensor> {
    try arrays(data: try FileBytes.read(path), name: path)
  }

  /// As ``read(_:)``, from bytes in memory.
  /// - Parameter name: What error messages call them.
  public static func arrays(
    data: Data, name: String = "data"
  ) throws(FileError) -> OrderedDictionary<String, SafetensorsTensor> {
    let archive = try ZipReader(data: data, name: name)
    var arrays: OrderedDictionary<String, SafetensorsTensor> = [:]
    for entry in archive.entries {
      func failure(_ reason: String) -> FileError {
        FileError(file: name, place: "entry \(quoted(entry.name))", reason: reason)
      }
      guard entry.name.hasSuffix(".npy") else { throw failure("is no .npy file") }
      let path = String(entry.name.dropLast(4))
      guard isPath(path) else { throw failure("the name is no path of a parameter") }
      arrays[path] = try NumPyFile.array(
        data: try archive.contents(of: entry), file: name, entry: path)
    }
    return arrays
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
