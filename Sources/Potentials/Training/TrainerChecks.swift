package import E3xEngine
internal import E3xLimits

/// What a training requires before its first step.
extension Trainer {
  /// Requires that model and options are in their ranges.
  /// - Throws: `ArgumentError` naming the first that is not, under its name in files.
  package static func check(
    _ model: any PotentialModel, _ options: TrainingOptions
  ) throws(ArgumentError) {
    try options.check()
    try model.check()
    let size = max(options.batchSize, options.batchSize(at: options.steps))
    guard let frames = Size.product(options.steps, size), frames < 1 << 62 else {
      throw ArgumentError(
        "train", "steps",
        "\(options.steps) steps of \(size) frames are more than can be counted")
    }
  }

  /// Requires that all frames can be trained on and validated with.
  /// - Throws: `ArgumentError` naming the set and the frame; `FileError` for frames that cannot be
  ///   read.
  static func check(
    _ train: StoredFrames, _ valid: StoredFrames, _ model: any PotentialModel,
    _ options: TrainingOptions, elements: Set<Int32>? = nil
  ) throws {
    guard !train.isEmpty else {
      throw ArgumentError("train", "train", "there are no frames to train on")
    }
    for label in options.weightedLabels where train.count(of: label) == 0 {
      throw ArgumentError(
        "train", "train",
        "no frame has \(label.noun), but \(label.weightName) is not 0")
    }
    let labels = options.weightedLabels
    guard valid.isEmpty || labels.contains(where: { valid.count(of: $0) > 0 }) else {
      throw ArgumentError(
        "train", "valid",
        "no frame has a label that has a weight (\(labels.map(\.rawValue).joined(separator: ", ")))"
      )
    }
    guard options.patience == 0 || !valid.isEmpty else {
      throw ArgumentError(
        "train", "patience", "needs a validation set, by whose score a training ends early")
    }
    let checks = FrameChecks(model)
    try refuse(
      checks.firstFault(train, elements: elements, knower: "the run", learnsLabels: true), "train")
    try refuse(checks.firstFault(valid, elements: elements ?? train.elements), "valid")
  }

  /// Requires that the labels of training frames can be learned, relative to the elements.
  /// - Throws: `ArgumentError` naming the frame; `FileError` for frames that cannot be read.
  static func checkLabels(
    _ train: StoredFrames, _ energies: ElementEnergies, _ model: any PotentialModel
  ) throws {
    let checks = FrameChecks(model)
    try refuse(checks.farthestEnergy(train, energies), "train")
  }

  private static func refuse(_ fault: FrameFault?, _ set: String) throws(ArgumentError) {
    if let fault { throw ArgumentError("train", set, "frame \(fault.index + 1): \(fault.reason)") }
  }
}
