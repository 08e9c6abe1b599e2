internal import E3xEngine
internal import E3xFiles

extension TrainingScales {
  /// Those of training frames.
  /// - Throws: `ArgumentError` for a frame that has no pairs that could be found; `FileError` for one
  ///   that cannot be read.
  init(_ frames: StoredFrames, cutoff: Double) throws {
    self.init(
      energy: try Self.energy(frames),
      neighbors: try MeanCounts(frames, cutoff: cutoff).neighbors)
  }

  private static func energy(_ frames: StoredFrames) throws(FileError) -> Double {
    var (squares, count) = (0.0, 0)
    for index in frames.indices {
      guard let forces = try frames[index].forces else { continue }
      for force in forces { squares += force * force }
      count += forces.count
    }
    guard count > 0 else { return 1 }
    let scale = (squares / Double(count)).squareRoot()
    return scale > 1e-3 ? scale : 1
  }
}
