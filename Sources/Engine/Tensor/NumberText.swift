internal import E3xSystem

/// Numbers as text in one form, aligned with one another, as NumPy shows them: no more digits than
/// tell them apart from their neighbours in their type, at most eight behind the point; with
/// exponents if the largest is 10^8 or more, the smallest below 10^-4, or their ratio above 1000.
struct NumberText {
  /// The texts, all of one length.
  let texts: [String]

  init(_ values: [Double], _ dtype: DType) {
    switch dtype {
    case .bool: texts = Self.aligned(values.map { $0 != 0 ? "true" : "false" })
    case .int32: texts = Self.aligned(values.map { String(Int($0)) })
    default: texts = Self.floating(values.map { Decimal($0, dtype) })
    }
  }

  private static func aligned(_ texts: [String]) -> [String] {
    let width = texts.map(\.count).max() ?? 0
    return texts.map { String(repeating: " ", count: width - $0.count) + $0 }
  }

  private static func floating(_ numbers: [Decimal]) -> [String] {
    let sizes = numbers.compactMap(\.magnitude).filter { $0 > 0 }
    let (least, most) = (sizes.min() ?? 1, sizes.max() ?? 1)
    let hasExponents = most >= 1e8 || least < 1e-4 || most / least > 1000
    let finite = numbers.filter { $0.magnitude != nil }
    let needed = finite.map { hasExponents ? $0.digits.count - 1 : $0.fixedPlaces }
    let places = min(needed.max() ?? 0, 8)
    let exponentDigits = finite.map { String(abs($0.exponent)).count }.max() ?? 0
    return aligned(
      numbers.map { number in
        guard number.magnitude != nil else { return number.text }
        return hasExponents
          ? number.withExponent(places, max(2, exponentDigits)) : number.fixed(places)
      })
  }
}

/// A number by the fewest decimal digits that give it back in its type.
private struct Decimal {
  let value: Double
  /// Without zeros at the end; "0" for zero.
  let digits: String
  /// That of ten, for the first digit.
  let exponent: Int

  init(_ value: Double, _ dtype: DType) {
    self.value = value
    guard value.isFinite, value != 0 else {
      (digits, exponent) = ("0", 0)
      return
    }
    var text = ""
    for places in 0..<17 {
      text = scientificText(abs(value), places: places)
      if dtype.nearest(Double(text)!) == abs(value) { break }
    }
    let parts = text.split(separator: "e")
    let all = parts[0].filter { $0 != "." }
    let zeros = all.reversed().prefix { $0 == "0" }.count
    digits = String(all.dropLast(min(zeros, all.count - 1)))
    exponent = Int(parts[1])!
  }

  var magnitude: Double? { value.isFinite ? abs(value) : nil }

  /// What is not finite.
  var text: String { value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }

  /// The digits behind the point, without exponent.
  var fixedPlaces: Int { max(0, digits.count - 1 - exponent) }

  /// The number that the digits are: not what is behind them in its own type.
  private var written: Double {
    Double(digits.prefix(1) + "." + digits.dropFirst() + "e\(exponent)")!
  }

  private func signed(_ text: String) -> String { (value.sign == .minus ? "-" : "") + text }

  /// "2.5", "3. ": the point stays, zeros behind the last digit are blanks.
  func fixed(_ places: Int) -> String {
    var text = decimalText(written, places: places)
    guard places > 0 else { return signed(text + ".") }
    let zeros = text.reversed().prefix { $0 == "0" }.count
    text = String(text.dropLast(zeros)) + String(repeating: " ", count: zeros)
    return signed(text)
  }

  /// "2.5e+10"
  func withExponent(_ places: Int, _ exponentDigits: Int) -> String {
    let parts = scientificText(written, places: places).split(separator: "e")
    let power = parts[1].dropFirst()
    let zeros = String(repeating: "0", count: max(0, exponentDigits - power.count))
    return signed(parts[0] + (places > 0 ? "e" : ".e") + parts[1].prefix(1) + zeros + power)
  }
}
