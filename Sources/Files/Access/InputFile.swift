internal import E3xSystem

/// A file, pipe or device that is read piece by piece; `-` is standard input.
final class InputFile {
  /// What error messages call it: the path, or `standard input`.
  let name: String
  private let descriptor: Descriptor

  /// Opens a path; waits for the writer of a FIFO.
  init(_ path: String) throws(FileError) {
    name = Self.name(path)
    if path.isEmpty { throw FileError(file: "input", reason: "the path is empty") }
    do throws(SystemError) {
      descriptor = try Self.open(path)
      if try descriptor.status().st_mode & S_IFMT == S_IFDIR { throw SystemError(EISDIR) }
    } catch {
      throw error.reading(name)
    }
  }

  private static func open(_ path: String) throws(SystemError) -> Descriptor {
    if path == "-" { return try Descriptor(duplicating: STDIN_FILENO) }
    try FileTarget.check(path)
    do throws(SystemError) {
      return try Descriptor(opening: path, O_RDONLY)
    } catch {
      // Sockets, and what another user has opened, cannot be opened again; they are open already.
      guard let number = FileTarget.descriptor(path) else { throw error }
      return try Descriptor(duplicating: number)
    }
  }

  /// Reads at least a byte, and at most as many as there is room for; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    do throws(SystemError) {
      return try descriptor.read(into: buffer)
    } catch {
      throw error.reading(name)
    }
  }

  /// Reads at least a byte, and at most `count`; nothing at the end.
  func read(upTo count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(FileError) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// What error messages call a path to read.
  static func name(_ path: String) -> String {
    path == "-" || FileTarget.descriptor(path) == STDIN_FILENO ? "standard input" : path
  }
}
