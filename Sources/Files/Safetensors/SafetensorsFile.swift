public import E3xSystem
import OrderedCollections

/// The contents of a safetensors file: named tensors and text metadata.
///
/// The format is eight bytes of header length, a JSON header, and the tensors' bytes. All that the
/// reference implementation checks is checked here: the tensors cover the data exactly, without
/// holes, overlaps or bytes left over. It is taken what that takes, but for keys that occur twice,
/// sizes that overflow beside a zero, and lists in the place of objects. Names that differ only in
/// Unicode normalisation count as the same.
public struct SafetensorsFile: Sendable {
  /// The names, in the header's order.
  public let names: [String]
  /// The header's `__metadata__`; empty if it has none.
  public let metadata: [String: String]
  /// The path or name it was read from.
  public let file: String

  private let tensors: [String: SafetensorsTensor]
  /// By name, why a tensor cannot be read: an element type that is not supported.
  let others: [String: FileError]

  /// The greatest header that is accepted, as in the reference implementation.
  static let headerLimit = 100_000_000

  /// Reads a file.
  /// - Throws: ``FileError`` for a file that cannot be read or is malformed.
  public init(contentsOf path: String) throws(FileError) {
    let name = InputFile.name(path)
    let data = try FileBytes.read(path) { (start) throws(FileError) in
      try SafetensorsHeader.check(start: start, file: name)
    }
    try self.init(data: data, name: name)
  }

  /// Reads bytes in memory.
  /// - Parameter name: What error messages call them.
  /// - Throws: ``FileError`` for malformed bytes.
  public init(data: Data, name: String = "data") throws(FileError) {
    let header = try SafetensorsHeader(data: data, file: name)
    file = name
    metadata = header.metadata
    names = header.entries.map(\.name)
    let payload = data.startIndex + header.payloadStart
    var tensors: [String: SafetensorsTensor] = [:]
    var others: [String: FileError] = [:]
    for entry in header.entries {
      guard let dtype = entry.dtype else {
        others[entry.name] = FileError(
          file: name, place: "tensor \(quoted(entry.name))",
          reason: "the dtype \(quoted(entry.typeName)) is not supported")
        continue
      }
      var tensor = SafetensorsTensor(
        dtype: dtype, shape: entry.shape,
        bytes: data[payload + entry.range.lowerBound..<payload + entry.range.upperBound])
      tensor.file = name
      tensor.name = entry.name
      tensors[entry.name] = tensor
    }
    self.tensors = tensors
    self.others = others
  }

  /// All that can be read, and why the rest cannot; in the order of names.
  public var contents: StoredArrays {
    var result = StoredArrays()
    for name in names.sorted() {
      if let tensor = tensors[name] { result.arrays[name] = tensor }
      if let error = others[name] { result.others[name] = error }
    }
    return result
  }

  /// The tensor of that name, if there is one that can be read.
  public subscript(name: String) -> SafetensorsTensor? { tensors[name] }

  /// The tensor of that name, with the shape and element type that the file gives it.
  /// - Throws: ``FileError`` for an element type that is not supported, or that lists the names the
  ///   file has.
  public func tensor(_ name: String) throws(FileError) -> SafetensorsTensor {
    if let tensor = tensors[name] { return tensor }
    if let error = others[name] { throw error }
    let listed = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    throw FileError(
      file: file, reason: "has no tensor \(quoted(name)); it has \(names.count): \(listed)")
  }
}
