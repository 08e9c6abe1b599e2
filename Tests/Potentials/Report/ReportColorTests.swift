import E3xPotentials
import Foundation
import Testing

/// Contrast as WCAG 2.2 defines it, of two colours as #rgb or #rrggbb.
private func contrast(_ a: String, _ b: String) throws -> Double {
  func luminance(_ color: String) throws -> Double {
    var digits = Array(color.dropFirst())
    if digits.count == 3 { digits = digits.flatMap { [$0, $0] } }
    let channels = try stride(from: 0, to: 6, by: 2).map { index in
      let value = try #require(Int(String(digits[index..<index + 2]), radix: 16))
      let level = Double(value) / 255
      return level <= 0.04045 ? level / 12.92 : pow((level + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
  }
  let (x, y) = (try luminance(a), try luminance(b))
  return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

@Suite struct ReportColorTests {
  /// The colours of the page in light and in the dark, by name.
  private static func schemes() -> [[String: String]] {
    let html = TrainingReport(name: "").html()
    return html.split(separator: ":root{").dropFirst().map { part in
      let rules = part.prefix { $0 != "}" }
      return Dictionary(
        uniqueKeysWithValues: rules.matches(of: /--([a-z0-9]+):(#[0-9a-f]+)/).map {
          (String($0.1), String($0.2))
        })
    }
  }

  /// Level AA: 4.5 for text, 3 for lines and dots.
  @Test(arguments: [0, 1]) func contrastSuffices(scheme: Int) throws {
    let schemes = Self.schemes()
    #expect(schemes.count == 2)
    let colors = schemes[scheme]
    for (name, least) in [
      ("text", 4.5), ("soft", 4.5), ("warn", 4.5), ("axis", 3), ("c0", 3), ("c1", 3), ("c2", 3),
      ("c3", 3), ("c4", 3), ("c5", 3), ("c6", 3), ("c7", 3),
    ] {
      for ground in ["page", "card"] {
        let value = try contrast(try #require(colors[name]), try #require(colors[ground]))
        #expect(value >= least, "\(name) on \(ground)")
      }
    }
  }
}
