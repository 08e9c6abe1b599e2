package import E3xSystem

/// Builds a zip archive of stored entries: the same entries always give the same bytes.
///
/// Sizes are 32-bit: entries and archives of 4 GiB and more, and more than 65534 entries, are
/// refused.
package struct ZipWriter {
  private let file: String
  private var data = Data()
  private var directory = Data()
  private var names: Set<String> = []

  /// An empty archive.
  /// - Parameter name: What error messages call it.
  package init(name: String = "data") { file = name }

  /// Appends an entry.
  /// - Throws: ``FileError`` for a name that is there already or too long, and for sizes beyond
  ///   the limits.
  package mutating func append(_ contents: Data, as name: String) throws(FileError) {
    func failure(_ reason: String) -> FileError {
      FileError(file: file, place: "entry \(quoted(name))", reason: reason)
    }
    guard names.count < 0xFFFE else { throw failure("the archive has 65534 entries already") }
    guard names.insert(name).inserted else { throw failure("the name occurs twice") }
    guard let nameLength = UInt16(exactly: name.utf8.count) else {
      throw failure("the name takes \(name.utf8.count) bytes")
    }
    guard let size = UInt32(exactly: contents.count), size < .max,
      let offset = UInt32(exactly: data.count), offset < .max
    else { throw failure("the archive would take more than 4 GiB") }
    let isASCII = name.utf8.allSatisfy { $0 < 0x80 }

    var header = Data()
    header.appendLittleEndian(UInt16(20))  // version that is needed: 2.0
    header.appendLittleEndian(UInt16(isASCII ? 0 : 0x0800))  // names are UTF-8
    header.appendLittleEndian(UInt16(0))  // stored
    header.appendLittleEndian(UInt16(0))  // time: midnight
    header.appendLittleEndian(UInt16(0x0021))  // date: 1980-01-01
    header.appendLittleEndian(CRC32.checksum(contents))
    header.appendLittleEndian(size)
    header.appendLittleEndian(size)
    header.appendLittleEndian(nameLength)
    header.appendLittleEndian(UInt16(0))  // no extra field

    data.appendLittleEndian(ZipDirectory.localSignature)
    data.append(header)
    data.append(contentsOf: name.utf8)
    data.append(contents)

    directory.appendLittleEndian(ZipDirectory.recordSignature)
    directory.appendLittleEndian(UInt16(0x0314))  // made by version 2.0 on Unix
    directory.append(header)
    directory.appendLittleEndian(UInt16(0))  // no comment
    directory.appendLittleEndian(UInt16(0))  // disk
    directory.appendLittleEndian(UInt16(0))  // internal attributes
    directory.appendLittleEndian(UInt32(0o100644) << 16)  // a file's permissions
    directory.appendLittleEndian(offset)
    directory.append(contentsOf: name.utf8)
  }

  /// The archive's bytes.
  /// - Throws: ``FileError`` for an archive of more than 4 GiB.
  package func finished() throws(FileError) -> Data {
    guard let start = UInt32(exactly: data.count), start < .max,
      let size = UInt32(exactly: directory.count), size < .max
    else { throw FileError(file: file, reason: "the archive would take more than 4 GiB") }
    var result = data
    result.append(directory)
    result.appendLittleEndian(ZipDirectory.endSignature)
    result.appendLittleEndian(UInt32(0))  // disks
    result.appendLittleEndian(UInt16(names.count))
    result.appendLittleEndian(UInt16(names.count))
    result.appendLittleEndian(size)
    result.appendLittleEndian(start)
    result.appendLittleEndian(UInt16(0))  // no comment
    return result
  }
}
