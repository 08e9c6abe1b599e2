public import E3xFiles
internal import E3xSystem
public import OrderedCollections

/// The parameters in a file, as they are stored: by path, such as `attention_0/query/0+/kernel`.
///
/// A file may hold them below a root, as e3x's models do in the tree `{'params': {…}}`: `params/`
/// in Flax and NumPy files, `params.` in safetensors. Where there is such a root, what lies
/// outside of it (an optimiser's state, say) is no parameter, whatever it is. A root below the root
/// (`{'params': {'params': {…}}}`) is passed through.
public struct ParameterFile: Sendable {
  /// The parameters by path, without the root.
  public var tensors: OrderedDictionary<String, SafetensorsTensor>
  /// A safetensors file's metadata; a model written by `e3x train` has its configuration and
  /// element energies there.
  public var metadata: [String: String] = [:]
  /// The names of what the file holds that is no parameter: what lies outside of the root, and
  /// where there is none, text and the like.
  public var others: [String] { Array(reasons.keys) }
  /// Why each of ``others`` was left out.
  public private(set) var reasons: OrderedDictionary<String, String> = [:]

  /// A file's contents.
  public init(
    _ tensors: OrderedDictionary<String, SafetensorsTensor> = [:],
    metadata: [String: String] = [:]
  ) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// Reads a file; `-` is standard input.
  ///
  /// - Parameter format: by the path's extension if nil, or else by the contents.
  /// - Throws: `FileError` for a file that cannot be read, is malformed, or holds no parameters, and
  ///   for a parameter that is no array of numbers. What is no parameter is not judged.
  public init(
    contentsOf path: String, format: ParameterFileFormat? = nil
  ) throws(FileError) {
    tensors = [:]
    let named = format ?? ParameterFileFormat(path: path)
    let (stored, prefix): (StoredArrays, String)
    switch named {
    case .msgpack: (stored, prefix) = (try FlaxCheckpoint.contents(path), Self.prefix(.msgpack))
    case .npz: (stored, prefix) = (try NumPyArchive.contents(path), Self.prefix(.npz))
    case .safetensors:
      let file = try SafetensorsFile(contentsOf: path)
      metadata = file.metadata
      (stored, prefix) = (file.contents, Self.prefix(.safetensors))
    case nil:
      self = try Self.sniffed(path)
      return
    }
    try select(stored, prefix: prefix, file: FileBytes.inputName(path))
  }

  /// Reads a file whose format its contents tell.
  private static func sniffed(_ path: String) throws(FileError) -> ParameterFile {
    let name = FileBytes.inputName(path)
    let data = try FileBytes.read(path) { (start) throws(FileError) in
      if ParameterFileFormat(data: start) == nil {
        let names = ParameterFileFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw FileError(
          file: name, reason: "neither extension nor contents tell the format (\(names))")
      }
    }
    var result = ParameterFile()
    let format = ParameterFileFormat(data: data) ?? .safetensors
    let stored: StoredArrays
    switch format {
    case .msgpack: stored = try FlaxCheckpoint.contents(data: data, name: name)
    case .npz: stored = try NumPyArchive.contents(data: data, name: name)
    case .safetensors:
      let file = try SafetensorsFile(data: data, name: name)
      result.metadata = file.metadata
      stored = file.contents
    }
    try result.select(stored, prefix: prefix(format), file: name)
    return result
  }

  /// Takes what lies below the root, or everything where there is none.
  private mutating func select(
    _ stored: StoredArrays, prefix: String, file: String
  ) throws(FileError) {
    let names = Array(stored.arrays.keys) + Array(stored.others.keys)
    var root = ""
    if names.contains(where: { $0.hasPrefix(prefix) }) { root = prefix }
    // Nested twice, as `init` gives them and a training state keeps them.
    while !root.isEmpty, names.allSatisfy({ !$0.hasPrefix(root) || $0.hasPrefix(root + prefix) }) {
      root += prefix
    }
    for (name, tensor) in stored.arrays {
      if name.hasPrefix(root) {
        tensors[String(name.dropFirst(root.count))] = tensor
      } else {
        reasons[name] = "outside of \(root.dropLast())"
      }
    }
    for (name, error) in stored.others {
      if !root.isEmpty && name.hasPrefix(root) { throw error }
      reasons[name] = error.reason
    }
    // What could have been one is the reason why there is none.
    if tensors.isEmpty {
      throw stored.others.values.first ?? FileError(file: file, reason: "holds no parameters")
    }
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
    let format = try Self.format(path, format)
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

  /// Finds out before the work whether ``write(to:format:hasRoot:)`` can write a path.
  /// - Throws: `FileError` for an unknown format and for what the system reports.
  package static func checkWritable(
    _ path: String, format: ParameterFileFormat? = nil
  ) throws(FileError) {
    _ = try self.format(path, format)
    try FileBytes.checkWritable(path)
  }

  private static func format(
    _ path: String, _ format: ParameterFileFormat?
  ) throws(FileError) -> ParameterFileFormat {
    if let format = format ?? ParameterFileFormat(path: path) { return format }
    let names = ParameterFileFormat.allCases.map { "." + $0.rawValue }
    throw FileError(
      file: OutputFile.name(path),
      reason: "the extension names no format: use \(names.joined(separator: ", "))")
  }

  private static func prefix(_ format: ParameterFileFormat) -> String {
    format == .safetensors ? "params." : "params/"
  }
}
