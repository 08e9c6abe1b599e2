import E3xEngine
import E3xPotentials
import TestSupport
import Testing

/// A structure with everything that can be odd: skewed cells, far atoms, open directions.
struct RandomStructure: CustomStringConvertible {
  var positions: [Double]
  var cell: Cell?
  var cutoff: Double
  let seed: Int

  var description: String { "structure \(seed): \(positions.count / 3) atoms, \(cutoff) Å" }

  init(seed: Int) throws {
    var dice = Dice(seed: seed)
    self.seed = seed
    let periodic = [dice.flag(), dice.flag(), dice.flag()]
    var size = dice.pick([1.0, 2.5, 6.0, 20.0])
    let count = dice.int(0...(size < 2 ? 4 : size < 7 ? 40 : 300))
    cutoff = dice.pick([0.7, 1.5, 2.9, 4.1])
    if dice.chance(0.05) { (size, cutoff) = (1, 6) }
    var vectors = dice.uniform(9, -0.35 * size, 0.35 * size)
    for axis in 0..<3 { vectors[4 * axis] += size * (dice.chance(0.2) ? 4 : 1) }
    // Vectors of open directions mean nothing.
    for axis in 0..<3 where !periodic[axis] && dice.flag() {
      for column in 0..<3 { vectors[3 * axis + column] = 0 }
    }
    cell = periodic.contains(true) || dice.flag() ? try Cell(vectors, periodic: periodic) : nil
    positions = dice.uniform(3 * count, 0, size)
    // Atoms outside of the cell, and the whole far away.
    for atom in 0..<count where dice.chance(0.2) {
      let axis = dice.roll(3)
      let times = Double(dice.int(-3...3))
      for column in 0..<3 { positions[3 * atom + column] += times * vectors[3 * axis + column] }
    }
    if dice.chance(0.2) {
      for index in positions.indices { positions[index] += Double(1000 * (index % 3) - 500) }
    }
  }

  /// All pairs, by trying every image that can be near: atoms, vector, image.
  func bruteForce() -> [[Double]] {
    let count = positions.count / 3
    func atom(_ index: Int) -> SIMD3<Double> {
      SIMD3(positions[3 * index], positions[3 * index + 1], positions[3 * index + 2])
    }
    let zero = SIMD3<Double>()
    let vectors = (0..<3).map { axis in
      cell?.isPeriodic[axis] == true ? cell!.vectors[axis] : zero
    }
    var pairs: [[Double]] = []
    for i in 0..<count {
      for j in 0..<count {
        let between = atom(j) - atom(i)
        for image in images(vectors, between) {
          let shift =
            Double(image.x) * vectors[0] + Double(image.y) * vectors[1]
            + Double(image.z) * vectors[2]
          if i == j && image == SIMD3() { continue }
          let d = between + shift
          if (d * d).sum() < cutoff * cutoff {
            let image = SIMD3<Double>(image)
            pairs.append([Double(i), Double(j), d.x, d.y, d.z, image.x, image.y, image.z])
          }
        }
      }
    }
    return pairs
  }

  /// Images for which the vector can be short: within what the reciprocal vectors allow.
  private func images(
    _ vectors: [SIMD3<Double>], _ between: SIMD3<Double>
  ) -> [SIMD3<Int>] {
    let ranges = (0..<3).map { axis -> ClosedRange<Int> in
      guard vectors[axis] != SIMD3() else { return 0...0 }
      // The part at right angles to the other vectors along which the structure repeats.
      var normal = vectors[axis]
      let others = (0..<3).filter { $0 != axis && vectors[$0] != SIMD3() }.map { vectors[$0] }
      var basis: [SIMD3<Double>] = []
      for other in others {
        var rest = other
        for known in basis { rest -= (rest * known).sum() / (known * known).sum() * known }
        basis.append(rest)
      }
      for known in basis { normal -= (normal * known).sum() / (known * known).sum() * known }
      let height = (normal * normal).sum().squareRoot()
      let along = (between * normal).sum() / height
      let low = ((-cutoff - along) / height).rounded(.down)
      let high = ((cutoff - along) / height).rounded(.up)
      return Int(low)...Int(high)
    }
    var images: [SIMD3<Int>] = []
    for x in ranges[0] {
      for y in ranges[1] { for z in ranges[2] { images.append(SIMD3(x, y, z)) } }
    }
    return images
  }
}

extension Neighbors {
  /// Atoms, vector and image of each pair, in an order that does not depend on rounding.
  var rows: [[Double]] {
    var rows: [[Double]] = []
    for pair in 0..<count {
      var row = [Double(destinations[pair]), Double(sources[pair])]
      row += displacements[(3 * pair)..<(3 * pair + 3)]
      if !images.isEmpty { row += images[(3 * pair)..<(3 * pair + 3)].map { Double($0) } }
      rows.append(row)
    }
    return rows.sortedPairs
  }
}

extension [[Double]] {
  /// Pairs sorted by atoms and vectors, as far as these differ by more than rounding.
  var sortedPairs: Self {
    sorted { a, b in
      for (x, y) in matched(a, b) where abs(x - y) > 1e-7 { return x < y }
      return false
    }
  }
}

/// Requires the same pairs: atoms and images exactly, vectors to rounding.
func expectSamePairs(_ pairs: [[Double]], _ expected: [[Double]], _ what: String) {
  #expect(pairs.count == expected.count, "\(what)")
  guard pairs.count == expected.count else { return }
  for (pair, reference) in matched(pairs, expected) {
    #expect(pair[..<2] == reference[..<2] && pair[5...] == reference[5...], "\(what)")
    for axis in 2..<5 { #expect(abs(pair[axis] - reference[axis]) < 1e-9, "\(what)") }
  }
}

@Suite struct NeighborsTests {
  @Test(arguments: [1, 2, 4, 7])
  func coordinatesComeInThrees(count: Int) throws {
    let error = #expect(throws: ArgumentError.self) {
      try Neighbors(positions: [Double](repeating: 0, count: count), cutoff: 1)
    }
    #expect(error?.argument == "positions")
  }

  @Test func noAtomsHaveNoPairs() throws {
    #expect(try Neighbors(positions: [], cutoff: 1).count == 0)
    #expect(try Neighbors(positions: [0, 0, 0, 0, 0, 0.5], cutoff: 1).count == 2)
    let cell = try Cell([2, 0, 0, 0, 2, 0, 0, 0, 2])
    #expect(try Neighbors(positions: [], cell: cell, cutoff: 1).count == 0)
    #expect(try Neighbors(positions: [7, 7, 7], cell: cell, cutoff: 2.1).count == 6)
  }

  /// The pairs are those that trying all images finds, in the order of the atoms that see.
  @Test(arguments: 0..<150) func pairsAreThoseOfAllImages(seed: Int) throws {
    let structure = try RandomStructure(seed: seed)
    let found = try Neighbors(
      positions: structure.positions, cell: structure.cell, cutoff: structure.cutoff,
      images: true)
    #expect(zip(found.destinations, found.destinations.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(found.sources.count == found.count && found.displacements.count == 3 * found.count)
    expectSamePairs(found.rows, structure.bruteForce().sortedPairs, "\(structure)")
    let plain = try Neighbors(
      positions: structure.positions, cell: structure.cell, cutoff: structure.cutoff)
    #expect(plain.images.isEmpty && plain.sources == found.sources)
    #expect(plain.displacements == found.displacements)
  }

  /// As many pairs as a lattice has neighbours, in parts that several threads look through.
  @Test func latticeOfManyAtoms() throws {
    let (n, a) = (12, 3.6)
    var positions: [Double] = []
    for x in 0..<n {
      for y in 0..<n {
        for z in 0..<n {
          for site in [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]] {
            positions += [
              a * (Double(x) + site[0]), a * (Double(y) + site[1]), a * (Double(z) + site[2]),
            ]
          }
        }
      }
    }
    let edge = a * Double(n)
    let cell = try Cell([edge, 0, 0, 0, edge, 0, 0, 0, edge])
    let pairs = try Neighbors(positions: positions, cell: cell, cutoff: 5)
    // Shells of 12, 6 and 24 atoms at a/√2, a and a √(3/2).
    #expect(pairs.count == 42 * 4 * n * n * n)
    var counts = [Int](repeating: 0, count: positions.count / 3)
    for destination in pairs.destinations { counts[Int(destination)] += 1 }
    #expect(counts.allSatisfy { $0 == 42 })
  }

  @Test func argumentsAreNamed() throws {
    let cell = try Cell([2, 0, 0, 0, 2, 0, 0, 0, 2])
    func argument(_ body: () throws -> Void) -> String? {
      do { try body() } catch let error as ArgumentError { return error.argument } catch {}
      return nil
    }
    for cutoff in [0, -1, Double.nan, -Double.infinity] {
      #expect(argument { _ = try Neighbors(positions: [0, 0, 0], cutoff: cutoff) } == "cutoff")
    }
    #expect(
      argument { _ = try Neighbors(positions: [0, 0, 0], cell: cell, cutoff: .infinity) }
        == "cutoff")
    #expect(
      argument { _ = try Neighbors(positions: [0, 0, 0], cell: cell, cutoff: 1e9) } == "cutoff")
    #expect(argument { _ = try Neighbors(positions: [0, 0, .nan], cutoff: 1) } == "positions")
    #expect(
      argument { _ = try Neighbors(positions: [0, 1e300, 0], cell: cell, cutoff: 1) }
        == "positions")
    // Farther apart than a number says; more images than one counts.
    #expect(
      argument { _ = try Neighbors(positions: [1e308, 0, 0, -1e308, 0, 0], cutoff: 1) }
        == "positions")
    let thin = try Cell([2e-9, 0, 0, 0, 99, 0, 0, 0, 99])
    #expect(
      argument { _ = try Neighbors(positions: [0, 0, 0], cell: thin, cutoff: 5) } == "cutoff")
    #expect(argument { _ = try Cell([1, 2, 3]) } == "cell")
    #expect(argument { _ = try Cell([1, 0, 0, 0, 1, 0, 1, 1, 0]) } == "cell")
    #expect(argument { _ = try Cell([1, 0, 0, 0, 1, 0, 0, 0, 0]) } == "cell")
    #expect(argument { _ = try Cell([1, 0, 0, 0, 1, 0, 0, 0, .nan]) } == "cell")
    #expect(argument { _ = try Cell([Double](repeating: 1, count: 9), periodic: [true]) } == "pbc")
    #expect(
      argument { _ = try Cell([1, 0, 0, 0, 1, 0, 0, 0, 0], periodic: [true, true, false]) } == nil)
  }
}
