internal import E3xFiles
internal import Foundation

/// A value of a YAML document, without what settings have no use for.
package indirect enum YAMLValue: Equatable, Sendable {
  /// Nothing, `~` or `null`.
  case null
  /// Any other value that is written without structure.
  case scalar(String, isQuoted: Bool)
  case list([YAMLValue])
  case mapping([Member])

  /// A key with its value.
  package struct Member: Equatable, Sendable {
    package let key: String
    /// From 1.
    package let line: Int
    package let value: YAMLValue
  }

  /// What a value is, for error messages: `the text "32"`, `nothing`, `a list`.
  package var kind: String {
    switch self {
    case .null: "nothing"
    case .scalar(let text, isQuoted: false): isText(text) ? "the text \(quoted(text))" : short(text)
    case .scalar(let text, isQuoted: true): "the text \(quoted(text))"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }

  /// The whole number, if this is one of 64 bits.
  var integer: Int? {
    guard case .scalar(let text, isQuoted: false) = self, isDecimal(text) else { return nil }
    return Int(text)
  }

  /// The finite number, if this is one.
  var real: Double? {
    guard case .scalar(let text, isQuoted: false) = self, isDecimal(text),
      let number = Double(text), number.isFinite
    else { return nil }
    return number
  }

  /// The truth value, if this is one.
  var bool: Bool? {
    guard case .scalar(let text, isQuoted: false) = self else { return nil }
    return Self.truths[text]
  }

  /// The text, if this is one: what is neither a number nor a truth value, or has quotes.
  var text: String? {
    guard case .scalar(let text, let isQuoted) = self, isQuoted || isText(text) else { return nil }
    return text
  }

  private static let truths = [
    "true": true, "True": true, "TRUE": true, "false": false, "False": false, "FALSE": false,
  ]

  private func isText(_ text: String) -> Bool { Self.truths[text] == nil && real == nil }

  /// Digits of a decimal number, in which Swift's hexadecimal and names of numbers do not stand.
  private func isDecimal(_ text: String) -> Bool {
    text.utf8.count <= 400 && text.utf8.contains { (48..<58).contains($0) }
      && text.utf8.allSatisfy { (48..<58).contains($0) || "+-.eE".utf8.contains($0) }
  }

  private func short(_ text: String) -> String { String(text.prefix(40)) }
}
