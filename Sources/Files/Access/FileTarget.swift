internal import E3xSystem

/// What a path names, once its symbolic links are followed.
enum FileTarget {
  /// Something this process has open, as `-`, `/dev/stdout` and `/dev/fd/3` name it.
  case descriptor(Int32)
  /// A device, a FIFO or a socket.
  case stream(path: String)
  /// A regular file; its status is nil if there is none yet.
  case file(path: String, status: stat?)

  /// As many links as Linux follows.
  private static let linkLimit = 40

  /// Finds out what is to be written where `path` points.
  init(writing path: String) throws(SystemError) {
    if path == "-" {
      self = .descriptor(STDOUT_FILENO)
      return
    }
    try Self.check(path)
    var path = path
    for _ in 0..<Self.linkLimit {
      if let number = Self.descriptor(path) {
        self = .descriptor(number)
        return
      }
      var status = stat()
      guard lstat(path, &status) == 0 else {
        guard errno == ENOENT, !path.hasSuffix("/") else { throw .last }
        self = .file(path: path, status: nil)
        return
      }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: throw SystemError(EISDIR)
      case S_IFREG:
        self = .file(path: path, status: status)
        return
      // What other processes have open is named by links there that only the system can follow.
      case S_IFLNK where !path.hasPrefix("/proc/"): path = try Self.linked(path)
      default:
        self = .stream(path: path)
        return
      }
    }
    throw SystemError(ELOOP)
  }

  /// Requires a path that the system can be asked about.
  static func check(_ path: String) throws(SystemError) {
    if path.isEmpty { throw SystemError(ENOENT) }
    // The system's calls would see what comes before the zero alone.
    if path.utf8.contains(0) { throw SystemError(EINVAL) }
  }

  /// The number in the names that systems give to what a process has open.
  static func descriptor(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdin": return STDIN_FILENO
    case "/dev/stdout": return STDOUT_FILENO
    case "/dev/stderr": return STDERR_FILENO
    default:
      for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/thread-self/fd/"]
      where path.hasPrefix(folder) {
        let digits = path.dropFirst(folder.count)
        guard digits.allSatisfy(\.isNumber), let number = Int32(digits) else { return nil }
        return number
      }
      return nil
    }
  }

  /// The path that a symbolic link holds, seen from where the link is seen from.
  private static func linked(_ link: String) throws(SystemError) -> String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = try system { readlink(link, &buffer, buffer.count) }
    guard count < buffer.count else { throw SystemError(ENAMETOOLONG) }
    let bytes = buffer[..<count].map(UInt8.init(bitPattern:))
    guard let path = String(validating: bytes, as: UTF8.self) else {
      throw SystemError(EILSEQ)
    }
    return path.hasPrefix("/") ? path : folder(of: link) + "/" + path
  }

  /// The folder in which the last part of a path lies.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
