import E3xEngine
import E3xPotentials
import TestSupport
import Testing

@Suite struct NeighborListTests {
  /// Along a random walk of atoms and cell, the pairs are those of a search anew, though they were
  /// searched less often.
  @Test(arguments: 0..<60) func pairsAreThoseOfASearch(seed: Int) throws {
    var structure = try RandomStructure(seed: seed)
    var dice = Dice(seed: 1000 + seed)
    let skin = dice.pick([0.0, 0.3, 1.0])
    var list = try NeighborList(cutoff: structure.cutoff, skin: skin)
    let (steps, size) = (12, dice.pick([0.01, 0.05]))
    for step in 0..<steps {
      let found = try list.neighbors(positions: structure.positions, cell: structure.cell)
      let expected = try Neighbors(
        positions: structure.positions, cell: structure.cell, cutoff: structure.cutoff)
      expectSamePairs(found.rows, expected.rows, "\(structure), step \(step)")
      for index in structure.positions.indices {
        structure.positions[index] += dice.uniform(1, -size, size)[0]
      }
      if let cell = structure.cell, dice.flag() {
        let change = dice.uniform(9, -1e-3, 1e-3)
        let vectors = (0..<9).map { cell.vectors[$0 / 3][$0 % 3] + change[$0] }
        structure.cell = try Cell(vectors, periodic: cell.isPeriodic)
      }
    }
    let atoms = structure.positions.count / 3
    if skin == 1, size == 0.01, structure.cell == nil { #expect(list.searches == 1) }
    if skin == 0, atoms > 0 { #expect(list.searches == steps) }
  }

  /// A strain moves atoms as much in a skewed description of a crystal as in the plain one.
  @Test func aStrainOfASkewedCellIsSmall() throws {
    var list = try NeighborList(cutoff: 4, skin: 0.4)
    for (step, scale) in [1.0, 1.001, 0.999].enumerated() {
      let vectors = [3, 0, 0, 1, 3, 0, 30_000_001, 4, 3].map { scale * $0 }
      let positions = [0, 0, 0, 1, 1.5, 1.5].map { scale * $0 }
      let cell = try Cell(vectors)
      let found = try list.neighbors(positions: positions, cell: cell)
      let expected = try Neighbors(positions: positions, cell: cell, cutoff: 4)
      #expect(found.count > 20 && list.searches == 1)
      let (pairs, references) = (found.rows, expected.rows)
      #expect(pairs.count == references.count, "step \(step)")
      // What rounding of the long vector leaves of the short ones.
      for (pair, reference) in matched(pairs, references) {
        for (x, y) in matched(pair, reference) { #expect(abs(x - y) < 1e-7) }
      }
    }
  }

  /// Other atoms, or other directions along which they repeat, are searched anew.
  @Test func whatIsNotTheSame() throws {
    var list = try NeighborList(cutoff: 2, skin: 5)
    let cube = [4.0, 0, 0, 0, 4, 0, 0, 0, 4]
    _ = try list.neighbors(positions: [0, 0, 0, 1, 0, 0], cell: Cell(cube))
    _ = try list.neighbors(positions: [0, 0, 0, 1, 0, 0], cell: Cell(cube))
    #expect(list.searches == 1)
    _ = try list.neighbors(
      positions: [0, 0, 0, 1, 0, 0], cell: Cell(cube, periodic: [true, false, true]))
    #expect(list.searches == 2)
    #expect(try list.neighbors(positions: [0, 0, 0, 1, 0, 0]).count == 2)
    #expect(try list.neighbors(positions: [0, 0, 0]).count == 0)
    #expect(list.searches == 4)
  }

  @Test func argumentsAreNamed() throws {
    for cutoff in [0, -1, Double.nan, Double.infinity] {
      let error = #expect(throws: ArgumentError.self) {
        try NeighborList(cutoff: cutoff, skin: 0)
      }
      #expect(error?.argument == "cutoff")
    }
    for skin in [-0.1, Double.nan, Double.infinity] {
      let error = #expect(throws: ArgumentError.self) { try NeighborList(cutoff: 1, skin: skin) }
      #expect(error?.argument == "skin")
    }
  }
}
