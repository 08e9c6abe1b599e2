import OrderedCollections

/// The comment line of an extended XYZ frame: keys and values.
enum XYZComment {
  /// Why a comment line cannot be read.
  struct ParseError: Error {
    var reason: String
  }

  /// Splits a comment line as `ase.io.extxyz` does: pairs end at blanks; `"…"`, `'…'`, `{…}` and
  /// `[…]` protect blanks; a backslash protects any character; blanks may surround `=`; a second
  /// `=` belongs to the value; a key without value has none (nil). Stricter than ASE in that a
  /// quote must be closed, a value needs a key, and no key may have two values.
  static func split(
    _ line: ArraySlice<UInt8>
  ) throws(ParseError) -> OrderedDictionary<String, String?> {
    var pairs: [[[UInt8]]] = []
    var fields: [[UInt8]] = [[]]
    var wasQuoted = false
    var closing: UInt8?
    var isEscaped = false
    for byte in line {
      let last = fields.count - 1
      if isEscaped {
        fields[last].append(byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if let end = closing {
        if byte == end { closing = nil } else { fields[last].append(byte) }
      } else if let end = delimiters[byte] {
        closing = end
        wasQuoted = true
      } else if isSpace(byte) {
        if fields[last].isEmpty && !wasQuoted { continue }
        pairs.append(fields)
        fields = [[]]
        wasQuoted = false
      } else if byte == UInt8(ascii: "=") {
        if last == 0, fields[0].isEmpty {
          guard let previous = pairs.popLast() else {
            throw ParseError(reason: "a value without a key")
          }
          fields = previous
        }
        fields.append([])
        wasQuoted = false
      } else {
        fields[last].append(byte)
      }
    }
    if let closing {
      throw ParseError(reason: "a value has no closing \(Character(Unicode.Scalar(closing)))")
    }
    if fields != [[]] { pairs.append(fields) }
    return try dictionary(pairs)
  }

  private static let delimiters: [UInt8: UInt8] = [
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "'"): UInt8(ascii: "'"),
    UInt8(ascii: "{"): UInt8(ascii: "}"), UInt8(ascii: "["): UInt8(ascii: "]"),
  ]

  private static func dictionary(
    _ pairs: [[[UInt8]]]
  ) throws(ParseError) -> OrderedDictionary<String, String?> {
    var result: OrderedDictionary<String, String?> = [:]
    for fields in pairs {
      let key = String(decoding: fields[0], as: UTF8.self)
      guard !key.isEmpty else { throw ParseError(reason: "an empty key") }
      guard fields.count > 1 else {
        if result[key] == nil { result.updateValue(nil, forKey: key) }
        continue
      }
      let value = fields.dropFirst().joined(separator: [UInt8(ascii: "=")])
      if case .some(.some) = result[key] {
        throw ParseError(reason: "the key \(quoted(key)) occurs twice")
      }
      result.updateValue(String(decoding: Array(value), as: UTF8.self), forKey: key)
    }
    return result
  }

  private static let bools: [Substring: Bool] = [
    "T": true, "true": true, "True": true, "TRUE": true,
    "F": false, "false": false, "False": false, "FALSE": false,
  ]

  /// The truth value that a word spells, if it does.
  static func bool(_ word: Substring) -> Bool? { bools[word] }

  /// The typed value of a text, with ASE's rules: whole numbers, else reals, else truth values,
  /// else text; several of them, between blanks or commas, make an array.
  static func value(_ text: String) -> XYZValue {
    if text.hasPrefix(jsonPrefix), let value = json(text) { return value }
    let words = text.split { $0.isWhitespace || $0 == "," }
    guard let first = words.first else { return .string(text) }
    let isArray = words.count > 1
    if Int(first) != nil, let values = all(words, { Int($0) }) {
      return isArray ? .integers(values) : .integer(values[0])
    }
    if let values = all(words, real) { return isArray ? .reals(values) : .real(values[0]) }
    if let values = all(words, bool) { return isArray ? .bools(values) : .bool(values[0]) }
    return .string(text)
  }

  /// Fortran's exponents only where a decimal point shows that a number is meant: `1D5` is more
  /// likely a name.
  private static func real(_ word: Substring) -> Double? {
    if !word.contains("."), word.contains(where: { $0 == "d" || $0 == "D" }) { return nil }
    return DecimalParsing.real(word)
  }

  private static func all<T>(_ words: [Substring], _ parse: (Substring) -> T?) -> [T]? {
    var result: [T] = []
    for word in words {
      guard let value = parse(word) else { return nil }
      result.append(value)
    }
    return result
  }

  /// The typed value of a text under a key; that of `comment` and `uid` is text whatever it looks
  /// like.
  static func value(_ text: String, key: String) -> XYZValue {
    guard key == "comment" || key.lowercased() == "uid" else { return value(text) }
    if text.hasPrefix(jsonPrefix), case .string(let inner)? = json(text) { return .string(inner) }
    return .string(text)
  }

  static let jsonPrefix = "_JSON "

  /// JSON text, scalars and flat arrays of one type; nil for anything else, which stays text.
  private static func json(_ text: String) -> XYZValue? {
    guard let json = try? JSON(parsing: [UInt8](text.dropFirst(jsonPrefix.count).utf8)) else {
      return nil
    }
    switch json {
    case .string(let value): return .string(value)
    case .integer(let value): return .integer(value)
    case .real(let value): return .real(value)
    case .bool(let value): return .bool(value)
    case .array(let values): return array(values)
    case .null, .object: return nil
    }
  }

  private static func array(_ values: [JSON]) -> XYZValue? {
    var strings: [String] = []
    var integers: [Int] = []
    var reals: [Double] = []
    var bools: [Bool] = []
    for value in values {
      switch value {
      case .string(let value): strings.append(value)
      case .bool(let value): bools.append(value)
      case .real(let value): reals.append(value)
      case .integer(let value):
        integers.append(value)
        reals.append(Double(value))
      case .null, .array, .object: return nil
      }
    }
    if integers.count == values.count { return .integers(integers) }
    if reals.count == values.count { return .reals(reals) }
    if strings.count == values.count { return .strings(strings) }
    return bools.count == values.count ? .bools(bools) : nil
  }
}
