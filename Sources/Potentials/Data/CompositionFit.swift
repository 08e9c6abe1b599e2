/// What a fit of the energies of elements knows of frames, which come one after the other. Frames of
/// one composition are one equation for their mean energy, weighted by √count.
struct CompositionFit {
  /// eV, by atomic number: of elements that are not fitted.
  private let known: [Int32: Double]
  private var elements: Set<Int32> = []
  private var groups: [Group] = []
  /// The group of each composition of elements that are fitted.
  private var numbers: [[Int32: Int]: Int] = [:]

  private struct Group {
    let composition: [Int32: Int]
    var sum = 0.0
    var count = 0.0
  }

  init(known: [Int32: Double]) { self.known = known }

  /// Adds a frame; without an energy it tells only which elements there are.
  mutating func add(_ atomicNumbers: [Int32], energy: Double?) {
    elements.formUnion(atomicNumbers)
    guard var energy else { return }
    if !known.isEmpty { energy -= atomicNumbers.reduce(0) { $0 + (known[$1] ?? 0) } }
    var composition: [Int32: Int] = [:]
    for number in atomicNumbers where known[number] == nil {
      composition[number, default: 0] += 1
    }
    let number = numbers[composition] ?? groups.count
    if number == groups.count {
      numbers[composition] = number
      groups.append(Group(composition: composition))
    }
    groups[number].sum += energy
    groups[number].count += 1
  }

  /// The energies of all elements of the frames.
  var energies: ElementEnergies {
    let kept = known.filter { elements.contains($0.key) }
    let fitted = elements.filter { kept[$0] == nil }.sorted()
    if fitted.isEmpty { return ElementEnergies(kept) }
    var rows: [[Double]] = []
    var values: [Double] = []
    for group in groups {
      let weight = group.count.squareRoot()
      rows.append(fitted.map { weight * Double(group.composition[$0] ?? 0) })
      values.append(group.sum / weight)
    }
    let solution = LeastSquares.minimumNorm(rows, columns: fitted.count, values)
    let energies = Dictionary(uniqueKeysWithValues: zip(fitted, solution))
    return ElementEnergies(kept.merging(energies) { known, _ in known })
  }
}
