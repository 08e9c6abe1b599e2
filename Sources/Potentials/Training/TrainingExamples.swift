internal import E3xEngine

/// The frames of a training prepared for the network: with their pairs as many as memory may hold;
/// those of all others are looked for whenever a step takes them. The numbers are the same.
struct TrainingExamples: Sendable {
  private let frames: StoredFrames
  private let elementEnergies: ElementEnergies
  private let cutoff: Double
  /// Of the first frames.
  private let kept: [Example]

  /// Keeps as many bytes of examples as the frames may take.
  /// - Throws: `ArgumentError` as ``Example``, for those that are kept; `FileError` for frames that
  ///   cannot be read.
  init(_ frames: StoredFrames, elementEnergies: ElementEnergies, cutoff: Double) throws {
    (self.frames, self.elementEnergies, self.cutoff) = (frames, elementEnergies, cutoff)
    var (kept, bytes): ([Example], Int) = ([], 0)
    for index in frames.indices {
      let example = try Example(frames[index], elementEnergies: elementEnergies, cutoff: cutoff)
      bytes += example.memory
      if bytes > frames.memory { break }
      kept.append(example)
    }
    self.kept = kept
  }

  /// The number of frames.
  var count: Int { frames.count }

  /// A frame, by its index in the training set.
  /// - Throws: As the initializer.
  func example(_ index: Int) throws -> Example {
    if index < kept.count { return kept[index] }
    return try Example(frames[index], elementEnergies: elementEnergies, cutoff: cutoff)
  }

  /// Whether some frame has a pair of atoms.
  func havePairs() throws -> Bool {
    for index in frames.indices where try example(index).pairCount > 0 { return true }
    return false
  }
}

extension Example {
  /// About what it takes of memory, in bytes: its arrays, each with what the allocator adds, and
  /// itself.
  fileprivate var memory: Int {
    let numbers =
      species.count + destinations.count + sources.count + displacements.count
      + (forces?.count ?? 0) + (stress?.count ?? 0)
    return MemoryLayout<Example>.stride + 6 * 48 + 4 * numbers
  }
}
