package import E3xSystem
import E3xLimits

/// The bytes of a file, a pipe or of memory in pieces; decompressed, if they begin as gzip does.
package final class ByteInput {
  /// What error messages call it.
  package let name: String
  private let raw: Raw
  private var gzip: GzipReader?
  private var isBegun = false
  /// What was read ahead.
  private var ahead: [UInt8] = []
  private var hasEnded = false

  /// Where the bytes come from.
  private final class Raw {
    private let file: InputFile?
    private let data: Data
    /// The number of bytes so far.
    private(set) var position = 0
    /// Of the bytes so far, if it was asked for.
    private(set) var digest: SHA256?
    private var hasEnded = false
    private static let pieceLength = 1 << 18

    init(_ file: InputFile, digests: Bool) {
      (self.file, data, digest) = (file, Data(), digests ? SHA256() : nil)
    }

    init(_ data: Data) { (file, self.data) = (nil, data) }

    func next() throws(FileError) -> [UInt8] {
      if hasEnded { return [] }
      let piece: [UInt8]
      if let file {
        piece = try file.read(upTo: Self.pieceLength)
      } else {
        let start = data.startIndex + position
        piece = [UInt8](data[start..<min(start + Self.pieceLength, data.endIndex)])
      }
      hasEnded = piece.isEmpty
      position += piece.count
      digest?.update(piece)
      return piece
    }
  }

  /// Opens a path; `-` is standard input. Waits for the writer of a FIFO.
  /// - Parameter digests: Whether the digest of the bytes is computed as they are read.
  /// - Throws: ``FileError`` for what the system reports.
  package init(_ path: String, digests: Bool = false) throws(FileError) {
    let file = try InputFile(path)
    name = file.name
    raw = Raw(file, digests: digests)
  }

  /// Bytes in memory.
  /// - Parameter name: What error messages call them.
  package init(data: Data, name: String) {
    self.name = name
    raw = Raw(data)
  }

  /// The next piece; empty at the end.
  /// - Throws: ``FileError`` for what the system reports and for damaged gzip data.
  package func read() throws(FileError) -> [UInt8] {
    if !ahead.isEmpty {
      defer { ahead = [] }
      return ahead
    }
    return try next()
  }

  private func next() throws(FileError) -> [UInt8] {
    if !isBegun {
      isBegun = true
      var start: [UInt8] = []
      while start.count < GzipReader.magic.count {
        let piece = try raw.next()
        if piece.isEmpty { break }
        start += piece
      }
      guard start.starts(with: GzipReader.magic) else {
        if start.isEmpty { hasEnded = true }
        return start
      }
      let raw = raw
      gzip = GzipReader(name: name) { () throws(FileError) -> [UInt8] in
        if start.isEmpty { return try raw.next() }
        defer { start = [] }
        return start
      }
    }
    if hasEnded { return [] }
    let piece: [UInt8]
    if let gzip { piece = try gzip.read() } else { piece = try raw.next() }
    hasEnded = piece.isEmpty
    return piece
  }

  /// Whether the bytes, which nobody has read yet, begin with these.
  /// - Throws: ``FileError``, as ``read()``.
  package func begins(with start: [UInt8]) throws(FileError) -> Bool {
    while ahead.count < start.count {
      let piece = try next()
      if piece.isEmpty { break }
      ahead += piece
    }
    return ahead.starts(with: start)
  }

  /// How many bytes the file has, before any decompression, and their SHA-256 in hexadecimal digits,
  /// if it was asked for: what nobody has read yet is read now.
  /// - Throws: ``FileError`` for what the system reports.
  package func contents() throws(FileError) -> (bytes: Int, sha256: String?) {
    while try !raw.next().isEmpty {}
    return (raw.position, raw.digest?.hexadecimal())
  }

  /// All bytes that are left.
  /// - Throws: ``FileError`` as ``read()``, and for more than 16 GiB.
  package func rest() throws(FileError) -> Data {
    var result = Data()
    while true {
      let piece = try read()
      if piece.isEmpty { return result }
      guard result.count <= FileBytes.limit - piece.count else {
        throw FileError(
          file: name,
          reason: "holds more than \(Size.text(bytes: Double(FileBytes.limit))), the limit of what "
            + "is read")
      }
      result.append(contentsOf: piece)
    }
  }
}
