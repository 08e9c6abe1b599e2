internal import E3xSystem

/// Little-endian numbers at checked places of an archive.
struct ZipBytes {
  let data: Data
  let file: String

  var count: Int { data.count }

  func failure(at offset: Int, _ reason: String) -> FileError {
    FileError(file: file, place: "byte \(offset)", reason: reason)
  }

  /// The number in the bytes from `offset`.
  func number<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type, at offset: Int
  ) throws(FileError) -> T {
    guard offset >= 0, MemoryLayout<T>.size <= count - offset else {
      throw failure(at: offset, "truncated: the archive ends inside a record")
    }
    return data.withUnsafeBytes {
      T(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: T.self))
    }
  }

  /// A number that is a size or a place.
  func size<T: FixedWidthInteger & UnsignedInteger>(
    _ type: T.Type, at offset: Int
  ) throws(FileError) -> Int {
    let value = try number(type, at: offset)
    guard let result = Int(exactly: value) else {
      throw failure(at: offset, "the size \(value) is too large")
    }
    return result
  }
}

/// Where an archive's central directory lies, from the record at the archive's end.
struct ZipDirectory {
  let range: Range<Int>
  let count: Int

  static let endSignature: UInt32 = 0x0605_4B50
  static let end64Signature: UInt32 = 0x0606_4B50
  static let locatorSignature: UInt32 = 0x0706_4B50
  static let recordSignature: UInt32 = 0x0201_4B50
  static let localSignature: UInt32 = 0x0403_4B50
  /// Bytes of the record at the end without its comment, and of a directory record without texts.
  static let endLength = 22
  static let recordLength = 46

  init(_ bytes: ZipBytes) throws(FileError) {
    let end = try Self.endRecord(bytes)
    // Disk numbers and counts: archives in several parts have others.
    let (disk, first) = (
      try bytes.number(UInt16.self, at: end + 4), try bytes.number(UInt16.self, at: end + 6)
    )
    var count = try bytes.size(UInt16.self, at: end + 10)
    let here = try bytes.size(UInt16.self, at: end + 8)
    var size = try bytes.size(UInt32.self, at: end + 12)
    var start = try bytes.size(UInt32.self, at: end + 16)
    var limit = end
    let locator = end >= 20 ? try bytes.number(UInt32.self, at: end - 20) : 0
    if locator == Self.locatorSignature {
      let record = try bytes.size(UInt64.self, at: end - 12)
      guard record <= end - 20, try bytes.number(UInt32.self, at: record) == Self.end64Signature
      else { throw bytes.failure(at: end - 12, "no 64-bit end record where it should be") }
      count = try bytes.size(UInt64.self, at: record + 32)
      size = try bytes.size(UInt64.self, at: record + 40)
      start = try bytes.size(UInt64.self, at: record + 48)
      limit = record
    } else if disk != 0 || first != 0 || here != count {
      throw bytes.failure(at: end, "the archive is one of several parts")
    }
    guard start <= limit, size == limit - start else {
      throw bytes.failure(
        at: end, "the directory of \(size) bytes at \(start) does not end at \(limit)")
    }
    guard count <= size / Self.recordLength else {
      throw bytes.failure(at: end, "\(count) entries do not fit a directory of \(size) bytes")
    }
    range = start..<limit
    self.count = count
  }

  /// Where the end record lies: the last place whose comment reaches the end of the archive.
  private static func endRecord(_ bytes: ZipBytes) throws(FileError) -> Int {
    let last = bytes.count - endLength
    var offset = last
    while offset >= 0, offset >= last - 0xFFFF {
      if try bytes.number(UInt32.self, at: offset) == endSignature,
        try bytes.size(UInt16.self, at: offset + 20) == last - offset
      {
        return offset
      }
      offset -= 1
    }
    throw ZipReader.noArchive(bytes.file)
  }
}

extension ZipDirectory {
  /// What the central directory says of an entry.
  struct Record {
    let name: String
    let isDeflated: Bool
    /// Why the contents cannot be read, if that is so.
    let obstacle: String?
    let checksum: UInt32
    private(set) var compressedSize: Int
    private(set) var size: Int
    private var localOffset: Int

    /// Reads the record at `position` and moves there to the next.
    init(_ bytes: ZipBytes, at position: inout Int, end: Int) throws(FileError) {
      let start = position
      guard recordLength <= end - start,
        try bytes.number(UInt32.self, at: start) == recordSignature
      else { throw bytes.failure(at: start, "no record of the directory where one should be") }
      let nameLength = try bytes.size(UInt16.self, at: start + 28)
      let extraLength = try bytes.size(UInt16.self, at: start + 30)
      let commentLength = try bytes.size(UInt16.self, at: start + 32)
      let next = start + recordLength + nameLength + extraLength + commentLength
      guard next <= end else {
        throw bytes.failure(at: start, "a record reaches beyond the directory")
      }
      position = next
      let from = bytes.data.startIndex + start + recordLength
      guard
        let text = String(validating: bytes.data[from..<from + nameLength], as: UTF8.self)
      else { throw bytes.failure(at: start, "a name that is not UTF-8") }
      name = text
      checksum = try bytes.number(UInt32.self, at: start + 16)
      compressedSize = try bytes.size(UInt32.self, at: start + 20)
      size = try bytes.size(UInt32.self, at: start + 24)
      localOffset = try bytes.size(UInt32.self, at: start + 42)
      let method = try bytes.number(UInt16.self, at: start + 10)
      isDeflated = method == 8
      if try bytes.number(UInt16.self, at: start + 8) & 0x2041 != 0 {
        obstacle = "is encrypted"
      } else if method == 0 || method == 8 {
        obstacle = nil
      } else {
        obstacle = "the compression method \(method) is not supported"
      }
      let extra = start + recordLength + nameLength
      try readSizes64(bytes, extra: extra..<extra + extraLength)
    }

    /// Takes from the extra field of type 1 what does not fit 32 bits, in the order in which the
    /// format has them.
    private mutating func readSizes64(
      _ bytes: ZipBytes, extra: Range<Int>
    ) throws(FileError) {
      let unknown = 0xFFFF_FFFF
      guard size == unknown || compressedSize == unknown || localOffset == unknown else { return }
      var field = extra.lowerBound
      while extra.upperBound - field >= 4 {
        let type = try bytes.number(UInt16.self, at: field)
        let length = try bytes.size(UInt16.self, at: field + 2)
        let end = field + 4 + length
        guard end <= extra.upperBound else { break }
        if type == 1 {
          var position = field + 4
          for part in [\Record.size, \.compressedSize, \.localOffset]
          where self[keyPath: part] == unknown {
            guard end - position >= 8 else {
              throw bytes.failure(at: position, "the field of 64-bit sizes is too short")
            }
            self[keyPath: part] = try bytes.size(UInt64.self, at: position)
            position += 8
          }
          return
        }
        field = end
      }
      // Without the field, 4294967295 is what it says.
    }

    /// Where the contents begin, from the header that precedes them.
    func contentsStart(_ bytes: ZipBytes) throws(FileError) -> Int {
      func failure(_ reason: String) -> FileError {
        FileError(file: bytes.file, place: "entry \(quoted(name))", reason: reason)
      }
      let headerLength = 30
      guard localOffset <= bytes.count - headerLength,
        try bytes.number(UInt32.self, at: localOffset) == localSignature
      else { throw failure("there is no header at \(localOffset), where it should be") }
      let nameLength = try bytes.size(UInt16.self, at: localOffset + 26)
      let extraLength = try bytes.size(UInt16.self, at: localOffset + 28)
      let nameStart = localOffset + headerLength
      guard nameLength <= bytes.count - nameStart,
        bytes.data.dropFirst(nameStart).prefix(nameLength).elementsEqual(name.utf8)
      else { throw failure("the header at \(localOffset) has another name") }
      return nameStart + nameLength + extraLength
    }
  }
}
