internal import Foundation

/// An error for a table, aligned to the right; a dash where there is none.
///
/// - Parameters:
///   - digits: after the decimal point; very large errors have an exponent instead.
///   - width: the fewest characters.
func errorText(_ error: Double?, digits: Int, width: Int = 0) -> String {
  let text = error.map { String(format: abs($0) < 1e9 ? "%.\(digits)f" : "%.3g", $0) } ?? "-"
  return String(repeating: " ", count: max(0, width - text.count)) + text
}
