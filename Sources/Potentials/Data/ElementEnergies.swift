/// An energy for every element, so that their sum over the atoms explains as much of the total
/// energies as composition alone can: what remains is what a potential has to learn.
public struct ElementEnergies: Sendable, Equatable {
  /// Energies in eV by atomic number; 0 for elements that are missing.
  public var energies: [Int32: Double]

  /// Creates energies from values by atomic number.
  public init(_ energies: [Int32: Double] = [:]) {
    self.energies = energies
  }

  /// The sum over the atoms in eV; elements without an energy count as 0.
  public func total(_ atomicNumbers: [Int32]) -> Double {
    atomicNumbers.reduce(0) { $0 + energy(of: $1) }
  }

  /// The energy of an element in eV; 0 if there is none.
  public func energy(of atomicNumber: Int32) -> Double { energies[atomicNumber] ?? 0 }

  /// Fits energies to the frames that have one, by least squares.
  ///
  /// Where the compositions do not determine them, as for a single molecule, the solution of least
  /// norm is taken: it explains the totals as well as any other. Frames without an energy are left
  /// out; from none at all comes 0 for every element.
  /// - Parameter known: energies of elements that are not fitted, in eV by atomic number.
  public static func fit(
    _ frames: [LabelledFrame], known: [Int32: Double] = [:]
  ) -> ElementEnergies {
    let all = Set(frames.lazy.flatMap(\.atomicNumbers))
    let kept = known.filter { all.contains($0.key) }
    let elements = all.filter { kept[$0] == nil }.sorted()
    if elements.isEmpty { return ElementEnergies(kept) }
    let column = Dictionary(uniqueKeysWithValues: elements.enumerated().map { ($1, $0) })

    // Frames of one composition are one equation for their mean energy, weighted by √count.
    struct Group {
      var sum = 0.0
      var count = 0.0
    }
    var groups: [[Double]: Group] = [:]
    var order: [[Double]] = []
    for frame in frames {
      guard var energy = frame.energy else { continue }
      if !kept.isEmpty { energy -= frame.atomicNumbers.reduce(0) { $0 + (kept[$1] ?? 0) } }
      var composition = [Double](repeating: 0, count: elements.count)
      for number in frame.atomicNumbers {
        if let index = column[number] { composition[index] += 1 }
      }
      if groups[composition] == nil { order.append(composition) }
      groups[composition, default: Group()].sum += energy
      groups[composition, default: Group()].count += 1
    }
    var rows: [[Double]] = []
    var values: [Double] = []
    for composition in order {
      let group = groups[composition, default: Group()]
      let weight = group.count.squareRoot()
      rows.append(composition.map { weight * $0 })
      values.append(group.sum / weight)
    }
    let solution = LeastSquares.minimumNorm(rows, columns: elements.count, values)
    let fitted = Dictionary(uniqueKeysWithValues: zip(elements, solution))
    return ElementEnergies(kept.merging(fitted) { known, _ in known })
  }
}
