internal import E3xEngine
internal import E3xLimits
internal import Synchronization

/// Looks for the neighbours of all atoms, a range of atoms for each part of the work.
struct NeighborSearch {
  /// What was found for a range of atoms.
  struct Part: Sendable {
    let atoms: Range<Int>
    /// The number of pairs of each atom.
    var counts: [Int32] = []
    let pairs: PairBuffer
  }

  private let grid: CellGrid
  private let atoms: Int

  init(_ grid: CellGrid, atoms: Int) {
    self.grid = grid
    self.atoms = atoms
  }

  /// The parts, in the order of the atoms.
  /// - Throws: `ArgumentError` naming `cutoff` if memory does not hold all pairs.
  func parts(hasImages: Bool = false) throws(ArgumentError) -> [Part] {
    let number = max(1, min(64, atoms / 64))
    // 32 bytes a pair, and as much again where they are put together.
    let most = MemoryLimit.machine / 64
    let found = Atomic<Int>(0)
    let results = Mutex([Part?](repeating: nil, count: number))
    ThreadPool.shared.run(parts: number) { index in
      let range = atoms * index / number..<atoms * (index + 1) / number
      var part = Part(
        atoms: range, pairs: PairBuffer(capacity: 64 * range.count + 64, hasImages: hasImages))
      part.counts.reserveCapacity(range.count)
      for atom in range {
        let before = part.pairs.count
        grid.appendNeighbors(of: atom, to: part.pairs)
        let new = part.pairs.count - before
        part.counts.append(Int32(new))
        if found.add(new, ordering: .relaxed).newValue > most { return }
      }
      let done = part
      results.withLock { $0[index] = done }
    }
    let parts = results.withLock { $0 }
    guard !parts.contains(where: { $0 == nil }) else {
      throw ArgumentError(
        "Neighbors", "cutoff",
        "there are more pairs closer than this than \(Size.text(bytes: Double(MemoryLimit.machine))) "
          + "of memory hold")
    }
    return parts.map { $0! }
  }
}
