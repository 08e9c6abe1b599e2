internal import E3xFiles
internal import Foundation

/// Keeps other processes out of a run's folder for as long as it lives.
///
/// The lock is the system's, on a file in the folder: it ends with the process, however that ends.
/// What the file says is for people, and for the process that comes too late.
final class RunLock {
  private let path: String
  private let descriptor: Int32

  /// Takes the lock of a folder that is there.
  /// - Throws: `FileError` that names the process that has it.
  init(_ folder: RunFolder) throws(FileError) {
    path = folder.lock
    while true {
      let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else {
        throw FileError(
          file: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let number = errno
        if number == EWOULDBLOCK {
          defer { close(descriptor) }
          throw FileError(
            file: folder.path, reason: "another process works here: \(Self.holder(descriptor))")
        }
        // Some network file systems have no locks; a training there is worth more than its lock.
        StandardError.print(
          "warning: \(path): cannot be locked (\(String(cString: strerror(number)))): nothing keeps "
            + "a second process out")
      }
      // The one that had it before may have removed the file between opening and locking.
      if Self.isSame(descriptor, path) {
        self.descriptor = descriptor
        break
      }
      close(descriptor)
    }
    ftruncate(descriptor, 0)
    let start = ISO8601DateFormatter().string(from: Date())
    StandardOutput.write("process \(getpid()), since \(start)\n", to: descriptor)
  }

  deinit {
    unlink(path)
    close(descriptor)
  }

  private static func holder(_ descriptor: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(descriptor, &bytes, bytes.count, 0)
    let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    let line = text.prefix { !$0.isNewline }
    return line.isEmpty ? "it has just begun" : String(line)
  }

  private static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
    var (mine, there) = (stat(), stat())
    guard fstat(descriptor, &mine) == 0, stat(path, &there) == 0 else { return false }
    return mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
  }
}
