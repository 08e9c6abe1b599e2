package import E3xFiles
internal import E3xSystem

/// JSON of what training writes into files: sorted keys, null for what is not a finite number, and
/// errors in words.
package enum TrainingJSON {
  /// Stands for a number that JSON cannot hold until it is replaced; no text that is encoded here
  /// holds this character of the private use area.
  private static let missing = "\u{F8FF}not a number\u{F8FF}"

  /// The text of a value.
  package static func text(_ value: some Encodable, isPretty: Bool = false) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: missing, negativeInfinity: missing, nan: missing)
    let text = String(decoding: try encoder.encode(value), as: UTF8.self)
    return text.replacing("\"\(missing)\"", with: "null")
  }

  /// The value of a text that came from a file.
  /// - Parameter place: where in the file, for errors.
  package static func value<Value: Decodable>(
    _ type: Value.Type = Value.self, of text: String, file: String, place: String
  ) throws(FileError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch let error as DecodingError {
      let (path, reason) = error.placeAndReason
      throw FileError(
        file: file, place: place, reason: path.isEmpty ? reason : "\(quoted(path)): \(reason)")
    } catch {
      throw FileError(file: file, place: place, reason: "is not JSON")
    }
  }
}
