package import E3xSystem
import E3xLimits

/// Whole files in and out, with ``FileError`` for whatever the system reports.
package enum FileBytes {
  /// The greatest file that is read as a whole, 16 GiB.
  package static let limit = 1 << 34
  /// The bytes at the beginning that tell whether a file can be what is expected.
  private static let startLength = 16

  /// The bytes of a file, copied into memory: a mapping would fault if the file shrank under it.
  ///
  /// Devices, FIFOs, `/dev/stdin`, `/dev/fd/N` and `-` (standard input) are read to their end.
  /// Memory is taken for what is there, whatever size the system tells.
  /// - Parameters:
  ///   - limit: The most bytes that are read.
  ///   - check: Is given the first 16 bytes (fewer if the file has fewer) before the rest is read,
  ///     and throws if they cannot be what is expected.
  /// - Throws: ``FileError`` for what the system reports, and for files beyond the limit.
  package static func read(
    _ path: String, limit: Int = FileBytes.limit,
    check: (Data) throws(FileError) -> Void = { (_) throws(FileError) in }
  ) throws(FileError) -> Data {
    let file = try InputFile(path)
    var buffer = try Buffer(file.name)
    var count = 0
    var isChecked = false
    while true {
      if count == buffer.bytes.count { try buffer.grow(limit: limit) }
      let room = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[count...])
      let read = try file.read(into: room)
      count += read
      if !isChecked, count >= startLength || read == 0 {
        isChecked = true
        try check(Data(buffer.bytes[..<min(count, startLength)]))
      }
      if read == 0 { return buffer.data(count) }
    }
  }

  /// Memory that grows, and becomes data without being copied.
  private struct Buffer: ~Copyable {
    private(set) var bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private let file: String

    init(_ file: String) throws(FileError) {
      self.file = file
      try resize(1 << 16)
    }

    deinit { free(bytes.baseAddress) }

    mutating func grow(limit: Int) throws(FileError) {
      guard bytes.count < limit else {
        throw FileError(
          file: file,
          reason: "holds more than \(Size.text(bytes: Double(limit))), the limit of what is read")
      }
      try resize(bytes.count * 2)
    }

    private mutating func resize(_ count: Int) throws(FileError) {
      guard let memory = realloc(bytes.baseAddress, count) else {
        throw SystemError(ENOMEM).reading(file)
      }
      bytes = UnsafeMutableRawBufferPointer(start: memory, count: count)
    }

    consuming func data(_ count: Int) -> Data {
      let memory = bytes.baseAddress
      bytes = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      guard let memory, let fitting = realloc(memory, max(count, 1)) else { return Data() }
      return Data(bytesNoCopy: fitting, count: count, deallocator: .free)
    }
  }

  /// Writes a whole file: regular files are replaced, devices and pipes written through; see
  /// ``OutputFile``.
  /// - Throws: ``FileError`` for what the system reports; a regular file then stays as it was.
  package static func write(_ data: Data, to path: String) throws(FileError) {
    let file = try OutputFile(path)
    try file.write(data)
    try file.commit()
  }

  /// Writes a whole file of text in UTF-8: a report, or JSON.
  /// - Throws: ``FileError``, as ``write(_:to:)-(Data,_)``.
  package static func write(_ text: String, to path: String) throws(FileError) {
    try write(Data(text.utf8), to: path)
  }

  /// Finds out before the work whether a path can be written; see ``OutputFile/check(_:bytes:)``.
  package static func checkWritable(_ path: String, bytes: Int = 0) throws(FileError) {
    try OutputFile.check(path, bytes: bytes)
  }

  /// What error messages call a path to read: `standard input` for `-` and `/dev/stdin`.
  package static func inputName(_ path: String) -> String { InputFile.name(path) }

  /// Whether two paths lead to the same file; false if one leads to none.
  package static func isSame(_ path: String, _ other: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(path, &first) == 0 && stat(other, &second) == 0
      && first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}
