internal import E3xSystem

/// What is wrong with a file: which file, where in it, and why.
///
/// Every reader and writer of this module throws this one type, and none of them traps whatever
/// bytes it is given.
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The path, or the name that the caller gave to bytes in memory.
  public var file: String
  /// Where in the file, for example `line 12` or `tensor "kernel"`; empty for the file as a whole.
  public var place: String
  /// What was found and what was expected.
  public var reason: String

  /// Creates an error from its three parts.
  public init(file: String, place: String = "", reason: String) {
    self.file = file
    self.place = place
    self.reason = reason
  }

  /// `file: place: reason`, on one line.
  public var description: String {
    let isPlain = file.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    let file = isPlain ? file : quoted(file)
    return place.isEmpty ? "\(file): \(reason)" : "\(file): \(place): \(reason)"
  }

  /// Whether the reader of a pipe that was written to went away.
  package var isOfClosedPipe: Bool { reason == SystemError(EPIPE).writing(file).reason }
}

/// `text` in double quotes for an error message, shortened and on one line.
package func quoted(_ text: some StringProtocol) -> String {
  let limit = 80
  let start = String(text.prefix(limit))
  return start.debugDescription + (text.count > limit ? "…" : "")
}
