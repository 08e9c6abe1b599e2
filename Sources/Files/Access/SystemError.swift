internal import E3xSystem

/// Why a call of the system failed, in words.
struct SystemError: Error, Equatable {
  /// The system's number, `ENOENT` for example.
  let number: Int32

  private let words: String?

  /// - Parameter words: The reason, if more can be said than the system says.
  init(_ number: Int32, _ words: String? = nil) {
    self.number = number
    self.words = words
  }

  /// The reason of the call that has just failed.
  static var last: SystemError { SystemError(errno) }

  /// The reason, without file and full stop.
  var reason: String {
    if let words { return words }
    switch number {
    case ENOENT: return "no such file or folder"
    case ENOTDIR: return "a part of its path is no folder"
    case EISDIR: return "it is a folder"
    case ELOOP: return "its symbolic links lead in a circle"
    case EPIPE: return "the other end of the pipe is closed"
    case EBADF: return "it is not open for that"
    default:
      let text = String(cString: strerror(number))
      return text.prefix(1).lowercased() + text.dropFirst()
    }
  }

  func reading(_ file: String) -> FileError {
    FileError(file: file, reason: "cannot be read: \(reason)")
  }

  func writing(_ file: String) -> FileError {
    FileError(file: file, reason: "cannot be written: \(reason)")
  }
}

/// The result of a call of the system, which is made again when a signal interrupts it.
func system<T: SignedInteger>(_ call: () -> T) throws(SystemError) -> T {
  while true {
    let result = call()
    if result >= 0 { return result }
    if errno != EINTR { throw .last }
  }
}
