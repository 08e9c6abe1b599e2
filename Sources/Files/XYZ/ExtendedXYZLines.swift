internal import E3xSystem

/// Lines of a file or of bytes in memory, read in pieces so that a trajectory need not fit in
/// memory.
struct LineSource {
  let file: String
  /// The number of the last line returned, from 1.
  private(set) var number = 0
  /// The bytes that `next()` returns ranges of.
  private(set) var buffer: [UInt8]
  private var position = 0
  private var input: ByteInput?

  /// The longest line that is accepted, 64 MiB: what has no ends of lines is no text.
  private static let lengthLimit = 1 << 26
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
  private var isBegun = false

  init(_ input: ByteInput) {
    file = input.name
    self.input = input
    buffer = []
  }

  /// Passes over the mark that some programs begin a text with.
  private mutating func begin() throws(FileError) {
    if isBegun { return }
    isBegun = true
    while buffer.count < Self.byteOrderMark.count, try refill() {}
    if buffer.starts(with: Self.byteOrderMark) { position = Self.byteOrderMark.count }
  }

  /// Reads a further piece behind what is left; false at the end of the file.
  private mutating func refill() throws(FileError) -> Bool {
    guard let input else { return false }
    buffer.removeFirst(position)
    position = 0
    guard buffer.count < Self.lengthLimit else {
      throw FileError(
        file: file, place: "line \(number + 1)",
        reason: "is longer than \(Self.lengthLimit) bytes")
    }
    let piece = try input.read()
    if piece.isEmpty { self.input = nil }
    buffer.append(contentsOf: piece)
    return !piece.isEmpty
  }

  /// The next line without its line feed or carriage return, as a range of `buffer` that is valid
  /// until the next call; nil at the end.
  mutating func next() throws(FileError) -> Range<Int>? {
    try begin()
    var searched = position
    while true {
      if let end = lineFeed(from: searched) {
        defer { position = end + 1 }
        return line(end)
      }
      searched = buffer.count - position
      guard try refill() else { break }
      searched += position
    }
    guard position < buffer.count else { return nil }
    defer { position = buffer.count }
    return line(buffer.count)
  }

  private func lineFeed(from start: Int) -> Int? {
    buffer.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let found = memchr(base + start, 0x0A, bytes.count - start)
      else { return nil }
      return UnsafeRawPointer(found) - base
    }
  }

  private mutating func line(_ end: Int) -> Range<Int> {
    number += 1
    let hasReturn = end > position && buffer[end - 1] == UInt8(ascii: "\r")
    return position..<(hasReturn ? end - 1 : end)
  }

  /// Lets `next()` return the last line again.
  mutating func putBack(_ line: Range<Int>) {
    position = line.lowerBound
    number -= 1
  }

  /// An error at the last line returned.
  func failure(_ reason: String) -> FileError {
    FileError(file: file, place: "line \(max(number, 1))", reason: reason)
  }

  /// The text of a range of `buffer`.
  func text(_ range: Range<Int>) throws(FileError) -> String {
    guard let text = String(validating: buffer[range], as: UTF8.self) else {
      throw failure("is not valid UTF-8")
    }
    return text
  }

  /// The ranges of the words of a line, at most `limit` of them.
  func words(_ line: Range<Int>, limit: Int, into words: inout [Range<Int>]) {
    words.removeAll(keepingCapacity: true)
    buffer.withUnsafeBufferPointer { bytes in
      var index = line.lowerBound
      while words.count < limit {
        while index < line.upperBound, isSpace(bytes[index]) { index += 1 }
        if index == line.upperBound { return }
        let start = index
        while index < line.upperBound, !isSpace(bytes[index]) { index += 1 }
        words.append(start..<index)
      }
    }
  }
}

/// Blanks, tabs, and the vertical white space that Python's `split` knows.
@inline(__always)
func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || (byte >= 0x09 && byte <= 0x0D)
}
