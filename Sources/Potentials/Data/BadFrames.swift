package import E3xFiles

/// Frames that cannot be used, by what is wrong with them.
package struct BadFrames: Sendable {
  /// What can be wrong with a frame.
  package enum Kind: String, Sendable, CaseIterable {
    case noAtoms = "without atoms"
    case notFinite = "with numbers that are not finite"
    case element = "with an element that is not known"
    case coincident = "with atoms at one place"
    case unreadable = "with values that cannot be read"
    case other = "with a cell or labels that cannot be"
  }

  private var counts: [Kind: Int] = [:]
  /// What is wrong with the first.
  package private(set) var first: FileError?

  /// None.
  package init() {}

  /// How many there are.
  package var total: Int { counts.values.reduce(0, +) }

  /// How many there are of a kind.
  package func count(of kind: Kind) -> Int { counts[kind] ?? 0 }

  mutating func add(_ kind: Kind, _ error: FileError) {
    counts[kind, default: 0] += 1
    first = first ?? error
  }

  /// Takes others in.
  package mutating func add(_ other: BadFrames) {
    counts.merge(other.counts, uniquingKeysWith: +)
    first = first ?? other.first
  }

  /// `3 bad frames: 2 with …, 1 with …; the first: file: frame 7 (line 12): …`; nil if there are
  /// none.
  package var summary: String? {
    guard let first else { return nil }
    let kinds = Kind.allCases.filter { count(of: $0) > 0 }
      .map { "\(count(of: $0)) \($0.rawValue)" }
    return "\(total) bad \(total == 1 ? "frame" : "frames"): \(kinds.joined(separator: ", ")); "
      + "the first: \(first)"
  }
}

/// Why a frame cannot be used.
struct FrameFlaw: Error {
  /// Nil if what follows the frame cannot be used either.
  var kind: BadFrames.Kind?
  var error: FileError
}
