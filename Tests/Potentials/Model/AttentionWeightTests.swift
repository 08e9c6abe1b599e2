import E3xEngine
import E3xNN
import E3xPotentials
import TestSupport
import Testing

/// The weights of attention that a potential shows.
@Suite struct AttentionWeightTests {
  private func potential(
    smooth: Bool = true, attention: Bool = true, members: Int = 1
  ) throws -> Potential {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numLayers, configuration.numHeads) = (8, 2, 4)
    (configuration.maxDegree, configuration.cutoff) = (1, 3)
    (configuration.attention, configuration.smoothAtCutoff) = (attention, smooth)
    let model = AttentionPotential(configuration)
    var parameters = Parameters()
    for member in 0..<members {
      for (path, tensor) in try model.initialParameters(seed: member) {
        parameters[members == 1 ? path : "member_\(member)/\(path)"] = tensor
      }
    }
    return try Potential(
      model: model, parameters: parameters,
      elementEnergies: ElementEnergies([1: 0, 8: 0]), members: members)
  }

  private var water: LabelledFrame {
    LabelledFrame(
      atomicNumbers: [8, 1, 1, 1],
      positions: [0, 0, 0.119, 0, 0.763, -0.477, 0, -0.763, -0.477, 0, 2.2, 0.3])
  }

  /// The sums over the neighbours of each atom, by layer, atom and head.
  private func sums(_ attention: Potential.Attention, atoms: Int) -> [[Double]] {
    attention.layers.map { layer in
      var sums = [Double](repeating: 0, count: atoms * layer.heads)
      for (pair, atom) in attention.destinations.enumerated() {
        for head in 0..<layer.heads {
          sums[Int(atom) * layer.heads + head] += layer.weights[pair * layer.heads + head]
        }
      }
      return sums
    }
  }

  @Test func weightsOfEachAtomAddUp() throws {
    let normalised = try potential(smooth: false).attention(of: water)
    #expect(normalised.layers.map(\.name) == ["attention_0", "attention_1"])
    for layer in normalised.layers {
      #expect(layer.heads == 4)
      #expect(layer.weights.count == 4 * normalised.sources.count)
      // Heads differ.
      #expect(Set(layer.weights.prefix(4)).count == 4)
    }
    for sums in sums(normalised, atoms: 4) { for sum in sums { #expect(abs(sum - 1) < 1e-5) } }
    // Where an atom attends to nothing too, less is left.
    for sums in sums(try potential().attention(of: water), atoms: 4) {
      for sum in sums { #expect(sum > 0.05 && sum < 0.999) }
    }
  }

  /// They do not change as a structure turns, and follow the atoms as these change places.
  @Test func weightsAreInvariant() throws {
    let potential = try potential()
    let before = try potential.attention(of: water)
    var turned = water
    for atom in 0..<4 {
      let (x, y, z) = (
        water.positions[3 * atom], water.positions[3 * atom + 1], water.positions[3 * atom + 2]
      )
      turned.positions.replaceSubrange(
        (3 * atom)..<(3 * atom + 3), with: [0.6 * x - 0.8 * z + 1, -y, 0.8 * x + 0.6 * z])
    }
    let after = try potential.attention(of: turned)
    #expect(before.sources == after.sources)
    for (a, b) in zip(before.layers, after.layers) {
      for (x, y) in zip(a.weights, b.weights) { #expect(abs(x - y) < 1e-5) }
    }
  }

  /// Who is alone attends to nobody.
  @Test func atomsAlone() throws {
    let one = LabelledFrame(atomicNumbers: [8], positions: [0, 0, 0])
    let found = try potential().attention(of: one)
    #expect(found.sources.isEmpty)
    #expect(found.layers.allSatisfy { $0.weights.isEmpty && $0.heads == 4 })
  }

  @Test func membersAndRefusals() throws {
    let committee = try potential(members: 2)
    let (first, second) = (
      try committee.attention(of: water), try committee.attention(of: water, member: 1)
    )
    #expect(first.layers.map(\.name) == second.layers.map(\.name))
    #expect(first.layers[0].weights != second.layers[0].weights)
    #expect(first.layers[1].weights == (try potential().attention(of: water)).layers[1].weights)
    #expect {
      try committee.attention(of: water, member: 2)
    } throws: { "\($0)".contains("member") }
    let sums = try potential(attention: false)
    #expect(!sums.hasAttention)
    #expect(try potential().hasAttention)
    #expect { try sums.attention(of: water) } throws: { "\($0)".contains("has no attention") }
  }
}
