internal import E3xEngine
internal import E3xFiles

/// What can be wrong with one frame for a training.
struct FrameFault {
  /// Of the frame in its set, from 0.
  let index: Int
  let reason: String
}

/// Checks of the frames of a training before its first step.
struct FrameChecks {
  /// Elements that a potential can know: atomic numbers below it.
  let numEmbeddings: Int

  /// The greatest magnitude of labels to train on: of energies relative to those of the elements
  /// (eV), of force components (eV/Å) and of stress components (eV/Å³). Their squares times any weight are far from the end of
  /// single precision.
  static let greatestLabel = 1e9
  /// The greatest magnitude of a total energy, eV.
  static let greatestEnergy = 1e12

  init(_ model: any PotentialModel) {
    numEmbeddings = model.numEmbeddings
  }

  /// The first frame of a set that cannot be used; if there is none, the first with a label that is
  /// too large to be learned.
  /// - Parameters:
  ///   - elements: those that frames may have; nil for all that a network knows.
  ///   - knower: who knows them, for error messages.
  ///   - learnsLabels: whether labels are looked at.
  /// - Throws: `FileError` for frames that cannot be read.
  func firstFault(
    _ frames: StoredFrames, elements: Set<Int32>? = nil, knower: String = "the training set",
    learnsLabels: Bool = false
  ) throws(FileError) -> FrameFault? {
    let check = FrameCheck(
      elements: elements ?? Set(0..<Int32(clamping: numEmbeddings)),
      knower: elements == nil ? "the network" : knower)
    var huge: FrameFault?
    for index in frames.indices {
      let frame = try frames[index]
      if let reason = frame.count == 0 ? "has no atoms" : check.problem(frame) {
        return FrameFault(index: index, reason: reason)
      }
      if learnsLabels, huge == nil, let reason = hugeLabel(frame) {
        huge = FrameFault(index: index, reason: reason)
      }
    }
    return huge
  }

  /// The first label that is too large to be learned.
  /// - Throws: `FileError` for frames that cannot be read.
  func firstHugeLabel(_ frames: StoredFrames) throws(FileError) -> FrameFault? {
    for index in frames.indices {
      if let reason = hugeLabel(try frames[index]) {
        return FrameFault(index: index, reason: reason)
      }
    }
    return nil
  }

  /// The energy that is farthest from those of the elements, if it is too far to be learned: one
  /// frame that is wrong moves the elements for all.
  /// - Throws: `FileError` for frames that cannot be read.
  func farthestEnergy(
    _ frames: StoredFrames, _ elements: ElementEnergies
  ) throws(FileError) -> FrameFault? {
    var (farthest, distance, energy) = (0, 0.0, 0.0)
    for index in frames.indices {
      let frame = try frames[index]
      guard let total = frame.energy else { continue }
      let relative = abs(total - elements.total(frame.atomicNumbers))
      if !(relative <= distance) { (farthest, distance, energy) = (index, relative, total) }
    }
    if distance <= Self.greatestLabel { return nil }
    return FrameFault(
      index: farthest,
      reason: "the energy \(energy) eV is \(distance) eV away from that of the elements (at most "
        + "1e9 eV)")
  }

  private func hugeLabel(_ frame: LabelledFrame) -> String? {
    if let energy = frame.energy, !(abs(energy) <= Self.greatestEnergy) {
      return "the energy \(energy) eV is too large (at most 1e12 eV)"
    }
    if let stress = frame.stress?.first(where: { !(abs($0) <= Self.greatestLabel) }) {
      return "the stress \(stress) eV/Å³ is too large (at most 1e9 eV/Å³)"
    }
    return hugeForce(frame)
  }

  private func hugeForce(_ frame: LabelledFrame) -> String? {
    guard let forces = frame.forces else { return nil }
    return forces.indices.first { !(abs(forces[$0]) <= Self.greatestLabel) }.map { index in
      let name = ChemicalElements.name(of: frame.atomicNumbers[index / 3])
      return "the force \(forces[index]) eV/Å on atom \(index / 3 + 1) (\(name)) is too large (at "
        + "most 1e9 eV/Å)"
    }
  }
}
