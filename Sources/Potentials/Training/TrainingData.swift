package import E3xEngine
package import E3xFiles

/// The frames of a training: what it learns from, is chosen by, and is judged by.
public struct TrainingData: Sendable {
  /// What parameters are fitted to.
  public var train = FrameSet(name: "training set")
  /// What the best parameters are chosen by; may be empty.
  public var valid = FrameSet(name: "validation set")
  /// What the final errors are reported on; may be empty.
  public var test = FrameSet(name: "test set")
  /// The isolated atoms that were in the training set.
  private(set) var isolatedAtoms = IsolatedAtoms()
  /// How many there were in the other sets.
  private(set) var otherIsolatedAtoms = 0
  /// What was done with the frames of the files.
  public private(set) var preparation = DataPreparation()

  /// No frames yet.
  public init() {}

  /// Makes sets of the frames of files: takes isolated atoms out, passes over what cannot be used,
  /// splits validation and test frames off.
  ///
  /// - Parameter known: elements of which other frames than those to learn from may be too: what the
  ///   training begins with knows them.
  /// - Throws: `ArgumentError` naming the fraction that cannot be split off.
  package mutating func prepare(
    _ preparation: DataPreparation, _ model: any PotentialModel, known: Set<Int32> = []
  ) throws(ArgumentError) {
    self.preparation = preparation
    if preparation.skipsBadFrames {
      train.skip(
        FrameCheck(elements: Set(0..<Int32(clamping: model.numEmbeddings)), knower: "the network"))
    }
    if preparation.takesIsolatedAtoms {
      isolatedAtoms = IsolatedAtoms(takingFrom: &train)
      // Those of elements that nothing is learned of stay, and are refused.
      let elements = Set(train.frames.lazy.flatMap(\.atomicNumbers))
      for set in [\TrainingData.valid, \.test] {
        let atoms = IsolatedAtoms(takingFrom: &self[keyPath: set], elements: elements)
        otherIsolatedAtoms += atoms.frames
      }
    }
    if preparation.validFraction > 0 || preparation.testFraction > 0 {
      let split = try FrameSplit(train.frames, preparation)
      train.copy(split.valid, to: &valid)
      train.copy(split.test, to: &test)
      train.remove(split.valid.union(split.test))
    }
    if preparation.skipsBadFrames {
      let elements = Set(train.frames.lazy.flatMap(\.atomicNumbers)).union(known)
      for set in [\TrainingData.valid, \.test] {
        self[keyPath: set].skip(FrameCheck(elements: elements, knower: "the training set"))
      }
    }
  }

  /// How many training frames are no isolated atoms, before anything is prepared.
  package var framesToSplit: Int { train.frames.count { !IsolatedAtoms.isIsolated($0) } }

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
  /// - Throws: `FileError` with the file, the frame and the atom.
  package func check(
    _ model: any PotentialModel, _ options: TrainingOptions,
    elementEnergies: ElementEnergies? = nil
  ) throws(FileError) {
    let checks = FrameChecks(model)
    for label in options.weightedLabels { try train.require([label]) }
    try valid.require(options.weightedLabels)
    let known = elementEnergies.map { Set($0.energies.keys) }
    try refuse(checks.firstFault(train.frames, elements: known, knower: "the run"), train)
    try refuse(checks.firstHugeLabel(train.frames), train)
    let energies = elementEnergies ?? ElementEnergies.fit(train.frames)
    try refuse(checks.farthestEnergy(train.frames, energies), train)
    for set in [valid, test] {
      try refuse(checks.firstFault(set.frames, elements: Set(energies.energies.keys)), set)
    }
  }

  private func refuse(_ fault: FrameFault?, _ set: FrameSet) throws(FileError) {
    if let fault { throw set.failure(frame: fault.index, fault.reason) }
  }
}
