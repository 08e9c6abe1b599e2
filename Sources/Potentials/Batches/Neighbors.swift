public import E3xEngine
public import E3xNN

/// All ordered pairs of atoms closer than a cutoff, sorted by the first.
///
/// The vectors of the pairs are formed in double precision from the positions, so that they are
/// right to rounding wherever the atoms are.
public struct Neighbors: Sendable, Equatable {
  /// The atom that sees, for each pair.
  public private(set) var destinations: [Int32] = []
  /// The atom that is seen.
  public private(set) var sources: [Int32] = []
  /// From the atom that sees to the one that is seen, Å; [P, 3] in row-major order.
  public private(set) var displacements: [Double] = []

  /// The pairs of a molecule.
  ///
  /// - Parameter positions: 3N Cartesian coordinates, Å
  /// - Parameter cutoff: Å
  /// - Throws: `ArgumentError` naming `positions` unless there are three for each atom.
  /// - Complexity: O(N²)
  public init(positions: [Double], cutoff: Double) throws(ArgumentError) {
    guard positions.count % 3 == 0 else {
      throw ArgumentError(
        "Neighbors", "positions",
        "expected three coordinates for each atom, received \(positions.count) numbers")
    }
    self.init(coordinates: positions, cutoff: cutoff)
  }

  /// The pairs of a frame, whose coordinates are known to come in threes.
  init(coordinates positions: [Double], cutoff: Double) {
    let count = positions.count / 3
    let limit = cutoff * cutoff
    for i in 0..<count {
      let (x, y, z) = (positions[3 * i], positions[3 * i + 1], positions[3 * i + 2])
      for j in 0..<count where j != i {
        let dx = positions[3 * j] - x
        let dy = positions[3 * j + 1] - y
        let dz = positions[3 * j + 2] - z
        if dx * dx + dy * dy + dz * dz < limit {
          destinations.append(Int32(i))
          sources.append(Int32(j))
          displacements.append(dx)
          displacements.append(dy)
          displacements.append(dz)
        }
      }
    }
  }

  /// The number of pairs.
  public var count: Int { destinations.count }
}

extension Pairs {
  /// The pairs of a molecule as layers take them.
  /// - Throws: nothing in practice: indices of atoms are not negative.
  public init(_ neighbors: Neighbors) throws {
    try self.init(
      dstIdx: Tensor(neighbors.destinations), srcIdx: Tensor(neighbors.sources))
  }
}
