internal import E3xSystem

/// Text for HTML and numbers for people.
enum ReportText {
  /// `text` with the characters escaped that mean something in HTML, and without those that may
  /// not stand there.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control || isNoncharacter(scalar):
        result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Scalars that no text holds: the last two of each plane, and 32 in the first.
  private static func isNoncharacter(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
  }

  /// A name from elsewhere, escaped, whose direction of writing does not spread to what is around
  /// it.
  static func foreign(_ text: String) -> String { "<bdi>\(escape(text))</bdi>" }

  /// Three significant digits, at least: 0.0123, 1.23, 12.3, 123, 1234; a dash for none.
  static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "–" }
    if value == 0 { return "0" }
    // Of the rounded value: 9.999 has three digits as 10.0.
    let rounded = scientificText(value, places: 2).split(separator: "e")
    let exponent = rounded.last.flatMap { Int($0) } ?? 0
    if exponent < -4 || exponent > 6 { return scientific(value, digits: 3, trims: false) }
    return minus(decimalText(value, places: max(0, 2 - exponent)))
  }

  /// A number as a multiple of a power of ten.
  /// - Parameter trims: Whether zeros at the end are left out.
  static func scientific(_ value: Double, digits: Int = 6, trims: Bool = true) -> String {
    let parts = scientificText(value, places: digits - 1).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return "–" }
    var factor = String(parts[0])
    while trims, factor.contains("."), let last = factor.last, last == "0" || last == "." {
      factor.removeLast()
    }
    return "\(minus(factor))·\(power(exponent))"
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
      if index > 0, (digits.count - index) % 3 == 0, digits.count > 4 { result += "\u{202F}" }
      result.append(digit)
    }
    return (value < 0 ? "−" : "") + result
  }

  /// A whole number of things: `1 value`, `12 values`, `2 energies`.
  static func count(_ value: Int, _ thing: String) -> String {
    if value == 1 { return "1 \(thing)" }
    let plural = thing.hasSuffix("y") ? thing.dropLast() + "ies" : thing + "s"
    return "\(count(value)) \(plural)"
  }

  /// A time: `0.4 s`, `34 s`, `2 min 34 s`, `1 h 02 min`.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "–" }
    if seconds < 9.95 { return decimalText(seconds, places: 1) + " s" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(count(whole / 3600)) h " + "\(paddedText(whole / 60 % 60, to: 2)) min"
  }

  /// A moment to the minute, `2026-11-29 14:20 +01:00`, or with `UTC` for no difference; a dash for
  /// dates that no clock shows.
  static func moment(_ date: Date, in zone: TimeZone) -> String {
    guard abs(date.timeIntervalSince1970) < 1e11 else { return "–" }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: date)
    let minutes = zone.secondsFromGMT(for: date) / 60
    func two(_ value: Int?) -> String { paddedText(value ?? 0, to: 2) }
    let day = "\(paddedText(parts.year ?? 0, to: 4))-\(two(parts.month))-\(two(parts.day))"
    let moment = "\(day) \(two(parts.hour)):\(two(parts.minute)) "
    if minutes == 0 { return moment + "UTC" }
    let difference = "\(two(abs(minutes) / 60)):\(two(abs(minutes) % 60))"
    return moment + (minutes < 0 ? "−" : "+") + difference
  }

  /// The last two parts of a path: enough to know a file by.
  static func shortPath(_ path: String) -> String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }

  /// A coordinate of a drawing, to a hundredth.
  static func coordinate(_ value: Double) -> String {
    let hundredths = (value * 100).rounded()
    guard hundredths.isFinite, abs(hundredths) < 1e12 else { return "0" }
    let (whole, part) = Int(abs(hundredths)).quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if part == 0 { return "\(sign)\(whole)" }
    if part % 10 == 0 { return "\(sign)\(whole).\(part / 10)" }
    return "\(sign)\(whole).\(part < 10 ? "0" : "")\(part)"
  }
}
