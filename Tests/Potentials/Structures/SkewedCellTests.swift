import E3xEngine
import E3xPotentials
import TestSupport
import Testing

/// Cells whose vectors are not the shortest of their lattice.
@Suite struct SkewedCellTests {
  /// A structure, and the same one in a cell of integer combinations of its vectors.
  private struct Description {
    var structure: RandomStructure
    var cell: Cell
    /// Rows: how often the plain cell's vectors are in those of the other; and the inverse.
    var multiples: [[Int]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    var inverse: [[Int]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]

    init(seed: Int) throws {
      structure = try RandomStructure(seed: 5000 + seed)
      var dice = Dice(seed: 6000 + seed)
      let periodic = dice.pick([
        [true, true, true], [true, true, true], [true, true, false], [true, false, true],
        [false, true, true],
      ])
      // Multiples of these are exact, so that both cells have one lattice.
      let given = try structure.cell ?? Cell([6, 0, 0, 0.5, 6, 0, -2, 1, 7])
      let plain = given.vectors.map { vector in
        (0..<3).map { (vector[$0] * 0x1p12).rounded() * 0x1p-12 }
      }
      let full = [[5, 0.5, 0], [0, 6, 1], [1, 0, 4]]
      let vectors = (0..<3).map { axis in
        plain[axis] == [0, 0, 0] || !given.isPeriodic[axis] && periodic[axis]
          ? full[axis] : plain[axis]
      }
      cell = try Cell(vectors.flatMap(\.self), periodic: periodic)
      structure.cell = cell
      let axes = (0..<3).filter { periodic[$0] }
      let sizes = dice.pick([[1], [3, 3, 3], [40, 40, 40, 40], [1_000_000], [1000, 1, 1000]])
      for size in sizes {
        let axis = dice.roll(axes.count)
        let other = axes[(axis + 1 + dice.roll(axes.count - 1)) % axes.count]
        add(dice.pick([-1, 1]) * size, of: other, to: axes[axis])
      }
      var skewed: [Double] = []
      for row in multiples {
        for column in 0..<3 {
          skewed.append((0..<3).reduce(0.0) { $0 + Double(row[$1]) * vectors[$1][column] })
        }
      }
      cell = try Cell(skewed, periodic: periodic)
    }

    private mutating func add(_ count: Int, of other: Int, to axis: Int) {
      for index in 0..<3 {
        multiples[axis][index] += count * multiples[other][index]
        inverse[index][other] -= count * inverse[index][axis]
      }
    }

    /// The pairs of the plain cell, their images in vectors of the other one.
    var expected: [[Double]] {
      structure.bruteForce().map { pair in
        var row = Array(pair[..<5])
        for column in 0..<3 {
          let image = (0..<3).reduce(0) { $0 + Int(pair[5 + $1]) * inverse[$1][column] }
          row.append(Double(image))
        }
        return row
      }
    }
  }

  @Test(arguments: 0..<120) func pairsAreThoseOfThePlainCell(seed: Int) throws {
    let description = try Description(seed: seed)
    let structure = description.structure
    let found = try Neighbors(
      positions: structure.positions, cell: description.cell, cutoff: structure.cutoff,
      images: true)
    expectSamePairs(
      found.rows, description.expected.sortedPairs, "\(structure), \(description.multiples)")
  }

  /// Candidates of a list with a skin are of short vectors too.
  @Test(arguments: 0..<20) func listsAreThoseOfThePlainCell(seed: Int) throws {
    let description = try Description(seed: seed)
    var structure = description.structure
    var list = try NeighborList(cutoff: structure.cutoff, skin: 0.5)
    for step in 0..<3 {
      let found = try list.neighbors(positions: structure.positions, cell: description.cell)
      let expected = structure.bruteForce().map { Array($0[..<5]) }
      expectSamePairs(found.rows, expected.sortedPairs, "\(structure), step \(step)")
      for index in structure.positions.indices {
        structure.positions[index] += 0.01 * Double((index * 7 + step) % 11 - 5)
      }
    }
  }

  /// A crystal of a thousand atoms, its third vector with a million of its first.
  @Test func manyAtoms() throws {
    let edge = 30.0
    let sites = (0..<1000).flatMap { [$0 / 100, $0 / 10 % 10, $0 % 10] }
    let positions = sites.map { 3 * Double($0) + 0.25 }
    let cell = try Cell([edge, 0, 0, 0, edge, 0, 1e6 * edge, -5 * edge, edge])
    let pairs = try Neighbors(positions: positions, cell: cell, cutoff: 4.3)
    #expect(pairs.count == 18 * 1000)
  }

  /// Directions along which nothing repeats are not mixed with others, whatever is given for them.
  @Test func openDirectionsStay() throws {
    let positions = [0.0, 0, 0, 1.5, 1.5, 2]
    let slab = try Cell([3, 0, 0, 90_000, 3, 0, 1e9, 1e9, 1], periodic: [true, true, false])
    let plain = try Cell([3, 0, 0, 0, 3, 0, 0, 0, 0], periodic: [true, true, false])
    let pairs = try Neighbors(positions: positions, cell: slab, cutoff: 4, images: true)
    let expected = try Neighbors(positions: positions, cell: plain, cutoff: 4, images: true)
    #expect(pairs.count == 16 && expected.count == 16)
    #expect(stride(from: 2, to: pairs.images.count, by: 3).allSatisfy { pairs.images[$0] == 0 })
    let wire = try Cell([90_000, 3, 0, 3, 0, 0, 0, 0, 0], periodic: [false, true, false])
    #expect(try Neighbors(positions: [0, 0, 0], cell: wire, cutoff: 4).count == 2)
  }

  @Test func whatWholeNumbersDoNotHoldIsRefused() throws {
    func argument(_ body: () throws -> Void) -> String? {
      do { try body() } catch let error as ArgumentError { return error.argument } catch {}
      return nil
    }
    // The second vector is the first one 3e9 times, and a rest.
    let skewed = try Cell([1, 0, 0, 3e9, 1, 0, 0, 0, 1])
    #expect(
      argument { _ = try Neighbors(positions: [0, 0, 0], cell: skewed, cutoff: 1.1) } == "cell")
    // Neighbours whose images are 3e9 vectors away, in a cell that is none of these.
    let cell = try Cell([1, 0, 0, 1e6, 1, 0, 0, 0, 1])
    let far = [0, 0, 0, 0.5, 3000.5, 0]
    #expect(try Neighbors(positions: far, cell: cell, cutoff: 0.8).count == 8)
    #expect(
      argument { _ = try Neighbors(positions: far, cell: cell, cutoff: 0.8, images: true) }
        == "cell")
  }
}
