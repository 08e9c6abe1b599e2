/// What there is in frames, counted as they come and go.
struct FrameCounts: Sendable, Equatable {
  /// Atoms in all frames.
  private(set) var atoms = 0
  /// Frames that repeat.
  private(set) var periodic = 0
  /// Frames that are isolated atoms, see ``IsolatedAtoms``.
  private(set) var isolatedAtoms = 0
  /// Frames with a stress and a volume that it belongs to.
  private(set) var withVolumeAndStress = 0
  private var labels: [Label: Int] = [:]
  /// How many atoms there are of each element.
  private var atomsByElement: [Int32: Int] = [:]

  /// The atomic numbers of all atoms.
  var elements: Set<Int32> { Set(atomsByElement.keys) }

  /// How many frames have a label.
  func frames(with label: Label) -> Int { labels[label] ?? 0 }

  mutating func add(_ frame: LabelledFrame) { change(frame, by: 1) }

  /// Takes a frame out that was added.
  mutating func remove(_ frame: LabelledFrame) { change(frame, by: -1) }

  private mutating func change(_ frame: LabelledFrame, by sign: Int) {
    atoms += sign * frame.count
    if frame.pbc.contains(true) { periodic += sign }
    if IsolatedAtoms.isIsolated(frame) { isolatedAtoms += sign }
    if frame.stress != nil, let cell = try? frame.periodicCell(), cell.stressVolume != nil {
      withVolumeAndStress += sign
    }
    for label in Label.allCases where frame.has(label) { labels[label, default: 0] += sign }
    var rest = frame.atomicNumbers[...]
    while let number = rest.first {
      // Atoms of an element mostly follow each other.
      let others = rest.drop { $0 == number }
      let count = (atomsByElement[number] ?? 0) + sign * (rest.count - others.count)
      atomsByElement[number] = count == 0 ? nil : count
      rest = others
    }
  }
}
