import OrderedCollections

/// Recursive descent over bytes; see ``JSON``.
struct JSONParser {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws(JSON.ParseError) -> JSON {
    let result = try value(depth: 0)
    skipSpace()
    if position < bytes.count { throw failure("unexpected text after the value") }
    return result
  }

  private func failure(_ reason: String) -> JSON.ParseError {
    JSON.ParseError(offset: position, reason: reason)
  }

  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = current, byte == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(JSON.ParseError) {
    if !take(character) { throw failure("expected '\(character)'") }
  }

  private mutating func value(depth: Int) throws(JSON.ParseError) -> JSON {
    if depth > JSON.depthLimit { throw failure("nested deeper than \(JSON.depthLimit) levels") }
    skipSpace()
    switch current {
    case nil: throw failure("the text ends where a value was expected")
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSON) throws(JSON.ParseError) -> JSON {
    for byte in text.utf8 {
      guard current == byte else { throw failure("expected '\(text)'") }
      position += 1
    }
    return value
  }

  private mutating func object(
    depth: Int
  ) throws(JSON.ParseError) -> OrderedDictionary<String, JSON> {
    var result: OrderedDictionary<String, JSON> = [:]
    try expect("{")
    skipSpace()
    if take("}") { return result }
    while true {
      skipSpace()
      let key = try string()
      if result[key] != nil { throw failure("the key \(quoted(key)) occurs twice") }
      skipSpace()
      try expect(":")
      result[key] = try value(depth: depth + 1)
      skipSpace()
      if take("}") { return result }
      try expect(",")
    }
  }

  private mutating func array(depth: Int) throws(JSON.ParseError) -> [JSON] {
    var result: [JSON] = []
    try expect("[")
    skipSpace()
    if take("]") { return result }
    while true {
      result.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return result }
      try expect(",")
    }
  }

  private mutating func string() throws(JSON.ParseError) -> String {
    try expect("\"")
    let start = position
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let result = String(validating: text, as: UTF8.self) else {
          position = start
          throw failure("a string is not valid UTF-8")
        }
        return result
      case UInt8(ascii: "\\"):
        text.append(contentsOf: Character(try escape()).utf8)
      case 0..<0x20:
        position -= 1
        throw failure("a control character inside a string")
      default:
        text.append(byte)
      }
    }
    throw failure("a string does not end")
  }

  private mutating func escape() throws(JSON.ParseError) -> Unicode.Scalar {
    guard let byte = current else { throw failure("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try escapedScalar()
    default:
      position -= 1
      throw failure("an unknown escape in a string")
    }
  }

  /// What follows `\u`: four digits, and for a surrogate pair `\u` and four more.
  private mutating func escapedScalar() throws(JSON.ParseError) -> Unicode.Scalar {
    let unit = try hexadecimal()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard (0xD800..<0xDC00).contains(unit), take("\\"), take("u") else {
      throw failure("half of a surrogate pair")
    }
    let low = try hexadecimal()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    else { throw failure("half of a surrogate pair") }
    return scalar
  }

  private mutating func hexadecimal() throws(JSON.ParseError) -> UInt32 {
    var result: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("expected four hexadecimal digits")
      }
      result = result << 4 | UInt32(digit)
      position += 1
    }
    return result
  }

  private mutating func number() throws(JSON.ParseError) -> JSON {
    let start = position
    _ = take("-")
    let whole = digits()
    guard whole > 0 else { throw failure("expected a value") }
    if whole > 1, bytes[position - whole] == UInt8(ascii: "0") {
      throw failure("a number that begins with zero")
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { throw failure("expected digits after the decimal point") }
    }
    if take("e") || take("E") {
      isInteger = false
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw failure("expected the digits of an exponent") }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // Zero with a sign is no integer, as a sign would be lost.
    if isInteger, text != "-0", let value = Int(text) { return .integer(value) }
    guard let value = Double(text) else { throw failure("expected a number") }
    return .real(value)
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
      position += 1
    }
    return position - start
  }
}
