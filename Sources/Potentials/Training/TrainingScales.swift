internal import E3xEngine

extension TrainingScales {
  /// Those of training frames.
  /// - Throws: `ArgumentError` for a frame that has no pairs that could be found.
  init(_ frames: [LabelledFrame], cutoff: Double) throws(ArgumentError) {
    self.init(
      energy: Self.energy(frames), neighbors: try MeanCounts(frames, cutoff: cutoff).neighbors)
  }

  private static func energy(_ frames: [LabelledFrame]) -> Double {
    let forces = frames.compactMap(\.forces).joined()
    guard !forces.isEmpty else { return 1 }
    let scale = (forces.reduce(0) { $0 + $1 * $1 } / Double(forces.count)).squareRoot()
    return scale > 1e-3 ? scale : 1
  }
}
