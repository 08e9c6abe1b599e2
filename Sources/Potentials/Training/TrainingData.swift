package import E3xFiles

/// The frames of a training: what it learns from, is chosen by, and is judged by. Memory need not
/// hold them all, see ``StoredFrames``.
public struct TrainingData: Sendable {
  /// What parameters are fitted to.
  public var train: FrameSet
  /// What the best parameters are chosen by; may be empty.
  public var valid: FrameSet
  /// What the final errors are reported on; may be empty.
  public var test: FrameSet
  /// The isolated atoms that were in the training set.
  private(set) var isolatedAtoms = IsolatedAtoms()
  /// How many there were in the other sets.
  private(set) var otherIsolatedAtoms = 0
  /// What was done with the frames of the files.
  public private(set) var preparation = DataPreparation()

  /// No frames yet.
  /// - Parameter memory: what the frames of all sets together may take of memory, in bytes. A
  ///   ``Trainer`` takes as much again for pairs of atoms that it need not look for at every step.
  public init(memory: Int = StoredFrames.usualMemory) {
    let store = FrameStore(memory: max(memory, 0))
    train = FrameSet(name: "training set", in: store)
    valid = FrameSet(name: "validation set", in: store)
    test = FrameSet(name: "test set", in: store)
  }

  /// Makes sets of the frames of files: takes isolated atoms out, passes over what cannot be used,
  /// splits validation and test frames off.
  ///
  /// - Parameter known: elements of which other frames than those to learn from may be too: what the
  ///   training begins with knows them.
  /// - Throws: `ArgumentError` naming the fraction that cannot be split off; `FileError` for frames
  ///   that cannot be read.
  package mutating func prepare(
    _ preparation: DataPreparation, _ model: any PotentialModel, known: Set<Int32> = []
  ) throws {
    self.preparation = preparation
    if preparation.skipsBadFrames {
      try train.skip(
        FrameCheck(elements: Set(0..<Int32(clamping: model.numEmbeddings)), knower: "the network"))
    }
    if preparation.takesIsolatedAtoms {
      isolatedAtoms = try IsolatedAtoms(takingFrom: &train)
      // Those of elements that nothing is learned of stay, and are refused.
      for set in [\TrainingData.valid, \.test] {
        let atoms = try IsolatedAtoms(
          takingFrom: &self[keyPath: set], elements: train.frames.elements)
        otherIsolatedAtoms += atoms.frames
      }
    }
    if preparation.validFraction > 0 || preparation.testFraction > 0 {
      let split = try FrameSplit(train.frames, preparation)
      try train.copy(split.valid, to: &valid)
      try train.copy(split.test, to: &test)
      try train.remove(split.valid.union(split.test))
    }
    if preparation.skipsBadFrames {
      let check = FrameCheck(
        elements: train.frames.elements.union(known), knower: "the training set")
      for set in [\TrainingData.valid, \.test] { try self[keyPath: set].skip(check) }
    }
  }

  /// How many training frames are no isolated atoms, before anything is prepared.
  package var framesToSplit: Int { train.frames.count - train.frames.counts.isolatedAtoms }

  /// What was split off, and how, in a line; nil if nothing was.
  package var splitText: String? {
    let parts = [(preparation.validFraction, valid), (preparation.testFraction, test)]
      .filter { $0.0 > 0 }
    if parts.isEmpty { return nil }
    let whole = train.frames.count + parts.reduce(0) { $0 + $1.1.frames.count }
    let names = parts.map { fraction, set in
      "\(set.frames.count) for the \(set.name) (\(Float(fraction)))"
    }
    return "of \(whole) training frames \(names.joined(separator: " and ")) are split off, by "
      + "\(preparation.splitBy.rawValue), with seed \(preparation.seed)"
  }

  /// Requires of all three sets what ``Trainer`` requires of two.
  ///
  /// Labels of the validation and test sets that are too large to be squared are no fault: see
  /// ``warnings(_:_:)``.
  /// - Parameter elementEnergies: that the training has or begins with; nil for those that are
  ///   fitted to the frames.
  /// - Throws: `FileError` with the file, the frame and the atom, and for frames that cannot be read.
  package func check(
    _ model: any PotentialModel, _ options: TrainingOptions,
    elementEnergies: ElementEnergies? = nil
  ) throws(FileError) {
    let checks = FrameChecks(model)
    for label in options.weightedLabels { try train.require([label]) }
    try valid.require(options.weightedLabels)
    let known = elementEnergies.map { Set($0.energies.keys) }
    try refuse(
      checks.firstFault(train.frames, elements: known, knower: "the run", learnsLabels: true),
      train)
    let energies =
      if let elementEnergies { elementEnergies } else { try ElementEnergies.fit(train.frames) }
    try refuse(checks.farthestEnergy(train.frames, energies), train)
    for set in [valid, test] {
      try refuse(checks.firstFault(set.frames, elements: Set(energies.energies.keys)), set)
    }
  }

  private func refuse(_ fault: FrameFault?, _ set: FrameSet) throws(FileError) {
    if let fault { throw set.failure(frame: fault.index, fault.reason) }
  }
}
