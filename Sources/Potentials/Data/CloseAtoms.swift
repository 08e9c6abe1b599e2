/// The two atoms of a frame, images included, that are closer than any others, if they are closer
/// than atoms come.
struct CloseAtoms {
  /// From 0; the same twice for an atom and an image of it.
  let first: Int
  let second: Int
  /// Å
  let distance: Double

  /// Closer than this, in Å, are two atoms at one place: nothing tells where the one is seen from
  /// the other.
  static let coincidence = 1e-4
  /// Closer than this, in Å, no two atoms come.
  static let nearness = 0.1

  /// Nil if no atoms are close, and for a frame that is none.
  init?(_ frame: LabelledFrame) {
    guard let cell = try? frame.periodicCell() as Cell??,
      let shape = try? GridShape.best(frame.positions, cell, cutoff: Self.nearness).shape,
      shape.candidates < Self.candidateLimit * Double(max(frame.count, 1000)),
      let pairs = try? Neighbors(positions: frame.positions, cell: cell, cutoff: Self.nearness)
    else { return nil }
    var closest: (pair: Int, square: Double)?
    for pair in 0..<pairs.count {
      let square = (0..<3).reduce(0) { sum, axis in
        sum + pairs.displacements[3 * pair + axis] * pairs.displacements[3 * pair + axis]
      }
      if square < closest?.square ?? .infinity { closest = (pair, square) }
    }
    guard let closest else { return nil }
    first = Int(pairs.destinations[closest.pair])
    second = Int(pairs.sources[closest.pair])
    distance = closest.square.squareRoot()
  }

  /// Cells in which a search would look at more images for each atom, or a million in small ones,
  /// are of no structure, and are not looked at.
  private static let candidateLimit = 1e3

  /// Whether they are at one place.
  var coincide: Bool { distance <= Self.coincidence }

  /// `atoms 1 and 2 coincide`, `atoms 1 and 2 are 0.05 Å apart`.
  var text: String {
    let atoms =
      first == second
      ? "atom \(first + 1) and an image of it" : "atoms \(first + 1) and \(second + 1)"
    return coincide ? "\(atoms) coincide" : "\(atoms) are \(Float(distance)) Å apart"
  }
}
