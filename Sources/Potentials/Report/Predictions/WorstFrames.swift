/// The frames of a set with the greatest errors.
struct WorstFrames: Sendable {
  /// A frame, and how far off it is.
  struct Entry: Sendable {
    /// Its number, from 1.
    let number: Int
    let frame: LabelledFrame
    /// Predicted minus reference, eV; nil without a label.
    let energyError: Double?
    /// Predicted minus reference, eV/Å, [N, 3]; nil without labels.
    let forceErrors: [Double]?
    var attention: Potential.Attention?

    init(number: Int, frame: LabelledFrame, prediction: Potential.Prediction) {
      (self.number, self.frame) = (number, frame)
      energyError = frame.energy.map { prediction.energy - $0 }
      forceErrors = frame.forces.map { zip(prediction.forces, $0).map(-) }
    }

    /// The atom whose force is farthest off, and how far, eV/Å.
    var greatestForceError: (atom: Int, error: Double)? {
      guard let forceErrors else { return nil }
      var greatest: (atom: Int, error: Double)?
      for atom in 0..<forceErrors.count / 3 {
        let error = WorstFrames.norm(forceErrors[3 * atom..<3 * atom + 3])
        if error > greatest?.error ?? -1 { greatest = (atom, error) }
      }
      return greatest
    }
  }

  /// How many of each kind are kept.
  private static let most = 8

  private var byForces: [(error: Double, entry: Entry)] = []
  private var byEnergy: [(error: Double, entry: Entry)] = []

  /// Those with the greatest errors of a force on an atom, and then those of the greatest errors of
  /// the energy per atom that are not among them.
  var entries: [Entry] {
    let first = byForces.map(\.entry)
    let numbers = Set(first.map(\.number))
    return first + byEnergy.map(\.entry).filter { !numbers.contains($0.number) }
  }

  /// Takes a frame if it is among the worst.
  mutating func add(_ frame: LabelledFrame, _ prediction: Potential.Prediction, number: Int) {
    var made: Entry?
    func entry() -> Entry {
      let entry = made ?? Entry(number: number, frame: frame, prediction: prediction)
      made = entry
      return entry
    }
    if let forces = frame.forces {
      var greatest = 0.0
      for atom in 0..<min(forces.count, prediction.forces.count) / 3 {
        let range = 3 * atom..<3 * atom + 3
        greatest = max(
          greatest, Self.norm(zip(prediction.forces[range], forces[range]).map(-)[...]))
      }
      Self.insert(greatest, into: &byForces, entry)
    }
    if let energy = frame.energy {
      let error = abs(prediction.energy - energy) / Double(max(frame.count, 1))
      Self.insert(error, into: &byEnergy, entry)
    }
  }

  private static func insert(
    _ error: Double, into list: inout [(error: Double, entry: Entry)], _ entry: () -> Entry
  ) {
    // What is no number is not worse than all others.
    guard error.isFinite, list.count < most || error > list[most - 1].error else { return }
    let place = list.firstIndex { $0.error < error } ?? list.count
    list.insert((error, entry()), at: place)
    if list.count > most { list.removeLast() }
  }

  fileprivate static func norm(_ vector: ArraySlice<Double>) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// Finds how much their atoms attend to each other, where that can be drawn.
  /// - Parameter mostPairs: pairs of atoms in a frame, beyond which it is left out.
  /// - Throws: what ``Potential/attention(of:member:)`` throws.
  mutating func addAttention(_ potential: Potential, mostPairs: Int) throws {
    func add(_ list: inout [(error: Double, entry: Entry)]) throws {
      for index in list.indices where list[index].entry.frame.count <= StructureViewer.mostAtoms {
        let attention = try potential.attention(of: list[index].entry.frame)
        if attention.sources.count <= mostPairs { list[index].entry.attention = attention }
      }
    }
    try add(&byForces)
    try add(&byEnergy)
  }
}
