extension Decoder {
  /// A value that is written as a text.
  ///
  /// - Parameter forms: what may be written, for messages.
  /// - Parameter read: the value of a text; nil for a text that is none.
  /// - Throws: `DecodingError` if there is no text, or one that is none.
  func value<Value>(writtenAs forms: String, _ read: (String) -> Value?) throws -> Value {
    let container = try singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = read(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected \(forms), found '\(text)'")
    }
    return value
  }
}

extension Encoder {
  /// Writes a value as a text.
  func write(_ text: String) throws {
    var container = singleValueContainer()
    try container.encode(text)
  }
}
