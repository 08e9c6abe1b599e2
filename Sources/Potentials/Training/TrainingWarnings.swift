package import E3xFiles

extension TrainingData {
  /// What is probably a mistake, a line each.
  /// - Throws: `FileError` for frames that cannot be read.
  package func warnings(
    _ model: any PotentialModel, _ options: TrainingOptions
  ) throws(FileError) -> [String] {
    var lines: [String] = []
    if valid.isEmpty {
      lines.append(
        "there is no validation set: the last parameters are taken for the best, and nothing tells "
          + "when they only remember the training set")
    }
    let sets = [train, valid, test]
    let shared = try SharedFrames(sets)
    for (index, set) in sets.enumerated() {
      lines += repeatedFiles(set)
      for other in (index + 1)..<sets.count {
        lines += Self.sharedFrames(set, sets[other], count: shared.counts[index][other])
      }
      lines += closeAtoms(set)
    }
    let checks = FrameChecks(model)
    for set in [valid, test] {
      if let fault = try checks.firstHugeLabel(set.frames) {
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

  private static func sharedFrames(
    _ a: FrameSet, _ b: FrameSet, count shared: Int
  ) -> [String] {
    for file in b.files {
      if let other = a.files.first(where: file.hasSameContents) {
        return [
          "the \(a.name) and the \(b.name) have the same frames: \(other.path)"
            + (other.path == file.path ? "" : ", \(file.path)")
        ]
      }
    }
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

/// How many frames of a set are in one before it too.
private struct SharedFrames {
  /// By the set before, then by the set whose frames are counted.
  private(set) var counts: [[Int]]

  /// Frames are known by the hash of their structure, of 64 bits, and not kept: of a million frames
  /// against a million, two that differ have one with a probability of 5e-8.
  /// - Throws: `FileError` for frames that cannot be read.
  init(_ sets: [FrameSet]) throws(FileError) {
    counts = sets.map { _ in sets.map { _ in 0 } }
    // How many frames of a set have each hash; nobody asks this of the first.
    var numbers: [[Int: Int]] = [[:]]
    for set in sets.dropFirst() {
      var number: [Int: Int] = [:]
      for index in set.frames.indices {
        number[Structure(try set.frames[index]).hashValue, default: 0] += 1
      }
      numbers.append(number)
    }
    for (index, set) in sets.enumerated() {
      let later = ((index + 1)..<sets.count).filter { !sets[$0].isEmpty }
      if later.isEmpty { continue }
      var left = numbers
      for frame in set.frames.indices {
        let hash = Structure(try set.frames[frame]).hashValue
        for other in later { counts[index][other] += left[other].removeValue(forKey: hash) ?? 0 }
      }
    }
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
