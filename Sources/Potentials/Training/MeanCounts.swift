internal import E3xEngine

/// How many atoms and pairs frames have on average, from a hundred of them at most.
struct MeanCounts {
  /// Of a frame.
  private let atoms: Double
  /// Of a frame, both ways.
  private let pairs: Double

  /// - Throws: `ArgumentError` for a frame that has no pairs that could be found; `FileError` for one
  ///   that cannot be read.
  init(_ frames: StoredFrames, cutoff: Double) throws {
    var (atoms, pairs, count) = (0, 0, 0)
    for index in stride(from: 0, to: frames.count, by: max(1, frames.count / 100)) {
      let frame = try frames[index]
      pairs += try Neighbors(
        positions: frame.positions, cell: frame.periodicCell(), cutoff: cutoff
      ).count
      atoms += frame.count
      count += 1
    }
    self.atoms = Double(atoms) / Double(max(1, count))
    self.pairs = Double(pairs) / Double(max(1, count))
  }

  /// Atoms and pairs of a frame, together.
  var rows: Double { atoms + pairs }

  /// Of an atom.
  var neighbors: Double { pairs / max(1, atoms) }
}
