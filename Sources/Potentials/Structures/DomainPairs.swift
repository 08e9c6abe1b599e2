internal import E3xEngine
internal import Synchronization

/// The pairs of a domain that energies of atoms that contribute depend on, among the atoms that these
/// pairs have, numbered anew.
struct DomainPairs {
  /// The atom of the domain that each atom is: those that contribute, in their order, then those that
  /// a hop reaches behind all that the hop before reached.
  private(set) var atoms: [Int]
  /// The pairs, by the new numbers; atoms that only the last hop reaches see nobody.
  let pairs: Neighbors

  /// - Parameter hops: over how many cutoffs an atom's energy depends on others; nil for all there
  ///   are.
  /// - Complexity: O(N + P) for N atoms and P neighbours; on all threads, but for the numbering.
  init(_ domain: Domain, cutoff: Double, hops: Int?) {
    atoms = domain.contributes.indices.filter { domain.contributes[$0] }
    let unseen = Int32(-1)
    var numbers = [Int32](repeating: unseen, count: domain.count)
    for (number, atom) in atoms.enumerated() { numbers[atom] = Int32(number) }
    var parts: [NeighborSearch.Part] = []
    var (next, hop) = (0, 0)
    while next < atoms.count, hops.map({ hop < $0 }) ?? true {
      let found = domain.parts(of: atoms, next..<atoms.count, cutoff: cutoff)
      (next, hop) = (atoms.count, hop + 1)
      for part in found {
        let sources = part.pairs.sources
        for place in 0..<part.pairs.count {
          let other = Int(sources[place])
          if numbers[other] == unseen {
            numbers[other] = Int32(atoms.count)
            atoms.append(other)
          }
          sources[place] = numbers[other]
        }
      }
      parts += found
    }
    pairs = Neighbors(parts)
  }
}

extension Domain {
  /// The pairs within a cutoff of atoms of a range of a list, in parts that follow each other.
  ///
  /// The atom that sees has the number of its place in the list, the one that is seen that of the
  /// domain.
  fileprivate func parts(
    of atoms: [Int], _ range: Range<Int>, cutoff: Double
  ) -> [NeighborSearch.Part] {
    let number = max(1, min(64, range.count / 64))
    let results = Mutex([NeighborSearch.Part?](repeating: nil, count: number))
    ThreadPool.shared.run(parts: number) { index in
      let own =
        range.lowerBound + range.count * index / number..<range.lowerBound + range.count
        * (index + 1) / number
      let candidates = own.reduce(0) { $0 + firsts[atoms[$1] + 1] - firsts[atoms[$1]] }
      var part = NeighborSearch.Part(
        atoms: own, pairs: PairBuffer(capacity: max(1, candidates), hasImages: false))
      part.counts.reserveCapacity(own.count)
      for place in own {
        let before = part.pairs.count
        appendNeighbors(of: atoms[place], within: cutoff, to: part.pairs)
        part.counts.append(Int32(part.pairs.count - before))
      }
      let done = part
      results.withLock { $0[index] = done }
    }
    return results.withLock { $0.map { $0! } }
  }

  /// Appends what an atom sees to pairs that have room for all its neighbours.
  ///
  /// What is too far is overwritten by the next, without a branch.
  private func appendNeighbors(of atom: Int, within cutoff: Double, to pairs: PairBuffer) {
    let limit = cutoff * cutoff
    let (sources, vectors) = (pairs.sources, pairs.vectors)
    var count = pairs.count
    positions.withUnsafeBufferPointer { positions in
      let (x, y, z) = (positions[3 * atom], positions[3 * atom + 1], positions[3 * atom + 2])
      neighbors.withUnsafeBufferPointer { neighbors in
        for place in firsts[atom]..<firsts[atom + 1] {
          let other = Int(neighbors[place])
          let (dx, dy, dz) = (
            positions[3 * other] - x, positions[3 * other + 1] - y, positions[3 * other + 2] - z
          )
          sources[count] = neighbors[place]
          vectors[3 * count] = dx
          vectors[3 * count + 1] = dy
          vectors[3 * count + 2] = dz
          count += dx * dx + dy * dy + dz * dz < limit ? 1 : 0
        }
      }
    }
    pairs.count = count
  }
}
