import E3xEngine
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Domains with ghosts within one cutoff that hand features over between layers.
@Suite struct LayeredDomainTests {
  /// Where the threads of domains meet and see each other's numbers.
  private final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private let parties: Int
    private var posted: [Int: [Float]] = [:]
    private var results: [Int: [Float]] = [:]
    private var round = 0
    private(set) var widths: [[Int]]

    init(parties: Int) {
      self.parties = parties
      widths = [[Int]](repeating: [], count: parties)
    }

    /// What all have posted, once they have.
    func meet(_ party: Int, _ values: [Float], width: Int) -> [Int: [Float]] {
      condition.lock()
      defer { condition.unlock() }
      widths[party].append(width)
      posted[party] = values
      if posted.count == parties {
        (results, posted) = (posted, [:])
        round += 1
        condition.broadcast()
      } else {
        let now = round
        while round == now { condition.wait() }
      }
      return results
    }
  }

  /// One domain's side of it.
  private struct Side: DomainExchange {
    let meeting: Meeting
    let party: Int
    let domains: [(domain: Domain, owners: [Int])]

    func forward(_ values: inout [Float], width: Int) {
      let all = meeting.meet(party, values, width: width)
      for (atom, owner) in domains[party].owners.enumerated()
      where !domains[party].domain.contributes[atom] {
        for (other, domain) in domains.enumerated() {
          guard
            let source = domain.owners.indices.first(where: {
              domain.owners[$0] == owner && domain.domain.contributes[$0]
            })
          else { continue }
          for index in 0..<width {
            values[width * atom + index] = all[other]![width * source + index]
          }
        }
      }
    }

    func reverse(_ values: inout [Float], width: Int) {
      let all = meeting.meet(party, values, width: width)
      for (atom, owner) in domains[party].owners.enumerated() {
        for index in 0..<width { values[width * atom + index] = 0 }
        guard domains[party].domain.contributes[atom] else {
          // What is left in ghosts does not matter.
          values[width * atom] = .nan
          continue
        }
        for (other, domain) in domains.enumerated() {
          for (copy, of) in domain.owners.enumerated() where of == owner {
            for index in 0..<width {
              values[width * atom + index] += all[other]![width * copy + index]
            }
          }
        }
      }
    }
  }

  /// A potential with random parameters, none of them 0.
  static func potential(
    _ model: some PotentialModel, members: Int = 1
  ) throws -> Potential {
    var tree = Parameters()
    for member in 0..<members {
      for (path, tensor) in try model.initialParameters(seed: member + 3) {
        var dice = Dice(seed: path.utf8.reduce(member) { $0 &* 31 &+ Int($1) })
        // Parameters that begin as zeros would hide what they are multiplied by.
        let values = try tensor.scalars(as: Float.self).map {
          $0 + Float.random(in: -0.05..<0.05, using: &dice)
        }
        tree[members == 1 ? path : "member_\(member)/\(path)"] = try Tensor(
          values, shape: tensor.shape.known!)
      }
    }
    return try Potential(
      model: model, parameters: tree,
      elementEnergies: ElementEnergies([1: -13.5, 6: -1000, 8: -2040.25]), members: members)
  }

  private static func attention(
    _ layers: Int, _ change: (inout PotentialConfiguration) -> Void = { _ in }
  )
    -> AttentionPotential
  {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numBasis) = (8, 2, 4)
    (configuration.numLayers, configuration.maxDegree, configuration.cutoff) = (layers, 1, 2.6)
    change(&configuration)
    return AttentionPotential(configuration)
  }

  /// Halves of a crystal, each on a thread, say together what the whole does.
  func check(
    _ potential: Potential, layers: Int, seed: Int,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let frame = PeriodicTests.crystal(seed: seed)
    let whole = try potential.predict([frame])[0]
    let cutoff = potential.model.cutoff
    let halves = DomainTests.Halves(frame, reach: cutoff, sight: cutoff + 0.3).domains
    let meeting = Meeting(parties: 2)
    nonisolated(unsafe) var parts = [Potential.Prediction?](repeating: nil, count: 2)
    let lock = NSLock()
    DispatchQueue.concurrentPerform(iterations: 2) { party in
      let part = try? potential.predict(
        halves[party].domain, virials: true,
        exchange: Side(meeting: meeting, party: party, domains: halves))
      lock.withLock { parts[party] = part }
    }
    let widths = try potential.exchangedWidths
    #expect(widths.count == max(0, layers - 1))
    let calls = widths + widths.reversed()
    for party in 0..<2 {
      #expect(
        meeting.widths[party] == (0..<potential.members).flatMap { _ in calls },
        sourceLocation: sourceLocation)
    }
    var energy = 0.0
    var forces = [Double](repeating: 0, count: whole.forces.count)
    var virials = [Double](repeating: 0, count: 3 * whole.forces.count)
    for (part, half) in zip(parts, halves) {
      let part = try #require(part)
      energy += part.energy
      for (atom, owner) in half.owners.enumerated() {
        for axis in 0..<3 { forces[3 * owner + axis] += part.forces[3 * atom + axis] }
        for index in 0..<9 {
          virials[9 * owner + index] += part.atomicVirials![9 * atom + index]
        }
      }
    }
    let scale = whole.forces.map(abs).max()!
    #expect(scale > 3e-5, sourceLocation: sourceLocation)
    #expect(abs(energy - whole.energy) < 2e-5 * abs(whole.energy), sourceLocation: sourceLocation)
    for (a, b) in zip(forces, whole.forces) {
      #expect(abs(a - b) < 1e-4 * scale, sourceLocation: sourceLocation)
    }
    let most = whole.atomicVirials!.map(abs).max()!
    for (a, b) in zip(virials, whole.atomicVirials!) {
      #expect(abs(a - b) < 1e-4 * most, sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: 1...3) func layersAddUpToTheWhole(layers: Int) throws {
    try check(Self.potential(Self.attention(layers)), layers: layers, seed: layers)
  }

  @Test func presetsToo() throws {
    for preset in [PotentialPreset.default, .accurate, .attention] {
      var configuration = preset.configuration
      (configuration.features, configuration.radialFeatures, configuration.cutoff) = (8, 4, 2.6)
      configuration.repulsion = preset == .accurate
      try check(
        Self.potential(AttentionPotential(configuration)), layers: configuration.numLayers, seed: 5)
    }
  }

  @Test func messagePassingToo() throws {
    var model = MessagePassingPotential()
    (model.features, model.maxDegree, model.cutoff, model.numBasis) = (4, 1, 2.6, 4)
    try check(Self.potential(model), layers: 3, seed: 6)
  }

  @Test func committeesToo() throws {
    let potential = try Self.potential(Self.attention(2), members: 2)
    try check(potential, layers: 2, seed: 7)
  }

  /// Nothing is handed over with oneself alone; atoms need not be.
  @Test func domainsMayBeEmpty() throws {
    let potential = try Self.potential(Self.attention(3))
    let empty = Domain(
      atomicNumbers: [], positions: [], contributes: [], firsts: [0], neighbors: [])
    let meeting = Meeting(parties: 1)
    let found = try potential.predict(
      empty, virials: true,
      exchange: Side(meeting: meeting, party: 0, domains: [(empty, [])]))
    #expect(found.energy == 0)
    #expect(found.forces.isEmpty)
    #expect(meeting.widths[0].count == 4)
  }

  private struct Failing: DomainExchange {
    struct Failure: Error {}
    func forward(_ values: inout [Float], width: Int) throws { throw Failure() }
    func reverse(_ values: inout [Float], width: Int) throws { throw Failure() }
  }

  @Test func failuresArriveAtTheCaller() throws {
    let frame = PeriodicTests.crystal(seed: 2)
    let half = DomainTests.Halves(frame, reach: 2.6, sight: 2.6).domains[0].domain
    #expect(throws: Failing.Failure.self) {
      try Self.potential(Self.attention(2)).predict(half, exchange: Failing())
    }
  }

  @Test func modelsWithoutLayersSaySo() throws {
    let potential = try Self.potential(PairModel())
    #expect(!potential.isLayered)
    let empty = Domain(
      atomicNumbers: [], positions: [], contributes: [], firsts: [0], neighbors: [])
    #expect {
      try potential.predict(empty, exchange: Failing())
    } throws: {
      ($0 as? ArgumentError)?.argument == "model"
    }
  }
}
