internal import E3xEngine

/// A part of a structure with what surrounds it, as programs hold it that divide a structure among
/// processes: atoms whose energies count, and ghosts, which are there because the former see them.
///
/// Neighbours come from the caller, of ghosts too: an atom's energy depends on others over
/// ``PotentialModel/hops`` cutoffs, so ghosts are needed that far from every atom that contributes,
/// and neighbours of all of them but those that are reached by the last hop. Copies of one atom at
/// several places are atoms of their own; whoever made them adds their forces to the original's.
public struct Domain: Sendable {
  /// Atomic numbers, [N].
  public var atomicNumbers: [Int32]
  /// Cartesian coordinates in Å, [N, 3] in row-major order.
  public var positions: [Double]
  /// Whether an atom's energy counts, [N].
  public var contributes: [Bool]
  /// Where the neighbours of each atom begin in ``neighbors``, and after them where all end, [N + 1]:
  /// from 0, never decreasing.
  public var firsts: [Int]
  /// The atoms that each atom sees, one after the other. Both atoms of a pair see each other; which
  /// pairs lie beyond the cutoff does not matter.
  public var neighbors: [Int32]

  /// A domain of these parts.
  public init(
    atomicNumbers: [Int32], positions: [Double], contributes: [Bool], firsts: [Int],
    neighbors: [Int32]
  ) {
    (self.atomicNumbers, self.positions) = (atomicNumbers, positions)
    (self.contributes, self.firsts) = (contributes, firsts)
    self.neighbors = neighbors
  }

  /// The number of atoms, ghosts included.
  public var count: Int { atomicNumbers.count }

  /// Checks that the parts fit together.
  /// - Throws: `ArgumentError` naming the part, and the atom.
  func check(_ function: String) throws(ArgumentError) {
    func fail(_ argument: String, _ reason: String) -> ArgumentError {
      ArgumentError(function, argument, reason)
    }
    guard positions.count == 3 * count else {
      throw fail("positions", "expected \(3 * count) coordinates, received \(positions.count)")
    }
    if let bad = positions.firstIndex(where: { !$0.isFinite }) {
      throw fail(
        "positions", "expected finite numbers, received \(positions[bad]) for atom \(bad / 3)")
    }
    guard contributes.count == count else {
      throw fail("contributes", "expected \(count) values, received \(contributes.count)")
    }
    guard firsts.count == count + 1, firsts[0] == 0, firsts[count] == neighbors.count else {
      throw fail(
        "firsts",
        "expected \(count + 1) values from 0 to the number of neighbors, \(neighbors.count)")
    }
    if let atom = (0..<count).first(where: { firsts[$0 + 1] < firsts[$0] }) {
      throw fail("firsts", "decreases after atom \(atom)")
    }
    if let place = neighbors.firstIndex(where: { $0 < 0 || $0 >= count }) {
      throw fail(
        "neighbors", "index \(neighbors[place]) at position \(place) is outside 0 ..< \(count)")
    }
  }
}
