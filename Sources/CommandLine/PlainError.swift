internal import ArgumentParser
internal import E3xPotentials
internal import Foundation

/// An error whose text is one line that says what is wrong.
struct PlainError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What is to be shown of an error that ended a command.
  ///
  /// Errors of this program and of the parser of command lines describe themselves; what the
  /// system and the decoders of Foundation throw is put in words.
  static func shown(_ error: any Error) -> any Error {
    switch error {
    case let error as DecodingError:
      let (place, reason) = error.placeAndReason
      return PlainError(place.isEmpty ? "a value \(reason)" : "'\(place)' \(reason)")
    case EncodingError.invalidValue(let value, _):
      return PlainError("\(value) cannot be written: JSON has no such value")
    case let error as CocoaError: return system(error as NSError)
    case let error as POSIXError: return system(error as NSError)
    case _ where type(of: error) is NSError.Type: return system(error as NSError)
    default: return error
    }
  }

  /// `FILE: what the system said`.
  private static func system(_ error: NSError) -> PlainError {
    let cause = error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error
    let file = error.userInfo[NSFilePathErrorKey] as? String
    var text = cause.localizedDescription
    if cause.domain == NSPOSIXErrorDomain { text = String(cString: strerror(Int32(cause.code))) }
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return PlainError(file.map { "\($0): \(line)" } ?? line)
  }
}
