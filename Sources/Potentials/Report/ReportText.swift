import Foundation

/// Text for HTML and numbers for people.
enum ReportText {
  /// `text` with the characters escaped that mean something in HTML.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      // Control characters may not stand in HTML.
      case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t":
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Three significant digits, at least: 0.0123, 1.23, 12.3, 123, 1234; a dash for none.
  static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    if value == 0 { return "0" }
    let exponent = Int(log10(abs(value)).rounded(.down))
    if exponent < -4 || exponent > 6 {
      let parts = String(format: "%.2e", value).split(separator: "e")
      return "\(minus(String(parts[0])))·\(power(Int(parts[1]) ?? exponent))"
    }
    return minus(String(format: "%.\(max(0, 2 - exponent))f", value))
  }

  /// A power of ten with the exponent set high.
  static func power(_ exponent: Int) -> String {
    let digits: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
      "8": "⁸", "9": "⁹",
    ]
    return "10" + String(String(exponent).map { digits[$0] ?? $0 })
  }

  /// `text` with the sign that is as wide as a plus.
  static func minus(_ text: String) -> String { text.replacing("-", with: "−") }

  /// A whole number with thin spaces between thousands.
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0, digits.count > 4 { result += "\u{2009}" }
      result.append(digit)
    }
    return (value < 0 ? "−" : "") + result
  }

  /// A coordinate of a drawing, to a tenth.
  static func coordinate(_ value: Double) -> String {
    let tenths = (value * 10).rounded()
    guard tenths.isFinite, abs(tenths) < 1e9 else { return "0" }
    let whole = Int(tenths)
    return whole % 10 == 0
      ? "\(whole / 10)" : "\(whole < 0 ? "-" : "")\(abs(whole) / 10).\(abs(whole) % 10)"
  }
}
