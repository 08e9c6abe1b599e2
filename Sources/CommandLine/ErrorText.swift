internal import Foundation

/// An error for a table, aligned to the right; a dash where there is none.
///
/// - Parameters:
///   - digits: after the decimal point; very large errors have an exponent instead.
///   - width: the fewest characters.
func errorText(_ error: Double?, digits: Int, width: Int = 0) -> String {
  var text = "-"
  if let error {
    text = String(format: "%.\(digits)f", error)
    // Columns stay apart.
    if abs(error) >= 1e9 || width > 0 && text.count >= width {
      text = String(format: "%.3g", error)
    }
  }
  return String(repeating: " ", count: max(0, width - text.count)) + text
}
