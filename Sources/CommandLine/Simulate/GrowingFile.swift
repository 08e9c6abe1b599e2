internal import E3xFiles
internal import Foundation

/// A file that lines are added to, and that is as long again as it was when a run goes on.
final class GrowingFile {
  let path: String
  /// How long it is.
  private(set) var bytes: Int
  private let descriptor: Int32

  /// - Parameter bytes: how much of what is there stays.
  /// - Throws: `FileError` for what the system reports, and for a file that is shorter.
  init(_ path: String, keeping bytes: Int) throws(FileError) {
    self.path = path
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Self.failure(path) }
    let end = lseek(descriptor, 0, SEEK_END)
    guard end >= bytes else {
      close(descriptor)
      throw FileError(
        file: path, reason: "has \(end) bytes, expected the \(bytes) that the run has written")
    }
    guard ftruncate(descriptor, off_t(bytes)) == 0, lseek(descriptor, 0, SEEK_END) == bytes else {
      let failure = Self.failure(path)
      close(descriptor)
      throw failure
    }
    (self.descriptor, self.bytes) = (descriptor, bytes)
  }

  deinit { close(descriptor) }

  /// - Throws: `FileError` for what the system reports.
  func append(_ text: String) throws(FileError) {
    let all = [UInt8](text.utf8)
    var done = 0
    while done < all.count {
      let count = all.withUnsafeBytes {
        write(descriptor, $0.baseAddress! + done, all.count - done)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path) }
      done += count
    }
    bytes += done
  }

  private static func failure(_ path: String) -> FileError {
    FileError(file: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
  }
}
