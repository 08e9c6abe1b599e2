package import E3xSystem
import E3xLimits

/// A file that is written piece by piece.
///
/// Where the path leads to a regular file, or to nothing yet, the file is replaced as a whole when
/// the output is committed: until then, and if it is abandoned (as it is when it goes without
/// being committed) or the program is ended, the old file stays as it is. Mode and, where the
/// system permits it, owner stay; a new file gets the usual ones. Hard links to the old file keep
/// the old contents. Devices, FIFOs, sockets, `/dev/stdout`, `/dev/fd/N` and `-` (standard output)
/// are written through at once, and never replaced. Symbolic links are followed: they stay, and
/// what they lead to is written; a link that leads to nothing creates it.
package final class OutputFile {
  /// How a regular file is written.
  package enum Method: Sendable {
    /// Replaced as a whole by ``OutputFile/commit()``.
    case replacing
    /// Emptied and written in place: others see what there is so far.
    case inPlace
  }

  /// What error messages call it: the path, or `standard output`.
  package let name: String
  private var descriptor: Descriptor?
  private var replacement: TemporaryFile?

  /// Opens the output; waits for the reader of a FIFO.
  /// - Throws: ``FileError`` for what the system reports.
  package init(_ path: String, method: Method = .replacing) throws(FileError) {
    name = Self.name(path)
    try Self.check(path)
    do throws(SystemError) {
      switch try FileTarget(writing: path) {
      case .descriptor(let number): descriptor = try Descriptor(duplicating: number)
      case .stream(let path): descriptor = try Descriptor(opening: path, O_WRONLY | O_APPEND)
      case .file(let path, let status):
        switch method {
        case .replacing: replacement = try TemporaryFile(replacing: path, status: status)
        case .inPlace:
          descriptor = try Descriptor(opening: path, O_WRONLY | O_CREAT | O_TRUNC)
        }
      }
    } catch {
      throw error.writing(name)
    }
  }

  /// Writes a piece.
  /// - Throws: ``FileError`` for what the system reports: no space, a pipe that its reader has
  ///   closed.
  package func write(_ data: Data) throws(FileError) {
    guard let descriptor = replacement?.descriptor ?? descriptor else {
      throw SystemError(EBADF).writing(name)
    }
    var failure: SystemError?
    data.withUnsafeBytes { bytes in
      do throws(SystemError) { try descriptor.write(bytes) } catch { failure = error }
    }
    if let failure { throw failure.writing(name) }
  }

  /// Writes a piece of text in UTF-8.
  /// - Throws: ``FileError``, as ``write(_:)-(Data)``.
  package func write(_ text: String) throws(FileError) { try write(Data(text.utf8)) }

  /// Puts what was written where the path leads to. Nothing can be written afterwards.
  /// - Throws: ``FileError`` for what the system reports; the old file then stays as it is.
  package func commit() throws(FileError) {
    defer { abandon() }
    do throws(SystemError) {
      try replacement?.commit()
      try descriptor?.close()
    } catch {
      throw error.writing(name)
    }
  }

  /// Ends the output: a regular file that was to be replaced stays as it is, and nothing else is
  /// left behind.
  package func abandon() {
    replacement?.abandon()
    (replacement, descriptor) = (nil, nil)
  }

  /// Finds out before the work whether a path can be written, without changing anything.
  ///
  /// - Parameter bytes: How much is to be written, if it is known: too little free space is an
  ///   error.
  /// - Throws: ``FileError`` for an empty path, a folder that is not there, a path that is a
  ///   folder, missing permission, a file system that can be read only, links in a circle.
  package static func check(_ path: String, bytes: Int = 0) throws(FileError) {
    let name = name(path)
    if path.isEmpty { throw FileError(file: "output", reason: "the path is empty") }
    do throws(SystemError) {
      switch try FileTarget(writing: path) {
      case .descriptor(let number):
        let mode = try system { fcntl(number, F_GETFL) } & O_ACCMODE
        if mode == O_RDONLY { throw SystemError(EBADF) }
      case .stream(let path): try checkAccess(path, W_OK)
      case .file(let path, let status):
        let folder = FileTarget.folder(of: path)
        try checkFolder(folder)
        if status != nil { try checkAccess(path, W_OK) }
        guard let free = freeBytes(folder), free < Double(bytes) else { return }
        let (needed, left) = (Size.text(bytes: Double(bytes)), Size.text(bytes: free))
        throw SystemError(ENOSPC, "\(needed) are needed, but only \(left) are free")
      }
    } catch {
      throw error.writing(name)
    }
  }

  private static func checkFolder(_ folder: String) throws(SystemError) {
    do throws(SystemError) {
      try checkAccess(folder + "/.", W_OK | X_OK)
    } catch {
      switch error.number {
      case ENOENT: throw SystemError(ENOENT, "there is no folder \(quoted(folder))")
      case ENOTDIR: throw SystemError(ENOTDIR, "\(quoted(folder)) is no folder")
      default: throw SystemError(error.number, "\(error.reason): folder \(quoted(folder))")
      }
    }
  }

  private static func checkAccess(_ path: String, _ mode: Int32) throws(SystemError) {
    _ = try system { faccessat(AT_FDCWD, path, mode, AT_EACCESS) }
  }

  /// Bytes that a folder's file system has for this user; nil where it does not say.
  private static func freeBytes(_ folder: String) -> Double? {
    var information = statvfs()
    guard statvfs(folder, &information) == 0, information.f_blocks > 0 else { return nil }
    return Double(information.f_bavail) * Double(information.f_frsize)
  }

  /// What error messages call a path to write.
  package static func name(_ path: String) -> String {
    isStandardOutput(path) ? "standard output" : path
  }

  /// Whether a path names what the program prints to, so that messages belong elsewhere.
  package static func isStandardOutput(_ path: String) -> Bool {
    path == "-" || FileTarget.descriptor(path) == STDOUT_FILENO
  }
}
