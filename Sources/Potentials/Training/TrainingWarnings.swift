internal import E3xFiles

extension TrainingData {
  /// What is probably a mistake, a line each.
  package func warnings(
    _ model: any PotentialModel, _ options: TrainingOptions
  ) -> [String] {
    var lines: [String] = []
    if valid.isEmpty {
      lines.append(
        "there is no validation set: the last parameters are taken for the best, and nothing tells "
          + "when they only remember the training set")
    }
    let sets = [train, valid, test]
    for (index, set) in sets.enumerated() {
      lines += repeatedFiles(set)
      for other in sets[(index + 1)...] { lines += sharedFrames(set, other) }
      lines += closeAtoms(set)
    }
    let checks = FrameChecks(model)
    for set in [valid, test] {
      if let fault = checks.firstHugeLabel(set.frames) {
        lines.append("\(set.failure(frame: fault.index, fault.reason))")
      }
    }
    if options.batchSize <= train.frames.count,
      options.steps * options.batchSize < train.frames.count
    {
      lines.append(
        "\(options.steps) steps of \(options.batchSize) frames are less than one pass over the "
          + "\(train.frames.count) frames of the training set")
    }
    if options.validationInterval > options.steps && !valid.isEmpty {
      lines.append(
        "the validation interval (\(options.validationInterval)) is beyond the \(options.steps) "
          + "steps: the validation set is looked at once, at the end")
    }
    return lines
  }

  private func repeatedFiles(_ set: FrameSet) -> [String] {
    set.files.indices.compactMap { index in
      let file = set.files[index]
      guard let other = set.files[..<index].first(where: file.hasSameContents) else { return nil }
      return "\(file.path) is in the \(set.name) twice"
        + (other.path == file.path ? "" : ", also as \(other.path)")
    }
  }

  private func sharedFrames(_ a: FrameSet, _ b: FrameSet) -> [String] {
    for file in b.files {
      if let other = a.files.first(where: file.hasSameContents) {
        return [
          "the \(a.name) and the \(b.name) have the same frames: \(other.path)"
            + (other.path == file.path ? "" : ", \(file.path)")
        ]
      }
    }
    let structures = Set(a.frames.map(Structure.init))
    let shared = b.frames.count { structures.contains(Structure($0)) }
    guard shared > 0 else { return [] }
    return [
      "\(shared) of the \(b.frames.count) frames of the \(b.name) are in the \(a.name) too"
    ]
  }

  private func closeAtoms(_ set: FrameSet) -> [String] {
    guard let close = set.close else { return [] }
    let others = close.count - 1
    return [
      "\(close.first), closer than atoms come"
        + (others > 0 ? "; so are atoms of \(others) other frames of the \(set.name)" : "")
    ]
  }
}

/// The atoms of a frame without their labels.
private struct Structure: Hashable {
  let atomicNumbers: [Int32]
  let positions: [Double]
  let cell: [Double]?

  init(_ frame: LabelledFrame) {
    (atomicNumbers, positions) = (frame.atomicNumbers, frame.positions)
    cell = frame.pbc.contains(true) ? frame.cell : nil
  }
}
