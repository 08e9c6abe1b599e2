internal import E3xFiles
internal import E3xSystem

/// The formats of files that parameters are kept in.
public enum ParameterFileFormat: String, CaseIterable, Sendable {
  /// Tensors `params.PATH`, and text metadata.
  case safetensors
  /// What `flax.serialization.to_bytes` writes.
  case msgpack
  /// What `numpy.savez` writes.
  case npz

  /// The format that a file's extension names, if it names one.
  public init?(path: String) {
    self.init(rawValue: URL(fileURLWithPath: path).pathExtension.lowercased())
  }

  /// The format that bytes look like: a zip archive, a header of JSON, or a map of MessagePack.
  init?(data: Data) {
    let start = [UInt8](data.prefix(9))
    if start.starts(with: Array("PK".utf8)) {
      self = .npz
    } else if start.count == 9, "{ \t\r\n".utf8.contains(start[8]), start[5..<8] == [0, 0, 0] {
      self = .safetensors
    } else if let first = start.first, (0x80...0x8F).contains(first) || 0xDE...0xDF ~= first {
      self = .msgpack
    } else {
      return nil
    }
  }
}
