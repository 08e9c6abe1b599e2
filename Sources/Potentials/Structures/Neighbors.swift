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
  /// How often the cell's vectors are to be added to the source's position for where it is seen,
  /// [P, 3] in row-major order, 0 along directions in which nothing repeats; empty unless images
  /// were asked for.
  public private(set) var images: [Int32] = []

  /// The pairs of a structure.
  ///
  /// Cells may be as skewed as they like: the search is in short vectors of the same lattice, where
  /// that is less work.
  ///
  /// - Parameter positions: 3N Cartesian coordinates, Å; they need not lie in the cell
  /// - Parameter cell: nil for a molecule
  /// - Parameter cutoff: Å; for a molecule it may be infinite
  /// - Parameter images: whether images are wanted too, which takes more time and memory
  /// - Throws: `ArgumentError` naming `positions` unless there are three finite ones for each atom,
  ///   `cutoff` if it is not positive or gives more pairs than memory holds, `cell` if its vectors
  ///   hold each other 2³¹ times, or if images do the cell's vectors.
  /// - Complexity: O(N + P) for N atoms of any density and P pairs; on all threads.
  public init(
    positions: [Double], cell: Cell? = nil, cutoff: Double, images: Bool = false
  ) throws(ArgumentError) {
    try Neighbors.check(positions, cell, cutoff)
    let grid = try CellGrid(positions, cell, cutoff: cutoff)
    let search = NeighborSearch(grid, atoms: positions.count / 3)
    let parts = try search.parts(hasImages: images)
    self.init(parts)
    if images { self.images = try Neighbors.images(parts, grid.reduction) }
  }

  /// The images of all parts, in vectors of the cell.
  private static func images(
    _ parts: [NeighborSearch.Part], _ reduction: LatticeReduction?
  ) throws(ArgumentError) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(3 * parts.reduce(0) { $0 + $1.pairs.count })
    for part in parts {
      guard let images = part.pairs.images else { continue }
      for pair in 0..<part.pairs.count {
        guard let image = reduction.map({ $0.image(images[pair]) }) ?? images[pair] else {
          throw ArgumentError(
            "Neighbors", "cell",
            "images lie 2^31 times one of its vectors away or more: give shorter vectors")
        }
        result.append(image.x)
        result.append(image.y)
        result.append(image.z)
      }
    }
    return result
  }

  /// Pairs that a caller brings, sorted by destination or not.
  /// - Parameters:
  ///   - destinations: the atom that sees, for each pair
  ///   - sources: the atom that is seen; as many
  ///   - displacements: from the one to the other, Å; three for each pair
  init(destinations: [Int32], sources: [Int32], displacements: [Double]) {
    (self.destinations, self.sources) = (destinations, sources)
    self.displacements = displacements
  }

  /// The pairs of all parts, in their order.
  init(_ parts: [NeighborSearch.Part]) {
    var firsts = [0]
    for part in parts { firsts.append(firsts[firsts.count - 1] + part.pairs.count) }
    let total = firsts[parts.count]
    destinations = Neighbors.filled(total) { destinations in
      ThreadPool.shared.run(parts: parts.count) { index in
        var next = destinations + firsts[index]
        for (atom, count) in zip(parts[index].atoms, parts[index].counts) {
          next.update(repeating: Int32(atom), count: Int(count))
          next += Int(count)
        }
      }
    }
    sources = Neighbors.filled(total) { sources in
      ThreadPool.shared.run(parts: parts.count) { index in
        let pairs = parts[index].pairs
        (sources + firsts[index]).update(from: pairs.sources, count: pairs.count)
      }
    }
    displacements = Neighbors.filled(3 * total) { vectors in
      ThreadPool.shared.run(parts: parts.count) { index in
        let pairs = parts[index].pairs
        (vectors + 3 * firsts[index]).update(from: pairs.vectors, count: 3 * pairs.count)
      }
    }
  }

  /// An array whose elements are written where they will lie, in large pages where it is large.
  private static func filled<Element: BitwiseCopyable>(
    _ count: Int, _ write: (UnsafeMutablePointer<Element>) -> Void
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: count) { elements, written in
      LargePages.ask(for: UnsafeMutableRawBufferPointer(elements))
      if let first = elements.baseAddress, count > 0 { write(first) }
      written = count
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
