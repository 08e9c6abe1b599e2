internal import E3xSystem
import OrderedCollections

/// The checked header of a safetensors file.
struct SafetensorsHeader {
  struct Entry {
    var name: String
    /// Nil for an element type of the format that cannot be read.
    var dtype: SafetensorsDType?
    var typeName: String
    var shape: [Int]
    /// Bytes relative to the end of the header.
    var range: Range<Int>
  }

  var entries: [Entry] = []
  var metadata: [String: String] = [:]
  /// Where the tensors' bytes begin, relative to the start of the file.
  var payloadStart: Int

  /// Requires that the first bytes of a file can be those of a header, before the rest is read.
  static func check(start: Data, file: String) throws(FileError) {
    _ = try length(start, file: file)
    guard start.dropFirst(8).first.map({ "{ \t\r\n".utf8.contains($0) }) ?? true else {
      throw FileError(file: file, place: "byte 8", reason: "the header does not begin with '{'")
    }
  }

  private static func length(_ data: Data, file: String) throws(FileError) -> Int {
    guard data.count >= 8 else {
      throw FileError(
        file: file, place: "byte 0",
        reason: "holds \(data.count) bytes; the header's length alone takes 8")
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= SafetensorsFile.headerLimit else {
      throw FileError(
        file: file, place: "byte 0",
        reason: "the header's length \(length) is more than \(SafetensorsFile.headerLimit)")
    }
    return Int(length)
  }

  init(data: Data, file: String) throws(FileError) {
    let length = try Self.length(data, file: file)
    payloadStart = 8 + length
    guard payloadStart <= data.count else {
      throw FileError(
        file: file, place: "byte 0",
        reason: "truncated: a header of \(length) bytes in a file of \(data.count)")
    }
    let start = data.startIndex
    let header = [UInt8](data[start + 8..<start + payloadStart])
    guard header.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) == UInt8(ascii: "{")
    else {
      throw FileError(file: file, place: "byte 8", reason: "the header does not begin with '{'")
    }
    let json: JSON
    do {
      json = try JSON(parsing: header)
    } catch {
      throw FileError(
        file: file, place: "byte \(8 + error.offset)", reason: "bad header: \(error.reason)")
    }
    guard case .object(let object) = json else {
      throw FileError(file: file, place: "byte 8", reason: "the header is not a JSON object")
    }
    for (name, value) in object {
      if name == "__metadata__" {
        metadata = try Self.metadata(value, file: file)
      } else {
        entries.append(try Self.entry(name, value, file: file))
      }
    }
    try checkCover(payload: data.count - payloadStart, file: file)
  }

  private static func metadata(
    _ value: JSON, file: String
  ) throws(FileError) -> [String: String] {
    if case .null = value { return [:] }
    guard case .object(let object) = value else {
      throw FileError(file: file, place: "__metadata__", reason: "is not a JSON object")
    }
    var result: [String: String] = [:]
    for (key, value) in object {
      guard case .string(let text) = value else {
        throw FileError(
          file: file, place: "__metadata__", reason: "the value of \(quoted(key)) is not a string")
      }
      result[key] = text
    }
    return result
  }

  private static func entry(
    _ name: String, _ value: JSON, file: String
  ) throws(FileError) -> Entry {
    func failure(_ reason: String) -> FileError {
      FileError(file: file, place: "tensor \(quoted(name))", reason: reason)
    }
    guard case .object(let object) = value else { throw failure("is not a JSON object") }
    guard case .string(let typeName)? = object["dtype"] else {
      throw failure("has no text \"dtype\"")
    }
    let dtype = SafetensorsDType(rawValue: typeName)
    guard let bits = dtype.map({ 8 * $0.size }) ?? SafetensorsDType.otherBits[typeName] else {
      throw failure("the dtype \(quoted(typeName)) is not supported")
    }
    guard let shape = object["shape"]?.naturals else {
      throw failure("\"shape\" is not an array of whole numbers")
    }
    guard let offsets = object["data_offsets"]?.naturals, offsets.count == 2 else {
      throw failure("\"data_offsets\" is not an array of two whole numbers")
    }
    guard offsets[0] <= offsets[1] else {
      throw failure("begins at \(offsets[0]) and ends before, at \(offsets[1])")
    }
    guard let size = SafetensorsDType.byteCount(shape: shape, bits: bits) else {
      throw failure(
        "the size of the shape \(shape) overflows"
          + (bits < 8 ? " or is no whole number of bytes" : ""))
    }
    guard size == offsets[1] - offsets[0] else {
      throw failure(
        "\(typeName) of shape \(shape) takes \(size) bytes, but the offsets \(offsets) give "
          + "\(offsets[1] - offsets[0])")
    }
    return Entry(
      name: name, dtype: dtype, typeName: typeName, shape: shape, range: offsets[0]..<offsets[1])
  }

  /// Requires that the tensors, in the order of their bytes, cover the data exactly.
  private func checkCover(payload: Int, file: String) throws(FileError) {
    let sorted = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var end = 0
    for entry in sorted {
      func failure(_ reason: String) -> FileError {
        FileError(file: file, place: "tensor \(quoted(entry.name))", reason: reason)
      }
      let start = entry.range.lowerBound
      if start < end { throw failure("begins at \(start), inside another that ends at \(end)") }
      if start > end { throw failure("begins at \(start), but the one before ends at \(end)") }
      end = entry.range.upperBound
      if end > payload {
        throw failure("truncated: ends at \(end), but the data holds \(payload) bytes")
      }
    }
    if end < payload {
      throw FileError(
        file: file, place: "byte \(payloadStart + end)",
        reason: "\(payload - end) bytes after the last tensor belong to none")
    }
  }
}

extension JSON {
  /// The value as an array of integers that are not negative.
  fileprivate var naturals: [Int]? {
    guard case .array(let values) = self else { return nil }
    var result: [Int] = []
    for value in values {
      guard case .integer(let number) = value, number >= 0 else { return nil }
      result.append(number)
    }
    return result
  }
}
