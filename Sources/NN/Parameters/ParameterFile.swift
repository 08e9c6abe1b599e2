public import E3xFiles
internal import Foundation
public import OrderedCollections

/// The parameters in a file, as they are stored: by path, such as `attention_0/query/0+/kernel`.
///
/// A file may hold them below a root, as e3x's models do in the tree `{'params': {…}}`: `params/`
/// in Flax and NumPy files, `params.` in safetensors. Where there is such a root, what lies
/// outside of it (an optimiser's state, say) is no parameter.
public struct ParameterFile: Sendable {
  /// The parameters by path, without the root.
  public var tensors: OrderedDictionary<String, SafetensorsTensor>
  /// A safetensors file's metadata; a model written by `e3x train` has its configuration and
  /// element energies there.
  public var metadata: [String: String] = [:]
  /// The names of what the file holds outside of the root.
  public private(set) var others: [String] = []

  /// A file's contents.
  public init(
    _ tensors: OrderedDictionary<String, SafetensorsTensor> = [:],
    metadata: [String: String] = [:]
  ) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file.
  ///
  /// - Parameter format: by the path's extension if nil, or else by the contents.
  /// - Throws: `FileError` for a file that cannot be read, is malformed, or holds no parameters.
  public init(
    contentsOf path: String, format: ParameterFileFormat? = nil
  ) throws(FileError) {
    let data = try FileBytes.read(path)
    let format = format ?? ParameterFileFormat(path: path) ?? ParameterFileFormat(data: data)
    var stored: OrderedDictionary<String, SafetensorsTensor> = [:]
    switch format {
    case .msgpack: stored = try FlaxCheckpoint.arrays(data: data, name: path)
    case .npz: stored = try NumPyArchive.arrays(data: data, name: path)
    case .safetensors:
      let file = try SafetensorsFile(data: data, name: path)
      metadata = file.metadata
      for name in file.names.sorted() { stored[name] = try file.tensor(name) }
    case nil:
      let names = ParameterFileFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw FileError(
        file: path, reason: "neither extension nor contents tell the format (\(names))")
    }
    let prefix = Self.prefix(format ?? .safetensors)
    if stored.keys.contains(where: { $0.hasPrefix(prefix) }) {
      tensors = [:]
      for (name, tensor) in stored {
        if name.hasPrefix(prefix) {
          tensors[String(name.dropFirst(prefix.count))] = tensor
        } else {
          others.append(name)
        }
      }
    } else {
      tensors = stored
    }
    if tensors.isEmpty { throw FileError(file: path, reason: "holds no parameters") }
  }

  /// Writes a file, with metadata where the format has a place for them (safetensors).
  ///
  /// - Parameter format: by the path's extension if nil.
  /// - Parameter hasRoot: puts the parameters below the root `params`.
  /// - Throws: `FileError` for an unknown format, for tensors that the format cannot hold, and for
  ///   what the system reports.
  public func write(
    to path: String, format: ParameterFileFormat? = nil, hasRoot: Bool = true
  ) throws(FileError) {
    guard let format = format ?? ParameterFileFormat(path: path) else {
      let names = ParameterFileFormat.allCases.map { "." + $0.rawValue }
      throw FileError(
        file: path,
        reason: "the extension names no format: use \(names.joined(separator: ", "))")
    }
    let prefix = hasRoot ? Self.prefix(format) : ""
    var stored: OrderedDictionary<String, SafetensorsTensor> = [:]
    for (name, tensor) in tensors { stored[prefix + name] = tensor }
    switch format {
    case .msgpack: try FlaxCheckpoint.write(stored, to: path)
    case .npz: try NumPyArchive.write(stored, to: path)
    case .safetensors:
      try SafetensorsFile.write(
        Dictionary(uniqueKeysWithValues: stored.map { ($0.key, $0.value) }),
        metadata: metadata, to: path)
    }
  }

  private static func prefix(_ format: ParameterFileFormat) -> String {
    format == .safetensors ? "params." : "params/"
  }
}
