internal import Foundation
internal import Synchronization

/// Standard output, line by line, for commands that must outlive their readers.
///
/// A closed pipe or a full disk is remembered rather than fatal, provided that SIGPIPE is ignored,
/// as ``Interruption/catchSignals()`` sees to.
enum StandardOutput {
  private static let error = Atomic<Int32>(0)

  /// What the system said when a line could not be written; nil so far if all went well.
  static var failure: String? {
    let number = error.load(ordering: .relaxed)
    return number == 0 ? nil : String(cString: strerror(number))
  }

  /// Writes a line at once; does nothing after a failure.
  static func print(_ line: String) {
    guard error.load(ordering: .relaxed) == 0 else { return }
    fflush(nil)
    if let number = write(line + "\n", to: STDOUT_FILENO) {
      error.store(number, ordering: .relaxed)
    }
  }

  /// Writes all of a text.
  /// - Returns: `errno` of a failure, else nil.
  @discardableResult
  static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while !rest.isEmpty {
        let count = Foundation.write(descriptor, rest.baseAddress!, rest.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 && errno == EAGAIN {
          usleep(1000)
          continue
        }
        if count < 0 { return errno }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
      return nil
    }
  }
}

/// Standard error, line by line; a failure to write it is of no interest.
enum StandardError {
  /// Writes a line at once.
  static func print(_ line: String) { StandardOutput.write(line + "\n", to: STDERR_FILENO) }

  /// Writes an error as the program shows those that end it.
  static func print(_ error: any Error) { print("Error: \(PlainError.shown(error))") }
}
