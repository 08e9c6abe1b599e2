import E3xEngine
import E3xNN
import E3xPotentials
import TestSupport
import Testing

/// A model of a user's own, of layers: what it says of its layers is enough for all ways to run it.
struct OwnLayers: LayeredModel {
  static let kind = "own_layers"
  var cutoff = 2.6
  var numLayers = 2
  var features = 5
  var energyScale = 0.3

  func expansion(_ graph: PairGraph) throws -> RadialAngularBasis {
    try basis(
      graph.displacements, maxDegree: 1, num: 4, radialFn: .reciprocalBernstein,
      cutoffFn: .smooth(cutoff: cutoff))
  }

  func embedding(_ scope: Scope, _ graph: PairGraph) throws -> Tensor {
    try Embed(numEmbeddings: 119, features: features, dtype: graph.displacements.dtype)(
      scope.child("embed"), graph.species)
  }

  /// Each layer has a feature more than the one before: widths differ.
  func layer(
    _ index: Int, _ scope: Scope, _ x: Tensor, _ expansion: RadialAngularBasis, _ graph: PairGraph
  ) throws -> Tensor {
    let messages = try MessagePass()(
      scope.child("message_\(index)"), x, basis: expansion,
      pairs: Pairs(
        dstIdx: graph.dstIdx, srcIdx: graph.srcIdx, numSegments: graph.atoms, adjIdx: nil,
        where: nil))
    return try silu(
      Dense(features: features + index + 1)(scope.child("dense_\(index)"), add(x, messages)))
  }

  func atomicEnergies(_ scope: Scope, _ x: Tensor, _ graph: PairGraph) throws -> Tensor {
    let scalars = try changeMaxDegreeOrType(x, maxDegree: 0, includePseudotensors: false)
    return try Dense(features: 1, useBias: false)(scope.child("out"), scalars).sum([1, 2, 3])
  }
}

@Suite struct OwnLayersTests {
  private static func potential(layers: Int) throws -> Potential {
    var model = OwnLayers()
    model.numLayers = layers
    return try LayeredDomainTests.potential(model)
  }

  @Test func whatFollowsFromLayers() throws {
    for layers in 0...3 {
      let potential = try Self.potential(layers: layers)
      #expect(potential.model.hops == layers && potential.isLayered)
      // Degrees 0 and 1; pseudotensors come of two vectors, not of a scalar and one.
      let widths = [4 * 6, 2 * 4 * 7].prefix(max(0, layers - 1))
      let found = try potential.exchangedWidths
      #expect(found == Array(widths))
    }
  }

  @Test(arguments: 1...3) func layersAddUpToTheWhole(layers: Int) throws {
    try LayeredDomainTests().check(
      Self.potential(layers: layers), layers: layers, seed: 20 + layers)
  }

  @Test(arguments: 1...2) func domainsAddUpToTheWhole(layers: Int) throws {
    let potential = try Self.potential(layers: layers)
    let frame = PeriodicTests.crystal(seed: 30 + layers)
    let whole = try potential.predict([frame])[0]
    let cutoff = potential.model.cutoff
    let halves = DomainTests.Halves(frame, reach: Double(layers) * cutoff, sight: cutoff)
    var energy = 0.0
    var forces = [Double](repeating: 0, count: whole.forces.count)
    for (domain, owners) in halves.domains {
      let part = try potential.predict(domain)
      energy += part.energy
      for (atom, owner) in owners.enumerated() {
        for axis in 0..<3 { forces[3 * owner + axis] += part.forces[3 * atom + axis] }
      }
    }
    let scale = whole.forces.map(abs).max()!
    #expect(scale > 1e-3)
    #expect(abs(energy - whole.energy) < 1e-5 * abs(whole.energy))
    for (a, b) in matched(forces, whole.forces) { #expect(abs(a - b) < 1e-4 * scale) }
  }

  /// Over how many cutoffs the library's models see, and what others say.
  @Test func hops() throws {
    var configuration = PotentialConfiguration()
    var network = MessagePassingPotential()
    for layers in 1...3 {
      (configuration.numLayers, network.numLayers) = (layers, layers)
      #expect(AttentionPotential(configuration).hops == layers && network.hops == layers)
    }
    #expect(PairModel().hops == nil)
  }

  /// Of a model that does not say how far it sees, all that is there counts.
  @Test func withoutHops() throws {
    let potential = try LayeredDomainTests.potential(PairModel())
    #expect(try !potential.isLayered && potential.exchangedWidths.isEmpty)
    let domain = Domain(
      atomicNumbers: [1, 6, 8], positions: [0, 0, 0, 1, 0.2, 0, 1.8, 0, 0.3],
      contributes: [true, true, true], firsts: [0, 2, 4, 6], neighbors: [1, 2, 0, 2, 0, 1])
    let frame = LabelledFrame(atomicNumbers: [1, 6, 8], positions: domain.positions)
    let (part, whole) = (try potential.predict(domain), try potential.predict([frame])[0])
    #expect(abs(part.energy - whole.energy) < 1e-5)
    for (a, b) in matched(part.forces, whole.forces) { #expect(abs(a - b) < 1e-5) }
  }

  /// Of a committee each member has its layers; they hand over one after the other.
  @Test func committeesHaveTheWidthsOfOne() throws {
    let one = try LayeredDomainTests.potential(OwnLayers())
    let three = try LayeredDomainTests.potential(OwnLayers(), members: 3)
    #expect(try one.exchangedWidths == three.exchangedWidths)
    try LayeredDomainTests().check(three, layers: 2, seed: 40)
  }
}
