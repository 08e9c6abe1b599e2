internal import E3xFiles

/// What the errors of a set are told apart by.
enum ErrorCategory: String, CaseIterable, Sendable {
  case element, group, size
}

/// The errors of one label, of all values and by category.
struct ErrorBreakdown: Sendable {
  /// The errors of the values of one category.
  struct Part: Sendable {
    let name: String
    let errors: ErrorDistribution
  }

  private(set) var all = ErrorDistribution()
  private var elements: [Int32: ErrorDistribution] = [:]
  private var groups: [String: ErrorDistribution] = [:]
  private var sizes: [Int: ErrorDistribution] = [:]

  /// Sizes beyond this many are put together in ranges; groups beyond it into one.
  static let mostParts = 24

  /// Adds the error of a value that belongs to a frame as a whole.
  mutating func add(_ error: Double, of frame: LabelledFrame) {
    all.add(error)
    if let group = frame.group { groups[group, default: ErrorDistribution()].add(error) }
    sizes[frame.count, default: ErrorDistribution()].add(error)
  }

  /// Adds the errors of values of the atoms, three for each.
  mutating func add(_ errors: [Double], of frame: LabelledFrame) {
    var sums = ErrorDistribution()
    for (atom, number) in frame.atomicNumbers.enumerated() {
      for component in 0..<3 {
        sums.add(errors[3 * atom + component])
        elements[number, default: ErrorDistribution()].add(errors[3 * atom + component])
      }
    }
    all.add(sums)
    if let group = frame.group { groups[group, default: ErrorDistribution()].add(sums) }
    sizes[frame.count, default: ErrorDistribution()].add(sums)
  }

  /// The parts of a category, where there are several.
  func parts(_ category: ErrorCategory) -> [Part] {
    let parts =
      switch category {
      case .element:
        elements.sorted { $0.key < $1.key }.map {
          Part(name: ChemicalElements.symbol(of: $0.key) ?? "element \($0.key)", errors: $0.value)
        }
      case .group: groupParts()
      case .size: sizeParts()
      }
    return parts.count > 1 ? parts : []
  }

  /// By name, and the smallest ones together if there are too many.
  private func groupParts() -> [Part] {
    let largest = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    let shown = largest.prefix(Self.mostParts).sorted { $0.key < $1.key }
    var rest = ErrorDistribution()
    for group in largest.dropFirst(Self.mostParts) { rest.add(group.value) }
    return shown.map { Part(name: $0.key, errors: $0.value) }
      + (rest.count == 0
        ? []
        : [Part(name: "\(largest.count - Self.mostParts) smaller groups", errors: rest)])
  }

  private func sizeParts() -> [Part] {
    let ranges = SizeRanges(sizes.keys)
    var sums = [ErrorDistribution](repeating: ErrorDistribution(), count: ranges.names.count)
    for (size, errors) in sizes { sums[ranges.index(of: size)].add(errors) }
    return zip(ranges.names, sums).map { Part(name: $0, errors: $1) }
  }
}

/// Numbers of atoms, each by itself or, of many, in ranges that double.
struct SizeRanges: Sendable {
  /// Where ranges begin.
  private let starts: [Int]
  let names: [String]

  init(_ sizes: some Collection<Int>) {
    let sorted = Set(sizes).sorted()
    var groups: [[Int]] = sorted.map { [$0] }
    if sorted.count > 8 {
      groups = []
      for size in sorted {
        if let first = groups.last?.first, size < 2 * first {
          groups[groups.count - 1].append(size)
        } else {
          groups.append([size])
        }
      }
    }
    starts = groups.compactMap(\.first)
    names = groups.map { group in
      guard let first = group.first, let last = group.last else { return "" }
      if first == last { return first == 1 ? "1 atom" : "\(ReportText.count(first)) atoms" }
      return "\(ReportText.count(first)) to \(ReportText.count(last)) atoms"
    }
  }

  /// The range of one of the sizes.
  func index(of size: Int) -> Int { max(0, (starts.firstIndex { $0 > size } ?? starts.count) - 1) }
}
