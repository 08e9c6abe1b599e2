internal import E3xFiles

/// Some frames of a set with their labels and predictions: all of a small one; of a larger one every
/// second, or fourth and so on, so that memory does not grow with it.
struct PredictionSample: Sendable {
  /// A label and its prediction.
  typealias Pair<Value> = (reference: Value, predicted: Value)

  /// A frame without what no plot of values needs.
  struct Frame: Sendable {
    let atomicNumbers: [Int32]
    let group: String?
    /// What the elements' energies add up to, eV.
    let elementEnergy: Double
    let energy: Pair<Double>?
    let forces: Pair<[Double]>?
    let stress: Pair<[Double]>?

    /// Numbers that it holds.
    fileprivate var size: Int { 4 * atomicNumbers.count + 20 }
  }

  /// Of how many frames one is here.
  private(set) var stride = 1
  private(set) var frames: [Frame] = []
  private var seen = 0
  private var size = 0
  private let mostValues: Int

  /// - Parameter mostValues: about how many numbers it holds, at most.
  init(mostValues: Int) { self.mostValues = mostValues }

  /// Takes a frame, or passes over it.
  mutating func add(_ make: () -> Frame) {
    defer { seen += 1 }
    guard seen % stride == 0 else { return }
    let frame = make()
    frames.append(frame)
    size += frame.size
    while size > mostValues, frames.count > 1 {
      stride *= 2
      frames = frames.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
      size = frames.reduce(0) { $0 + $1.size }
    }
  }

  // MARK: Values with what they are coloured by

  /// The parts that values belong to in one category. The same names have the same colours in all
  /// plots of a page.
  private struct Colors {
    /// Beyond it parts have one colour.
    private static let most = 8
    private let category: ErrorCategory
    private let names: [String]
    private let places: [String: Int]
    private var indices: [Int] = []

    /// - Parameter counts: names, each with how often it is there.
    init(
      _ category: ErrorCategory, _ counts: [String: Int], order: (String, String) -> Bool
    ) {
      self.category = category
      let isWhole = counts.count <= Self.most
      let kept = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .prefix(isWhole ? Self.most : Self.most - 1).map(\.key).sorted(by: order)
      names = kept + (isWhole ? [] : ["others"])
      places = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
    }

    mutating func add(_ name: String, count: Int) {
      indices.append(contentsOf: repeatElement(places[name] ?? names.count - 1, count: count))
    }

    /// Nil if there is nothing to tell apart, or values have none of its names.
    var coloring: PredictionPairs.Coloring? {
      guard names.count > 1, !indices.isEmpty else { return nil }
      return PredictionPairs.Coloring(category: category, names: names, indices: indices)
    }
  }

  private static func counts(_ names: some Sequence<String>) -> [String: Int] {
    names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func name(_ number: Int32) -> String {
    ChemicalElements.symbol(of: number) ?? "element \(number)"
  }

  private static func group(_ frame: Frame) -> String { frame.group ?? "no group" }

  private func colored(_ values: (Frame) -> Pair<[Double]>?, perAtom: Bool) -> PredictionPairs? {
    let ranges = SizeRanges(Set(frames.map(\.atomicNumbers.count)))
    func size(_ frame: Frame) -> String {
      ranges.names[ranges.index(of: frame.atomicNumbers.count)]
    }
    var elements = Colors(
      .element, Self.counts(frames.lazy.flatMap(\.atomicNumbers).map(Self.name))
    ) { Self.number($0) < Self.number($1) }
    var groups = Colors(.group, Self.counts(frames.map(Self.group)), order: <)
    var sizes = Colors(.size, Self.counts(frames.map(size))) {
      (ranges.names.firstIndex(of: $0) ?? 0) < (ranges.names.firstIndex(of: $1) ?? 0)
    }
    var (reference, predicted): ([Double], [Double]) = ([], [])
    for frame in frames {
      guard let found = values(frame) else { continue }
      reference += found.reference
      predicted += found.predicted
      if perAtom {
        for number in frame.atomicNumbers { elements.add(Self.name(number), count: 3) }
      }
      groups.add(Self.group(frame), count: found.reference.count)
      sizes.add(size(frame), count: found.reference.count)
    }
    return PredictionPairs(
      reference: reference, predicted: predicted,
      colorings: [elements, groups, sizes].compactMap(\.coloring))
  }

  private static func number(_ symbol: String) -> Int32 {
    ChemicalElements.number(of: symbol) ?? .max
  }

  /// Force components in eV/Å; nil without one that can be drawn.
  var forces: PredictionPairs? { colored(\.forces, perAtom: true) }

  /// Stress components in eV/Å³; nil without one that can be drawn.
  var stress: PredictionPairs? { colored(\.stress, perAtom: false) }

  /// Energies in eV; nil without one that can be drawn.
  /// - Parameter perAtom: whether they are those per atom, less the energies of the elements.
  func energies(perAtom: Bool) -> PredictionPairs? {
    colored(
      { frame in
        frame.energy.map { energy in
          let shift = perAtom ? frame.elementEnergy : 0
          let count = perAtom ? Double(max(frame.atomicNumbers.count, 1)) : 1
          return ([(energy.reference - shift) / count], [(energy.predicted - shift) / count])
        }
      }, perAtom: false)
  }
}
