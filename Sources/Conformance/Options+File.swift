internal import E3xFiles
internal import E3xOperations
internal import OrderedCollections

extension Options {
  /// The options that a file's metadata hold under a key; none if there is no such key.
  convenience init(_ operation: String, _ file: SafetensorsFile, _ key: String) throws {
    guard let text = file.metadata[key] else {
      self.init(operation, [:])
      return
    }
    guard case .object(let values) = try Options.parse(file, key, text) else {
      throw FileError(file: file.file, place: "metadata '\(key)'", reason: "expected an object")
    }
    self.init(operation, values)
  }

  fileprivate static func parse(_ file: SafetensorsFile, _ key: String, _ text: String) throws
    -> JSON
  {
    let bytes = Array(text.utf8)
    do {
      return try JSON(parsing: bytes)
    } catch {
      let option = lastKey(bytes.prefix(error.offset)).map { " ('\($0)')" } ?? ""
      throw FileError(
        file: file.file, place: "metadata '\(key)'",
        reason: "byte \(error.offset)\(option): \(error.reason)")
    }
  }

  /// The key whose value a text that is no JSON ends in: numbers that JSON does not have, such as
  /// `NaN`, are then refused by name.
  private static func lastKey(_ text: ArraySlice<UInt8>) -> String? {
    let parts = text.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
    // A key stands in quotes before a colon.
    let position = parts.indices.last { index in
      index % 2 == 0 && index > 0
        && parts[index].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: ":")
    }
    return position.map { String(decoding: parts[$0 - 1], as: UTF8.self) }
  }

  static func list(_ file: SafetensorsFile, _ key: String) throws -> [String] {
    guard let text = file.metadata[key] else { return [] }
    guard case .array(let items) = try parse(file, key, text) else {
      throw FileError(file: file.file, place: "metadata '\(key)'", reason: "expected a list")
    }
    return items.compactMap { if case .string(let item) = $0 { item } else { nil } }
  }
}
