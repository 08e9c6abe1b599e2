package import OrderedCollections

/// A JSON value (RFC 8259) that keeps the order of keys and tells integers from reals.
///
/// Unlike Foundation's readers it refuses duplicate keys and deep nesting, and it says at which
/// byte the text is wrong.
package enum JSON: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number written without fraction and exponent that fits `Int`.
  case integer(Int)
  /// Any other number.
  case real(Double)
  case string(String)
  case array([JSON])
  case object(OrderedDictionary<String, JSON>)

  /// Why a text is not JSON, and at which byte of it.
  package struct ParseError: Error, Equatable, Sendable {
    package var offset: Int
    package var reason: String
  }

  /// Nesting beyond this depth is refused, so that parsing needs a bounded stack.
  package static let depthLimit = 64

  /// Parses a text that holds one value and nothing else but white space.
  package init(parsing bytes: [UInt8]) throws(ParseError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }

  /// `text` as a JSON string with its quotes, on one line.
  package static func quote(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
