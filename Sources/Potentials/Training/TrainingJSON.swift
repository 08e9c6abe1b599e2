package import E3xFiles
internal import Foundation

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
    return text.replacingOccurrences(of: "\"\(missing)\"", with: "null")
  }

  /// The value of a text that came from a file.
  /// - Parameter place: where in the file, for errors.
  package static func value<Value: Decodable>(
    _ type: Value.Type = Value.self, of text: String, file: String, place: String
  ) throws(FileError) -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    } catch {
      throw FileError(file: file, place: place, reason: reason(error))
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .typeMismatch(let type, let context):
      return "\(path(context.codingPath)): expected \(name(type))"
    case .valueNotFound(let type, let context):
      return "\(path(context.codingPath)): expected \(name(type)), found null"
    case .keyNotFound(let key, let context):
      return "\(path(context.codingPath + [key])): is missing"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(path(context.codingPath)): a value that cannot be"
    default:
      return "is not JSON"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    let text = keys.reduce("") { text, key in
      if let index = key.intValue { return text + "[\(index)]" }
      return text.isEmpty ? key.stringValue : text + "." + key.stringValue
    }
    return text.isEmpty ? "the value" : quoted(text)
  }

  private static func name(_ type: any Any.Type) -> String {
    switch type {
    case is Double.Type, is Float.Type: "a number"
    case is any BinaryInteger.Type: "a whole number of 64 bits"
    case is Bool.Type: "true or false"
    case is String.Type: "a text"
    case is any Collection.Type where "\(type)".hasPrefix("Array"): "an array"
    default: "an object"
    }
  }
}
