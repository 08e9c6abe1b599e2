internal import E3xFiles

/// Single atoms in a data set: their energies are those of their elements.
struct IsolatedAtoms: Sendable {
  /// eV, by atomic number; the lowest where there are several.
  private(set) var energies: [Int32: Double] = [:]
  /// How many frames there were.
  private(set) var frames = 0
  /// Elements with energies that differ, and by how much, eV.
  private(set) var differences: [Int32: Double] = [:]

  /// The groups (`config_type`) that programs keep them in, in small letters without marks.
  private static let groups: Set<String> = ["isolatedatom", "isolatedatoms"]

  /// None.
  init() {}

  /// Takes the isolated atoms out of a set, unless nothing would be left.
  /// - Parameter elements: those that are taken; nil for all.
  /// - Throws: `FileError` for frames that cannot be read.
  init(takingFrom set: inout FrameSet, elements: Set<Int32>? = nil) throws(FileError) {
    if set.frames.counts.isolatedAtoms == 0 { return }
    var atoms: [(index: Int, frame: LabelledFrame)] = []
    for index in set.frames.indices {
      let frame = try set.frames[index]
      if Self.isIsolated(frame), elements?.contains(frame.atomicNumbers[0]) != false {
        atoms.append((index, frame))
      }
    }
    guard !atoms.isEmpty, atoms.count < set.frames.count else { return }
    frames = atoms.count
    for (_, frame) in atoms {
      let (number, energy) = (frame.atomicNumbers[0], frame.energy ?? 0)
      if let other = energies[number] {
        differences[number] = max(differences[number] ?? 0, abs(other - energy))
      }
      energies[number] = min(energies[number] ?? energy, energy)
    }
    try set.remove(Set(atoms.map(\.index)))
  }

  /// Whether a frame is one atom with an energy that nothing else is near.
  static func isIsolated(_ frame: LabelledFrame) -> Bool {
    guard frame.count == 1, frame.energy != nil else { return false }
    let group = frame.group?.lowercased().filter(\.isLetter) ?? ""
    return !frame.pbc.contains(true) || groups.contains(group)
  }

  /// What is done with them, in a line; nil if there are none.
  var text: String? {
    guard frames > 0 else { return nil }
    let names = energies.keys.sorted().map(ChemicalElements.name(of:)).joined(separator: ", ")
    return
      "isolated atoms: \(frames) \(frames == 1 ? "frame gives" : "frames give") the energies of "
      + "\(names), and \(frames == 1 ? "is" : "are") not trained on"
  }

  /// What is probably a mistake, a line each.
  var warnings: [String] {
    differences.sorted { $0.key < $1.key }.filter { $0.value > 1e-3 }.map { number, difference in
      "isolated atoms of \(ChemicalElements.name(of: number)) have energies that differ by "
        + "\(Float(difference)) eV: the lowest is taken"
    }
  }
}
