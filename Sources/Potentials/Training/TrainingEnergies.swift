internal import E3xEngine
package import E3xFiles

extension TrainingData {
  /// The energies of the elements of the training set, and where they come from: what was given,
  /// else isolated atoms, else a fit.
  /// - Parameter potential: what the training begins with; its energies are kept for elements that
  ///   the training set does not have, and fitted anew for others.
  /// - Throws: `ArgumentError` naming `element_energies` if an element is missing there, and for
  ///   frames that the potential cannot be asked about; `FileError` for frames that cannot be read.
  package func elementEnergies(
    given: ElementEnergies?, from potential: Potential? = nil
  ) throws -> (energies: ElementEnergies, source: String) {
    guard let potential else { return try elementEnergies(given: given) }
    if let given {
      let (energies, source) = try elementEnergies(given: given)
      let kept = potential.elementEnergies.energies
      return (ElementEnergies(kept.merging(energies.energies) { $1 }), source)
    }
    return (
      try ElementEnergies.refit(potential, train.frames, known: isolatedAtoms.energies),
      isolatedAtoms.energies.isEmpty
        ? "fitted to what the potential errs by"
        : "of isolated atoms, others fitted to what the potential errs by"
    )
  }

  private func elementEnergies(
    given: ElementEnergies?
  ) throws -> (energies: ElementEnergies, source: String) {
    guard let given else {
      let energies = try ElementEnergies.fit(train.frames, known: isolatedAtoms.energies)
      let known = energies.energies.keys.filter { isolatedAtoms.energies[$0] != nil }
      if known.isEmpty { return (energies, "fitted") }
      let fitted = energies.energies.keys.filter { isolatedAtoms.energies[$0] == nil }
      func names(_ numbers: [Int32]) -> String {
        numbers.sorted().map(ChemicalElements.name(of:)).joined(separator: ", ")
      }
      return (
        energies,
        "of isolated atoms"
          + (fitted.isEmpty ? "" : " (\(names(known))), fitted (\(names(fitted)))")
      )
    }
    let elements = train.frames.elements
    if elements.contains(where: { given.energies[$0] == nil }) {
      for index in train.frames.indices {
        let numbers = try train.frames[index].atomicNumbers
        guard let number = numbers.first(where: { given.energies[$0] == nil }) else { continue }
        let place = train.failure(frame: index, "")
        throw ArgumentError(
          "train", "element_energies",
          "has no energy of \(ChemicalElements.name(of: number)), which \(place.file) has "
            + "(\(place.place))")
      }
    }
    return (ElementEnergies(given.energies.filter { elements.contains($0.key) }), "given")
  }

  /// What is said of isolated atoms; nil if there are none.
  package var isolatedAtomsText: String? {
    guard otherIsolatedAtoms > 0 else { return isolatedAtoms.text }
    return (isolatedAtoms.text ?? "isolated atoms: none in the training set")
      + "; \(otherIsolatedAtoms) of the other sets are left out"
  }

  /// What is probably wrong with energies, a line each.
  /// - Parameter energyKey: under which key they are.
  /// - Throws: `FileError` for frames that cannot be read.
  package func energyWarnings(
    _ elements: ElementEnergies, energyKey: String
  ) throws(FileError) -> [String] {
    isolatedAtoms.warnings
      + [try EnergyDeviation(train, elements, energyKey: energyKey)?.text].compactMap(\.self)
  }
}

/// Energies that are too far from those of the elements to be right.
private struct EnergyDeviation {
  let text: String

  /// No composition leaves more than this to bonds, eV for each atom.
  static let limit = 50.0

  /// Units in which energies come, as parts of an eV.
  private static let units = [
    ("hartree", 1 / 27.211386245988), ("rydberg", 2 / 27.211386245988),
    ("kcal/mol", 1 / MoleculeArchive.kilocaloriePerMole),
    ("kJ/mol", 4.184 / MoleculeArchive.kilocaloriePerMole),
  ]

  init?(_ set: FrameSet, _ elements: ElementEnergies, energyKey: String) throws(FileError) {
    var (worst, greatest) = (0, 0.0)
    var (products, squares) = (0.0, 0.0)
    for index in set.frames.indices {
      let frame = try set.frames[index]
      guard let energy = frame.energy else { continue }
      let total = elements.total(frame.atomicNumbers)
      let deviation = abs(energy - total) / Double(max(frame.count, 1))
      if deviation > greatest { (worst, greatest) = (index, deviation) }
      products += energy * total
      squares += total * total
    }
    guard greatest > Self.limit else { return nil }
    var text =
      "energies are up to \(Float(greatest)) eV per atom away from those of the elements ("
      + "\(set.failure(frame: worst, "").description.dropLast(2)))"
    let ratio = squares > 0 ? products / squares : 1
    if let unit = Self.units.first(where: { abs(ratio / $0.1 - 1) < 0.1 }) {
      text += ": they look like energies in \(unit.0), expected eV"
    } else if let key = Self.betterKey(set, elements, than: energyKey) {
      text +=
        ": \(quoted(key)) of the first frame would fit, the energy key is \(quoted(energyKey))"
    } else {
      text +=
        ": is \(quoted(energyKey)) their total energy, in eV, and do all frames come from one "
        + "kind of calculation?"
    }
    self.text = text
  }

  /// Another key of the first frame whose value is near the energies of the elements.
  private static func betterKey(
    _ set: FrameSet, _ elements: ElementEnergies, than energyKey: String
  ) -> String? {
    guard let frame = set.firstFrame, !frame.numbers.isEmpty else { return nil }
    let total = elements.total(frame.numbers)
    guard abs(total) > limit else { return nil }
    return frame.info.first { key, value in
      guard key != energyKey, let energy = value.double else { return false }
      return abs(energy - total) / Double(frame.numbers.count) < limit
    }?.key
  }
}
