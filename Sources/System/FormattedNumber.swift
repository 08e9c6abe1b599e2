/// A number in decimal notation, as the C library writes it under the locale "C", whatever locale the
/// process has.
/// - Parameter places: digits behind the point, 0 to 300.
package func decimalText(_ value: Double, places: Int) -> String {
  formatted("%.*f", value, places)
}

/// A number in scientific notation, `1.50e-03`, as ``decimalText(_:places:)``.
package func scientificText(_ value: Double, places: Int) -> String {
  formatted("%.*e", value, places)
}

/// A whole number with zeros before it.
package func paddedText(_ value: Int, to digits: Int) -> String {
  let text = "\(abs(value))"
  return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, digits - text.count)) + text
}

private func formatted(_ format: String, _ value: Double, _ places: Int) -> String {
  let places = max(0, min(places, 300))
  // As many digits as the largest number has before the point.
  let capacity = 320 + places
  let former = plainLocale.map { uselocale($0) }
  defer { if let former { uselocale(former) } }
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
    let written = withVaList([Int32(places), value]) {
      vsnprintf(text.baseAddress, capacity, format, $0)
    }
    let bytes = text.prefix(max(0, min(Int(written), capacity - 1))).map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The locale "C".
private nonisolated(unsafe) let plainLocale: locale_t? = newlocale(
  CInt(1) << LC_NUMERIC, "C", nil)

extension StringProtocol {
  /// The text without spaces, tabs and ends of lines at its ends.
  package var trimmed: String {
    let space: (Character) -> Bool = { $0.isWhitespace }
    guard let first = firstIndex(where: { !space($0) }),
      let last = lastIndex(where: { !space($0) })
    else { return "" }
    return String(self[first...last])
  }
}
