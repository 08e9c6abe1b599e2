package import E3xSystem

/// The entries of a zip archive (PKWARE's APPNOTE 6.3), stored or deflated, with 64-bit sizes
/// where needed.
///
/// The central directory is read at once, the contents when they are asked for. Refused are
/// encryption, archives in several parts, names that occur twice, entries that overlap, and sizes
/// that no deflated data could reach or that are beyond the limit: nothing is allocated for a size
/// alone.
package struct ZipReader: Sendable {
  /// A file in the archive.
  package struct Entry: Sendable, Equatable {
    /// The name, as the archive has it.
    package var name: String
    /// Bytes of the contents.
    package var size: Int
    var isDeflated: Bool
    var checksum: UInt32
    /// Why the contents cannot be read, if that is so.
    var obstacle: String?
    /// Where the contents lie in the archive, relative to its start.
    var range: Range<Int>
  }

  /// The files, in the order of the central directory.
  package private(set) var entries: [Entry] = []

  private let data: Data
  private let file: String

  /// The greatest size of all deflated entries together, 1 GiB: what an archive of any size may
  /// make a reader allocate.
  package static let inflatedLimit = 1 << 30
  /// Deflate writes 258 bytes for 2 bits at best, and no more than this factor altogether.
  private static let deflateFactor = 1032

  /// Reads the directory of an archive.
  /// - Parameter name: What error messages call it.
  /// - Parameter limit: the greatest size of all deflated entries together, in bytes.
  /// - Throws: ``FileError``
  package init(
    data: Data, name file: String = "data", limit: Int = inflatedLimit
  ) throws(FileError) {
    self.data = data
    self.file = file
    let bytes = ZipBytes(data: data, file: file)
    let directory = try ZipDirectory(bytes)
    var position = directory.range.lowerBound
    var (names, inflated) = (Set<String>(), 0)
    for _ in 0..<directory.count {
      let record = try ZipDirectory.Record(bytes, at: &position, end: directory.range.upperBound)
      func failure(_ reason: String) -> FileError {
        FileError(file: file, place: "entry \(quoted(record.name))", reason: reason)
      }
      guard names.insert(record.name).inserted else { throw failure("the name occurs twice") }
      let start = try record.contentsStart(bytes)
      guard record.compressedSize <= directory.range.lowerBound - start else {
        throw failure("truncated: its \(record.compressedSize) bytes reach into the directory")
      }
      if record.isDeflated {
        guard record.size / Self.deflateFactor <= record.compressedSize else {
          throw failure(
            "\(record.compressedSize) bytes cannot hold the \(record.size) that are promised")
        }
        guard record.size <= limit - inflated else {
          throw failure("the contents would take more than \(limit) bytes together")
        }
        inflated += record.size
      } else if record.size != record.compressedSize, record.obstacle == nil {
        throw failure("is stored in \(record.compressedSize) bytes but has \(record.size)")
      }
      entries.append(
        Entry(
          name: record.name, size: record.size, isDeflated: record.isDeflated,
          checksum: record.checksum, obstacle: record.obstacle,
          range: start..<start + record.compressedSize))
    }
    guard position == directory.range.upperBound else {
      throw bytes.failure(at: position, "bytes of the directory belong to no entry")
    }
    try checkOverlaps()
  }

  /// What is wrong with bytes that are no archive.
  static func noArchive(_ file: String) -> FileError {
    FileError(file: file, reason: "no zip archive, or a truncated one: it has no end record")
  }

  /// Requires that no bytes belong to two entries.
  private func checkOverlaps() throws(FileError) {
    let sorted = entries.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    for (first, second) in zip(sorted, sorted.dropFirst())
    where second.range.lowerBound < first.range.upperBound {
      throw FileError(
        file: file, place: "entry \(quoted(second.name))",
        reason: "lies inside \(quoted(first.name))")
    }
  }

  /// The contents of an entry.
  /// - Throws: ``FileError`` for contents that are encrypted or compressed in another way than by
  ///   deflate, for deflated data that are malformed or have another length than the
  ///   directory says, and for a checksum that does not fit.
  package func contents(of entry: Entry) throws(FileError) -> Data {
    func failure(_ reason: String) -> FileError {
      FileError(file: file, place: "entry \(quoted(entry.name))", reason: reason)
    }
    if let obstacle = entry.obstacle { throw failure(obstacle) }
    var contents = data[
      data.startIndex + entry.range.lowerBound..<data.startIndex + entry.range.upperBound]
    if entry.isDeflated {
      do {
        contents = Data(try Inflate.inflate([UInt8](contents), size: entry.size))
      } catch {
        throw failure("bad deflated data: byte \(error.offset): \(error.reason)")
      }
    }
    guard CRC32.checksum(contents) == entry.checksum else {
      throw failure("the checksum does not fit: the contents are damaged")
    }
    return contents
  }
}
