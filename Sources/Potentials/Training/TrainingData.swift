package import E3xFiles

/// The frames of a training: what it learns from, is chosen by, and is judged by.
public struct TrainingData: Sendable {
  /// What parameters are fitted to.
  public var train = FrameSet(name: "training set")
  /// What the best parameters are chosen by; may be empty.
  public var valid = FrameSet(name: "validation set")
  /// What the final errors are reported on; may be empty.
  public var test = FrameSet(name: "test set")

  /// No frames yet.
  public init() {}

  /// Requires of all three sets what ``Trainer`` requires of two.
  ///
  /// Labels of the validation and test sets that are too large to be squared are no fault: see
  /// ``warnings(_:_:)``.
  /// - Parameter elementEnergies: of a training that goes on; nil for a new one.
  /// - Throws: `FileError` with the file, the frame and the atom.
  package func check(
    _ configuration: PotentialConfiguration, _ options: TrainingOptions,
    elementEnergies: ElementEnergies? = nil
  ) throws(FileError) {
    let checks = FrameChecks(configuration)
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
