import E3xEngine
import E3xNN
import E3xPotentials
import TestSupport
import Testing

/// Structures that are cut into domains with ghosts, as programs do that divide them among processes.
@Suite struct DomainTests {
  /// A structure cut in two, with what each half sees.
  struct Halves {
    /// For each half its domain and the atom of the structure that each of its atoms is a copy of.
    var domains: [(domain: Domain, owners: [Int])] = []

    /// - Parameters:
    ///   - frame: periodic along all directions.
    ///   - reach: Å; how far ghosts are from what contributes.
    ///   - sight: Å; how far neighbours are from whom they are of.
    init(_ frame: LabelledFrame, reach: Double, sight: Double) {
      let copies = Self.copies(frame, within: reach)
      for half in 0..<2 {
        let own = copies.filter { $0.isOriginal && $0.owner % 2 == half }
        let ghosts = copies.filter { copy in
          !(copy.isOriginal && copy.owner % 2 == half)
            && own.contains { Self.distance($0.position, copy.position) < reach }
        }
        // Ghosts stand between the others: no order is asked for.
        let atoms = Array(ghosts.prefix(3)) + own + Array(ghosts.dropFirst(3))
        var domain = Domain(
          atomicNumbers: atoms.map { frame.atomicNumbers[$0.owner] },
          positions: atoms.flatMap(\.position),
          contributes: atoms.map { $0.isOriginal && $0.owner % 2 == half }, firsts: [0],
          neighbors: [])
        for (index, atom) in atoms.enumerated() {
          for (other, seen) in atoms.enumerated()
          where other != index && Self.distance(atom.position, seen.position) < sight {
            domain.neighbors.append(Int32(other))
          }
          domain.firsts.append(domain.neighbors.count)
        }
        domains.append((domain, atoms.map(\.owner)))
      }
    }

    private struct Copy {
      var owner: Int
      var position: [Double]
      var isOriginal: Bool
    }

    private static func distance(_ a: [Double], _ b: [Double]) -> Double {
      (0..<3).reduce(0.0) { $0 + (a[$1] - b[$1]) * (a[$1] - b[$1]) }.squareRoot()
    }

    /// All copies of the atoms that may be that far from an original.
    private static func copies(_ frame: LabelledFrame, within reach: Double) -> [Copy] {
      let cell = frame.cell!
      // No vector of these test cells, nor a height, is shorter than 2 Å.
      let most = Int(reach / 2) + 1
      let originals = frame.atomicNumbers.indices.map {
        Array(frame.positions[(3 * $0)..<(3 * $0 + 3)])
      }
      var copies: [Copy] = []
      for a in -most...most {
        for b in -most...most {
          for c in -most...most {
            for (owner, position) in originals.enumerated() {
              let moved = (0..<3).map { axis in
                position[axis] + Double(a) * cell[axis] + Double(b) * cell[3 + axis]
                  + Double(c) * cell[6 + axis]
              }
              guard originals.contains(where: { distance($0, moved) < reach }) else { continue }
              copies.append(
                Copy(owner: owner, position: moved, isOriginal: a == 0 && b == 0 && c == 0))
            }
          }
        }
      }
      return copies
    }
  }

  /// A potential of so many layers, or a committee of such.
  private static func potential(layers: Int, members: Int = 1, seed: Int = 0) throws -> Potential {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numBasis) = (8, 2, 4)
    (configuration.numLayers, configuration.maxDegree, configuration.cutoff) = (layers, 1, 2.6)
    let model = AttentionPotential(configuration)
    var tree = Parameters()
    for member in 0..<members {
      let drawn = try Parameters.initialize(seed: seed + member) { scope in
        try model.atomicEnergies(
          scope, positions: .zeros([2, 3]), species: Tensor([1, 1] as [Int32]),
          dstIdx: Tensor([0, 1] as [Int32]), srcIdx: Tensor([1, 0] as [Int32]))
      }
      for (path, tensor) in drawn {
        tree[members == 1 ? path : "member_\(member)/\(path)"] = tensor
      }
    }
    return try Potential(
      model: model, parameters: tree,
      elementEnergies: ElementEnergies([1: -13.5, 6: -1000, 8: -2040.25]), members: members)
  }

  /// The predictions of all domains, added up at the atoms that theirs are copies of.
  private static func sum(
    _ potential: Potential, _ halves: Halves, atoms: Int
  ) throws -> (prediction: Potential.Prediction, members: [[Double]]) {
    var sum = Potential.Prediction(
      energy: 0, forces: [Double](repeating: 0, count: 3 * atoms),
      atomicEnergies: [Double](repeating: 0, count: atoms),
      atomicVirials: [Double](repeating: 0, count: 9 * atoms))
    var members = [[Double]](
      repeating: [Double](repeating: 0, count: 3 * atoms), count: potential.members)
    for (domain, owners) in halves.domains {
      let part = try potential.predict(domain, virials: true)
      #expect(part.stress == nil)
      #expect(part.atomicEnergies.count == owners.count && part.forces.count == 3 * owners.count)
      sum.energy += part.energy
      let virials = try #require(part.atomicVirials)
      let forces = part.memberForces ?? [part.forces]
      for (atom, owner) in owners.enumerated() {
        #expect(domain.contributes[atom] || part.atomicEnergies[atom] == 0)
        sum.atomicEnergies[owner] += part.atomicEnergies[atom]
        for axis in 0..<3 {
          sum.forces[3 * owner + axis] += part.forces[3 * atom + axis]
          for (member, forces) in forces.enumerated() {
            members[member][3 * owner + axis] += forces[3 * atom + axis]
          }
        }
        for component in 0..<9 {
          sum.atomicVirials![9 * owner + component] += virials[9 * atom + component]
        }
      }
    }
    return (sum, members)
  }

  private static func expect(_ found: [Double], _ expected: [Double], _ tolerance: Double) {
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      #expect(abs(found - expected) <= tolerance * (1 + abs(expected)))
    }
  }

  /// What the domains of a structure give together is what the structure gives, in a cell smaller
  /// than the cutoff, where ghosts are copies of copies; also where neighbours are more than those
  /// within the cutoff.
  @Test(arguments: 1...3, [0.0, 0.7]) func domainsAddUpToTheWhole(hops: Int, skin: Double) throws {
    let potential = try Self.potential(layers: hops, seed: hops)
    let frame = PeriodicTests.crystal(seed: hops)
    #expect(potential.model.hops == hops)
    let whole = try potential.predict([frame])[0]
    let halves = Halves(
      frame, reach: Double(hops) * potential.model.cutoff + skin,
      sight: potential.model.cutoff + skin)
    let sum = try Self.sum(potential, halves, atoms: 3).prediction
    #expect(abs(sum.energy - whole.energy) <= 1e-5)
    Self.expect(sum.atomicEnergies, whole.atomicEnergies, 1e-8)
    Self.expect(sum.forces, whole.forces, 2e-5)
    Self.expect(sum.atomicVirials!, whole.atomicVirials!, 2e-5)
  }

  /// A shell that is two hops too thin is another structure: the test above can fail.
  @Test func thinnerShellsAreNotEnough() throws {
    let potential = try Self.potential(layers: 3, seed: 3)
    let frame = PeriodicTests.crystal(seed: 3)
    let whole = try potential.predict([frame])[0]
    let cutoff = potential.model.cutoff
    let halves = Halves(frame, reach: cutoff, sight: cutoff)
    let sum = try Self.sum(potential, halves, atoms: 3).prediction
    #expect(zip(sum.forces, whole.forces).contains { abs($0 - $1) > 2e-4 })
  }

  /// The spread of a committee's forces is that of the members' sums, and not a sum of spreads.
  @Test func committees() throws {
    let committee = try Self.potential(layers: 2, members: 3)
    let frame = PeriodicTests.crystal(seed: 0)
    let whole = try committee.predict([frame])[0]
    let cutoff = committee.model.cutoff
    let (sum, members) = try Self.sum(
      committee, Halves(frame, reach: 2 * cutoff, sight: cutoff), atoms: 3)
    Self.expect(sum.forces, whole.forces, 2e-5)
    for (found, expected) in zip(members, try #require(whole.memberForces)) {
      Self.expect(found, expected, 2e-5)
    }
    let deviations = (0..<3).map { atom in
      (3 * atom..<3 * atom + 3).reduce(0.0) { squares, index in
        let mean = members.reduce(0) { $0 + $1[index] } / 3
        return members.reduce(squares) { $0 + ($1[index] - mean) * ($1[index] - mean) }
      }
    }.map { ($0 / 2).squareRoot() }
    Self.expect(deviations, try #require(whole.forcesDeviation), 2e-5)
  }

  /// Neighbours of what only the last hop reaches, and atoms that nobody sees, change nothing: not a
  /// bit.
  @Test func whatIsTooFarDoesNotMatter() throws {
    let potential = try Self.potential(layers: 2)
    let cutoff = potential.model.cutoff
    // A chain, of which the first atom contributes: of the hops' three pairs on, nothing matters.
    func chain(_ atoms: Int, isolated: Int = 0, lastSees: Bool = true) -> Domain {
      var domain = Domain(
        atomicNumbers: (0..<(atoms + isolated)).map { [1, 6, 8][$0 % 3] }, positions: [],
        contributes: (0..<(atoms + isolated)).map { $0 == 0 }, firsts: [0], neighbors: [])
      for atom in 0..<(atoms + isolated) {
        let far = atom < atoms ? 0.0 : 50
        domain.positions += [0.8 * cutoff * Double(atom) + far, 0.1 * Double(atom * atom), 0.3]
        let sees = atom < atoms && (lastSees || atom < 2)
        for other in [atom - 1, atom + 1] where sees && other >= 0 && other < atoms {
          domain.neighbors.append(Int32(other))
        }
        domain.firsts.append(domain.neighbors.count)
      }
      return domain
    }
    let short = try potential.predict(chain(3), virials: true)
    for domain in [chain(3, lastSees: false), chain(5), chain(3, isolated: 2)] {
      let other = try potential.predict(domain, virials: true)
      #expect(other.energy == short.energy)
      #expect(Array(other.forces.prefix(9)) == short.forces)
      #expect(other.forces.dropFirst(9).allSatisfy { $0 == 0 })
      #expect(Array(try #require(other.atomicVirials).prefix(27)) == short.atomicVirials)
    }
  }

  /// Domains of no atoms, of ghosts alone, and of one atom.
  @Test(arguments: [1, 3]) func smallDomains(members: Int) throws {
    let potential = try Self.potential(layers: 2, members: members)
    let none = try potential.predict(
      Domain(atomicNumbers: [], positions: [], contributes: [], firsts: [0], neighbors: []),
      virials: true)
    #expect(none.energy == 0 && none.forces.isEmpty && none.atomicVirials == [])
    let ghosts = Domain(
      atomicNumbers: [1, 6], positions: [0, 0, 0, 1, 0, 0], contributes: [false, false],
      firsts: [0, 1, 2], neighbors: [1, 0])
    let nothing = try potential.predict(ghosts, virials: true)
    #expect(nothing.energy == 0)
    #expect(nothing.forces == [Double](repeating: 0, count: 6))
    var one = ghosts
    (one.contributes[0], one.firsts, one.neighbors) = (true, [0, 0, 0], [])
    let alone = try potential.predict(
      [LabelledFrame(atomicNumbers: [1], positions: [0, 0, 0])])[0]
    #expect(try potential.predict(one).energy == alone.energy)
  }

  /// Results are the same bits for any number of threads: enough atoms for many parts.
  @Test func threads() throws {
    let potential = try Self.potential(layers: 2)
    let atoms = 700
    var dice = Dice(seed: 4)
    var domain = Domain(
      atomicNumbers: (0..<atoms).map { [1, 6, 8][$0 % 3] },
      positions: dice.uniform(3 * atoms, 0, 18), contributes: (0..<atoms).map { $0 % 3 != 0 },
      firsts: [0], neighbors: [])
    for atom in 0..<atoms {
      for other in 0..<atoms where other != atom {
        let squares = (0..<3).reduce(0.0) {
          let difference = domain.positions[3 * atom + $1] - domain.positions[3 * other + $1]
          return $0 + difference * difference
        }
        if squares < 9 { domain.neighbors.append(Int32(other)) }
      }
      domain.firsts.append(domain.neighbors.count)
    }
    let first = try potential.predict(domain)
    let count = Threads.count
    defer { try? Threads.use(count) }
    for threads in [1, 3] {
      try Threads.use(threads)
      let other = try potential.predict(domain)
      #expect(other.energy == first.energy && other.forces == first.forces)
    }
  }

  /// What does not fit together is refused by name.
  @Test func refusals() throws {
    let potential = try Self.potential(layers: 1)
    let good = Domain(
      atomicNumbers: [1, 6], positions: [0, 0, 0, 1, 0, 0], contributes: [true, false],
      firsts: [0, 1, 2], neighbors: [1, 0])
    _ = try potential.predict(good)
    let changes: [(String, (inout Domain) -> Void)] = [
      ("species", { $0.atomicNumbers[1] = 79 }), ("positions", { $0.positions.removeLast() }),
      ("positions", { $0.positions[4] = .nan }), ("contributes", { $0.contributes.append(true) }),
      ("firsts", { $0.firsts = [0, 2] }), ("firsts", { $0.firsts = [0, 1, 3] }),
      ("firsts", { $0.firsts = [1, 1, 2] }), ("firsts", { $0.firsts = [0, 3, 2] }),
      ("neighbors", { $0.neighbors[0] = 2 }), ("neighbors", { $0.neighbors[1] = -1 }),
    ]
    for (argument, change) in changes {
      var bad = good
      change(&bad)
      let error = #expect(throws: ArgumentError.self) { try potential.predict(bad) }
      #expect(error?.argument == argument)
    }
  }
}
