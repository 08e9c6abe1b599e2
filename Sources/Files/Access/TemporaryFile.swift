internal import E3xSystem

/// The new contents of a regular file while they are written, beside the old.
///
/// Where the system has files without a name (Linux, on most file systems), they have none until
/// they are whole: whatever ends the program, nothing is left. Elsewhere their name is that of the
/// file between `.` and `.e3x-save`, and the next save of the same file removes what is left of
/// one that was ended. A lock on the contents tells the two apart, so that several programs may
/// save the same file at the same time.
final class TemporaryFile {
  private(set) var descriptor: Descriptor
  private let path: String
  private let status: stat?
  /// Where the contents lie, if they have a name.
  private var name: String?

  /// Begins the new contents of `path`, whose status is nil if there is no such file yet.
  init(replacing path: String, status: stat?) throws(SystemError) {
    self.path = path
    self.status = status
    // No one else may read what takes the place of a file that no one else may read.
    let mode: mode_t = status == nil ? 0o666 : 0o600
    let folder = FileTarget.folder(of: path)
    if let unnamed = Self.unnamed(in: folder, mode: mode) {
      descriptor = unnamed
    } else {
      let (placeholder, name) = try Self.place(path) { (name) throws(SystemError) in
        try Descriptor(opening: name, O_RDWR | O_CREAT | O_EXCL, mode: mode)
      }
      (descriptor, self.name) = (placeholder, name)
    }
    try keepModeAndOwner()
  }

  deinit { abandon() }

  /// Mode of the old file, and its owner where that is permitted.
  private func keepModeAndOwner() throws(SystemError) {
    guard let status else { return }
    let number = descriptor.number
    let isKept =
      fchown(number, status.st_uid, status.st_gid) == 0
      || (status.st_uid == geteuid() && fchown(number, uid_t.max, status.st_gid) == 0)
    // Another owner's rights are not for the present one.
    let mode = status.st_mode & (isKept ? 0o7777 : 0o777)
    _ = try system { fchmod(number, mode) }
  }

  /// Puts the contents in the place of the old ones: first the file, then the folder reaches the
  /// disk.
  func commit() throws(SystemError) {
    let number = descriptor.number
    #if os(Linux)
      _ = try system { fsync(number) }
    #else
      if fcntl(number, F_FULLFSYNC) != 0 { _ = try system { fsync(number) } }
    #endif
    let folder = FileTarget.folder(of: path)
    let source: String
    if let name {
      source = name
    } else {
      let link = "/proc/self/fd/\(number)"
      (_, source) = try Self.place(path) { (name) throws(SystemError) in
        _ = try system { linkat(AT_FDCWD, link, AT_FDCWD, name, AT_SYMLINK_FOLLOW) }
        return descriptor
      }
      name = source
    }
    _ = try system { rename(source, path) }
    name = nil
    // Not every file system lets folders be opened and written out.
    if let opened = try? Descriptor(opening: folder, O_RDONLY | O_DIRECTORY) {
      _ = fsync(opened.number)
    }
    try descriptor.close()
  }

  /// Removes the contents; the old file stays as it is.
  func abandon() {
    if let name { unlink(name) }
    name = nil
  }

  /// A locked file without a name, where the system has such files and can name them later.
  private static func unnamed(in folder: String, mode: mode_t) -> Descriptor? {
    #if os(Linux)
      let flags = O_RDWR | 0o20_000_000 | O_DIRECTORY  // O_TMPFILE, which Swift does not import
      guard let file = try? Descriptor(opening: folder, flags, mode: mode),
        access("/proc/self/fd/\(file.number)", F_OK) == 0, flock(file.number, LOCK_EX) == 0
      else { return nil }
      return file
    #else
      return nil
    #endif
  }

  /// Calls `make` with a name for the new contents of `path` that no one uses.
  private static func place(
    _ path: String, _ make: (String) throws(SystemError) -> Descriptor
  ) throws(SystemError) -> (Descriptor, String) {
    let folder = FileTarget.folder(of: path)
    let file = path.split(separator: "/").last.map(String.init) ?? ""
    let (start, end) = (".", ".e3x-save")
    for attempt in 0..<1000 {
      let suffix = end + (attempt == 0 ? "" : "-\(attempt)")
      let name = "\(folder)/\(start)\(shortened(file, bytes: 255 - 1 - suffix.utf8.count))\(suffix)"
      for _ in 0..<2 {
        do throws(SystemError) {
          let made = try make(name)
          guard flock(made.number, LOCK_EX | LOCK_NB) == 0, isNamed(made, name) else { continue }
          return (made, name)
        } catch {
          guard error.number == EEXIST else { throw error }
          guard removeStale(name) else { break }
        }
      }
    }
    throw SystemError(EEXIST)
  }

  /// `name` without what would be more than `bytes`.
  private static func shortened(_ name: String, bytes: Int) -> String {
    var name = name
    while name.utf8.count > bytes { name.removeLast() }
    return name
  }

  private static func isNamed(_ file: Descriptor, _ name: String) -> Bool {
    var (open, named) = (stat(), stat())
    return fstat(file.number, &open) == 0 && lstat(name, &named) == 0
      && open.st_dev == named.st_dev && open.st_ino == named.st_ino
  }

  /// Removes what a program that was ended has left; false if a program still writes it. Only who
  /// has the lock may rename or remove a name.
  private static func removeStale(_ name: String) -> Bool {
    guard let file = try? Descriptor(opening: name, O_RDWR | O_NOFOLLOW | O_NONBLOCK) else {
      return false
    }
    guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else { return false }
    return isNamed(file, name) ? unlink(name) == 0 : true
  }
}
