internal import E3xFiles
internal import Foundation

/// What a path leads to, whatever its spelling and links on the way.
struct FileIdentity: Equatable {
  private let device: UInt64
  private let number: UInt64
  private let mode: UInt32

  private init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    number = UInt64(truncatingIfNeeded: status.st_ino)
    mode = UInt32(truncatingIfNeeded: status.st_mode)
  }

  /// What is at the end of a path; nil if there is nothing.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// What an open descriptor belongs to.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Standard output, standard input, or what a path leads to.
  static func ofOutput(_ path: String) -> FileIdentity? {
    path == "-" ? FileIdentity(descriptor: STDOUT_FILENO) : FileIdentity(path)
  }
  static func ofInput(_ path: String) -> FileIdentity? {
    path == "-" ? FileIdentity(descriptor: STDIN_FILENO) : FileIdentity(path)
  }

  /// Whether it is a file whose contents stay, and can be read again.
  var isRegularFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }

  /// Requires that writing `output` does not destroy one of the inputs.
  /// - Throws: `FileError` naming the output.
  static func checkDiffers(output: String, from inputs: [String]) throws(FileError) {
    guard let written = ofOutput(output), written.isRegularFile else { return }
    for input in inputs where ofInput(input) == written {
      throw FileError(
        file: output, reason: "is the input \(quoted(input)): the output must be another file")
    }
  }

  /// Requires that standard input, which can be read once, is named once at most.
  /// - Throws: `FileError`
  static func checkStandardInput(_ inputs: [String]) throws(FileError) {
    guard inputs.filter({ $0 == "-" }).count > 1 else { return }
    throw FileError(file: "standard input", reason: "can be read once, but is named twice")
  }
}
