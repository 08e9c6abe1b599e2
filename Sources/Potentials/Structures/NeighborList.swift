public import E3xEngine
internal import Synchronization

/// The pairs of a structure that moves in small steps, as in dynamics: candidates within the cutoff
/// and a skin are searched once and used again until some pair outside of them could have come
/// closer than the cutoff.
///
///     var list = try NeighborList(cutoff: 5, skin: 0.5)
///     for _ in 0..<steps {
///       let pairs = try list.neighbors(positions: positions, cell: cell)
///       …
///     }
///
/// The pairs of every step are, but for rounding and the order within an atom, those of
/// ``Neighbors``.
public struct NeighborList: Sendable {
  /// Å
  public let cutoff: Double
  /// How far beyond the cutoff candidates are searched, Å.
  public let skin: Double
  /// How often candidates were searched.
  public private(set) var searches = 0

  private var candidates: Candidates?

  /// What the last search found, and where atoms were then.
  fileprivate struct Candidates: Sendable {
    let positions: [Double]
    let cell: Cell?
    let parts: [NeighborSearch.Part]
    /// The short vectors that images are of, if not of the cell's own.
    let reduction: LatticeReduction?
    /// The farthest image along each vector.
    let farthest: SIMD3<Double>
  }

  /// A list of nothing yet.
  /// - Throws: `ArgumentError` naming `cutoff` if it is not positive and finite, or `skin` if it is
  ///   negative or not finite.
  public init(cutoff: Double, skin: Double) throws(ArgumentError) {
    guard cutoff > 0, cutoff < .infinity else {
      throw ArgumentError(
        "NeighborList", "cutoff", "expected a positive finite number, received \(cutoff)")
    }
    guard skin >= 0, skin < .infinity else {
      throw ArgumentError(
        "NeighborList", "skin", "expected a finite number that is not negative, received \(skin)")
    }
    (self.cutoff, self.skin) = (cutoff, skin)
  }

  /// The pairs closer than the cutoff.
  ///
  /// - Parameters:
  ///   - positions: 3N Cartesian coordinates, Å: of the same atoms in the same order as before, not
  ///     wrapped anew between calls (that costs a search).
  ///   - cell: nil for a molecule; its vectors may change from call to call.
  /// - Throws: `ArgumentError` as ``Neighbors/init(positions:cell:cutoff:images:)``.
  public mutating func neighbors(
    positions: [Double], cell: Cell? = nil
  ) throws(ArgumentError) -> Neighbors {
    try Neighbors.check(positions, cell, cutoff)
    if let candidates, candidates.areComplete(positions, cell, skin: skin) {
      return Neighbors(candidates.within(cutoff, positions, cell))
    }
    let found = try search(positions: positions, cell: cell)
    return Neighbors(found.within(cutoff, positions, cell))
  }

  /// Where atoms were, and the cell, when candidates were searched last: a list that has searched there
  /// goes on as this one, to the order of pairs. Nil if they never were.
  package var searched: (positions: [Double], cell: Cell?)? {
    candidates.map { ($0.positions, $0.cell) }
  }

  /// Searches candidates, whether it is necessary or not.
  @discardableResult
  private mutating func search(
    positions: [Double], cell: Cell?
  ) throws(ArgumentError) -> Candidates {
    let grid = try CellGrid(positions, cell, cutoff: cutoff + skin)
    let parts = try NeighborSearch(grid, atoms: positions.count / 3).parts(hasImages: true)
    let found = Candidates(positions, cell, parts, grid.reduction)
    candidates = found
    searches += 1
    return found
  }

  /// Searches candidates where another list did: see ``searched``.
  /// - Throws: `ArgumentError` as ``neighbors(positions:cell:)``.
  package mutating func searchAgain(positions: [Double], cell: Cell?) throws(ArgumentError) {
    try Neighbors.check(positions, cell, cutoff)
    try search(positions: positions, cell: cell)
  }
}

extension NeighborList.Candidates {
  fileprivate init(
    _ positions: [Double], _ cell: Cell?, _ parts: [NeighborSearch.Part],
    _ reduction: LatticeReduction?
  ) {
    (self.positions, self.cell, self.parts) = (positions, cell, parts)
    self.reduction = reduction
    var farthest = SIMD3<Double>()
    for part in parts {
      guard let images = part.pairs.images else { continue }
      for pair in 0..<part.pairs.count {
        let image = SIMD3<Double>(images[pair])
        farthest = pointwiseMax(farthest, pointwiseMax(image, -image))
      }
    }
    self.farthest = farthest
  }

  /// The vectors that images are of, in a cell that came of the one of the search.
  private func periods(_ cell: Cell) -> [SIMD3<Double>] {
    let vectors = reduction?.applied(to: cell).vectors ?? cell.vectors
    return (0..<3).map { cell.isPeriodic[$0] ? vectors[$0] : SIMD3() }
  }

  /// Whether no pair that is not among them can be closer than the cutoff now: no vector between
  /// atoms has changed by more than the skin.
  ///
  /// Images of pairs that were not found may lie one cell farther than those that were.
  fileprivate func areComplete(_ new: [Double], _ newCell: Cell?, skin: Double) -> Bool {
    guard new.count == positions.count, newCell?.isPeriodic == cell?.isPeriodic else {
      return false
    }
    var largest = 0.0
    for atom in 0..<(new.count / 3) {
      var square = 0.0
      for axis in 0..<3 {
        let moved = new[3 * atom + axis] - positions[3 * atom + axis]
        square += moved * moved
      }
      largest = max(largest, square)
    }
    var change = 2 * largest.squareRoot()
    if let cell, let newCell, cell != newCell {
      let (before, now) = (periods(cell), periods(newCell))
      for axis in 0..<3 { change += (farthest[axis] + 1) * (now[axis] - before[axis]).length }
    }
    return change <= skin
  }

  /// Those closer than the cutoff, with their vectors now.
  fileprivate func within(
    _ cutoff: Double, _ positions: [Double], _ cell: Cell?
  ) -> [NeighborSearch.Part] {
    let periods = cell.map { self.periods($0) } ?? [SIMD3(), SIMD3(), SIMD3()]
    let results = Mutex([NeighborSearch.Part?](repeating: nil, count: parts.count))
    ThreadPool.shared.run(parts: parts.count) { index in
      let part = parts[index]
      let filtered = part.within(cutoff, positions, periods)
      results.withLock { $0[index] = filtered }
    }
    return results.withLock { $0 }.compactMap(\.self)
  }
}

extension NeighborSearch.Part {
  /// The pairs that are closer than a cutoff.
  fileprivate func within(
    _ cutoff: Double, _ positions: [Double], _ periods: [SIMD3<Double>]
  ) -> NeighborSearch.Part {
    let found = PairBuffer(capacity: pairs.count + 1, hasImages: false)
    guard let images = pairs.images else { return self }
    var counts: [Int32] = []
    counts.reserveCapacity(self.counts.count)
    let limit = cutoff * cutoff
    let (sources, vectors) = (found.sources, found.vectors)
    var (pair, count) = (0, 0)
    positions.withUnsafeBufferPointer { positions in
      for (atom, candidates) in zip(atoms, self.counts) {
        let first = count
        let (x, y, z) = (positions[3 * atom], positions[3 * atom + 1], positions[3 * atom + 2])
        for _ in 0..<candidates {
          let source = Int(pairs.sources[pair])
          let image = SIMD3<Double>(images[pair])
          let shift = image.x * periods[0] + image.y * periods[1] + image.z * periods[2]
          let dx = positions[3 * source] - x + shift.x
          let dy = positions[3 * source + 1] - y + shift.y
          let dz = positions[3 * source + 2] - z + shift.z
          // What is too far is overwritten by the next.
          sources[count] = Int32(source)
          vectors[3 * count] = dx
          vectors[3 * count + 1] = dy
          vectors[3 * count + 2] = dz
          count += dx * dx + dy * dy + dz * dz < limit ? 1 : 0
          pair += 1
        }
        counts.append(Int32(count - first))
      }
    }
    found.count = count
    return NeighborSearch.Part(atoms: atoms, counts: counts, pairs: found)
  }
}
