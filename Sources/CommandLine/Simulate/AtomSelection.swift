internal import ArgumentParser
internal import E3xFiles
internal import OrderedCollections

/// Atoms by their numbers, from 1: `1-4,7`.
struct AtomSelection: Sendable, CustomStringConvertible {
  let description: String
  private let ranges: [ClosedRange<Int>]

  /// - Throws: `ValidationError` for what is no list of numbers and ranges.
  init(_ text: String) throws {
    description = text
    ranges = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        first >= 1, first <= last
      else {
        throw ValidationError(
          "expected numbers of atoms from 1, such as 1-4,7, received '\(text)'")
      }
      return first...last
    }
  }

  /// Which of the coordinates of atoms stay: those that are chosen here, and those that ASE's column
  /// `move_mask` says do not move; nil if all move.
  /// - Throws: `FileError` for atoms that there are none of, and for a column of another kind.
  static func fixedCoordinates(
    _ selection: AtomSelection?, _ frame: XYZFrame, file: String, place: String
  ) throws(FileError) -> [Bool]? {
    let count = frame.numbers.count
    var fixed = [Bool](repeating: false, count: 3 * count)
    for range in selection?.ranges ?? [] {
      guard range.upperBound <= count else {
        throw FileError(
          file: file, place: place,
          reason: "has \(count) atoms, but --fix names \(range.upperBound)")
      }
      for index in (3 * range.lowerBound - 3)..<(3 * range.upperBound) { fixed[index] = true }
    }
    if let column = frame.arrays["move_mask"] {
      guard case .bools(let moves) = column.values, column.width == 1 || column.width == 3 else {
        throw FileError(
          file: file, place: place,
          reason: "the column move_mask: expected one or three truth values an atom")
      }
      for index in fixed.indices where !moves[column.width == 3 ? index : index / 3] {
        fixed[index] = true
      }
    }
    return fixed.contains(true) ? fixed : nil
  }
}
