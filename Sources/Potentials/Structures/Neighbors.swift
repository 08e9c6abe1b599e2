public import E3xEngine
public import E3xNN
internal import E3xLimits

/// All ordered pairs of atoms closer than a cutoff, sorted by the first; in periodic structures, of
/// atoms and images of atoms, those of the first atom itself included.
///
/// The vectors of the pairs are formed in double precision from the positions, so that they are
/// right to rounding wherever the atoms are.
public struct Neighbors: Sendable, Equatable {
  /// The atom that sees, for each pair.
  public private(set) var destinations: [Int32] = []
  /// The atom that is seen, or whose image is.
  public private(set) var sources: [Int32] = []
  /// From the atom that sees to the one that is seen, Å; [P, 3] in row-major order.
  public private(set) var displacements: [Double] = []

  /// The pairs of a structure.
  ///
  /// - Parameter positions: 3N Cartesian coordinates, Å; they need not lie in the cell
  /// - Parameter cell: nil for a molecule
  /// - Parameter cutoff: Å; for a molecule it may be infinite
  /// - Throws: `ArgumentError` naming `positions` unless there are three finite ones for each atom,
  ///   `cutoff` if it is not positive or gives more pairs than memory holds.
  /// - Complexity: O(N + P) for N atoms of any density and P pairs; on all threads.
  public init(
    positions: [Double], cell: Cell? = nil, cutoff: Double
  ) throws(ArgumentError) {
    try Neighbors.check(positions, cell, cutoff)
    let grid = try CellGrid(positions, cell, cutoff: cutoff)
    self.init(try NeighborSearch(grid, atoms: positions.count / 3).parts())
  }

  /// The pairs of all parts, in their order.
  init(_ parts: [NeighborSearch.Part]) {
    let total = parts.reduce(0) { $0 + $1.pairs.count }
    destinations.reserveCapacity(total)
    for part in parts {
      for (atom, count) in zip(part.atoms, part.counts) {
        for _ in 0..<count { destinations.append(Int32(atom)) }
      }
    }
    sources = [Int32](unsafeUninitializedCapacity: total) { sources, count in
      for part in parts {
        sources.baseAddress?.advanced(by: count).update(
          from: part.pairs.sources, count: part.pairs.count)
        count += part.pairs.count
      }
    }
    displacements = [Double](unsafeUninitializedCapacity: 3 * total) { vectors, count in
      for part in parts {
        vectors.baseAddress?.advanced(by: count).update(
          from: part.pairs.vectors, count: 3 * part.pairs.count)
        count += 3 * part.pairs.count
      }
    }
  }

  /// Requires what a search can be made of.
  static func check(
    _ positions: [Double], _ cell: Cell?, _ cutoff: Double
  ) throws(ArgumentError) {
    guard positions.count % 3 == 0 else {
      throw ArgumentError(
        "Neighbors", "positions",
        "expected three coordinates for each atom, received \(positions.count) numbers")
    }
    if let bad = positions.firstIndex(where: { !$0.isFinite }) {
      throw ArgumentError(
        "Neighbors", "positions",
        "expected finite numbers, received \(positions[bad]) for atom \(bad / 3)")
    }
    let isPeriodic = cell?.isPeriodic.contains(true) ?? false
    guard cutoff > 0, !isPeriodic || cutoff < .infinity else {
      throw ArgumentError(
        "Neighbors", "cutoff",
        "expected a positive \(isPeriodic ? "finite " : "")number, received \(cutoff)")
    }
  }

  /// The number of pairs.
  public var count: Int { destinations.count }
}

extension Pairs {
  /// The pairs as layers take them.
  /// - Throws: nothing in practice: indices of atoms are not negative.
  public init(_ neighbors: Neighbors) throws {
    try self.init(
      dstIdx: Tensor(neighbors.destinations), srcIdx: Tensor(neighbors.sources))
  }
}
