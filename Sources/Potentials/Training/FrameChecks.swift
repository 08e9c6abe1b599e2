internal import E3xEngine
internal import E3xFiles

/// What can be wrong with one frame for a training.
struct FrameFault {
  /// Of the frame in its set, from 0.
  let index: Int
  let reason: String
}

/// Checks of frames before the first step of a training.
struct FrameChecks {
  /// Labels that the frames must have.
  let needsEnergies: Bool
  let needsForces: Bool
  /// Elements that a potential can know: atomic numbers below it.
  let numEmbeddings: Int

  /// The greatest magnitude of numbers to train on: energies relative to those of the elements
  /// (eV), force components (eV/Å) and coordinates relative to the first atom (Å). Their squares
  /// times any weight are far from the end of single precision.
  static let greatestMagnitude = 1e9
  /// The greatest magnitude of a total energy, eV: element energies are still fitted exactly.
  static let greatestEnergy = 1e15

  /// The first fault of a set.
  /// - Parameter known: the elements of the training set; nil for the training set itself.
  func firstFault(_ frames: [LabelledFrame], known: Set<Int32>? = nil) -> FrameFault? {
    for (index, frame) in frames.enumerated() {
      if let reason = fault(frame, known: known) { return FrameFault(index: index, reason: reason) }
    }
    return nil
  }

  private func fault(_ frame: LabelledFrame, known: Set<Int32>?) -> String? {
    if frame.count == 0 { return "has no atoms" }
    if frame.positions.count != 3 * frame.count {
      return "has \(frame.positions.count) coordinates of \(frame.count) atoms"
    }
    if let forces = frame.forces, forces.count != 3 * frame.count {
      return "has \(forces.count) force components of \(frame.count) atoms"
    }
    if needsEnergies && frame.energy == nil { return "has no energy" }
    if needsForces && frame.forces == nil { return "has no forces" }
    if frame.pbc.contains(true) {
      return "is periodic; only molecules (pbc F F F) are supported"
    }
    return elementFault(frame, known: known) ?? numberFault(frame)
  }

  private func elementFault(_ frame: LabelledFrame, known: Set<Int32>?) -> String? {
    for (atom, number) in frame.atomicNumbers.enumerated() {
      if number < 0 || Int(number) >= numEmbeddings {
        return "atom \(atom + 1) has atomic number \(number), outside 0 ..< \(numEmbeddings)"
      }
      if let known, !known.contains(number) {
        let names = known.sorted().map(elementName).joined(separator: ", ")
        return "atom \(atom + 1) is \(elementName(number)), an element that the training set does "
          + "not have (it has \(names))"
      }
    }
    return nil
  }

  private func numberFault(_ frame: LabelledFrame) -> String? {
    for (index, value) in frame.positions.enumerated()
    where !(abs(value - frame.positions[index % 3]) <= Self.greatestMagnitude) {
      return "\(atom(index, frame)) is at \(value) Å, too far from the first atom"
    }
    return nil
  }

  private func atom(_ component: Int, _ frame: LabelledFrame) -> String {
    "atom \(component / 3 + 1) (\(elementName(frame.atomicNumbers[component / 3])))"
  }

  /// The first label that is too large to be learned, or to be squared in double precision.
  ///
  /// - Parameter energies: those of the elements; nil before they are fitted.
  func firstHugeLabel(
    _ frames: [LabelledFrame], energies: ElementEnergies?
  ) -> FrameFault? {
    for (index, frame) in frames.enumerated() {
      if let reason = hugeLabel(frame, energies) { return FrameFault(index: index, reason: reason) }
    }
    return nil
  }

  private func hugeLabel(_ frame: LabelledFrame, _ energies: ElementEnergies?) -> String? {
    if let energy = frame.energy {
      if !(abs(energy) <= Self.greatestEnergy) {
        return "the energy \(energy) eV is too large (at most \(Self.greatestEnergy) eV)"
      }
      let relative = energy - (energies?.total(frame.atomicNumbers) ?? energy)
      if !(abs(relative) <= Self.greatestMagnitude) {
        return "the energy \(energy) eV is \(relative) eV away from that of the elements (at most "
          + "\(Self.greatestMagnitude) eV)"
      }
    }
    for (index, force) in (frame.forces ?? []).enumerated()
    where !(abs(force) <= Self.greatestMagnitude) {
      return "the force \(force) eV/Å on \(atom(index, frame)) is too large (at most "
        + "\(Self.greatestMagnitude) eV/Å)"
    }
    return nil
  }
}

/// The symbol of an element, or its atomic number.
func elementName(_ number: Int32) -> String {
  ChemicalElements.symbol(of: number) ?? "\(number)"
}
