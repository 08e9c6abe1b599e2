/// Numbers from text: correctly rounded, and fast for the short decimals that fill XYZ files.
package enum DecimalParsing {
  /// The real number that `bytes` spell, correctly rounded, or nil if they spell none.
  ///
  /// Accepts what C and Python accept in decimal (`1`, `-.5`, `1e-3`, `nan`, `inf`), and Fortran's
  /// exponents (`1.0D-03`).
  package static func real(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    fast(bytes) ?? slow(bytes)
  }

  /// The real number that a text spells.
  package static func real(_ text: some StringProtocol) -> Double? {
    var text = String(text)
    return text.withUTF8 { real($0) }
  }

  /// Exact powers of ten.
  private static let powers: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Plain decimals of at most 2⁵³ and 22 places: both numerator and denominator are exact, so
  /// that one division rounds correctly (Clinger 1990, "How to read floating point numbers
  /// accurately").
  private static func fast(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var index = 0
    var isNegative = false
    if let first = bytes.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      index = 1
    }
    var mantissa: UInt64 = 0
    var digits = 0
    var places: Int?
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "."), places == nil {
        places = 0
      } else if byte &- 48 < 10 {
        mantissa = mantissa &* 10 &+ UInt64(byte &- 48)
        digits += 1
        if let count = places { places = count + 1 }
      } else {
        return nil
      }
      index += 1
    }
    guard digits > 0, digits <= 18, mantissa <= 1 << 53 else { return nil }
    let magnitude = Double(mantissa) / powers[places ?? 0]
    return isNegative ? -magnitude : magnitude
  }

  private static func slow(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    var text = String(decoding: bytes, as: UTF8.self)
    // Hexadecimal and payloads of NaN are Swift's, not this format's.
    guard !text.contains(where: { "xXpP(".contains($0) }) else { return nil }
    if let mark = text.firstIndex(where: { $0 == "d" || $0 == "D" }) {
      text.replaceSubrange(mark...mark, with: "e")
    }
    return Double(text)
  }
}
