import E3x

/// How much two atoms of a bond attend to each other, of all that they attend to.
struct BondAttention {
  /// Layer by layer, the mean of the heads, from 0 to 1: of the first atom to the second, and back.
  let forward: [Double]
  let backward: [Double]
  /// What each neighbour would have if an atom attended to all of them alike.
  let evenShare: Double

  /// Nil for a potential without attention.
  init?(_ potential: Potential, _ frame: LabelledFrame, from first: Int32, to second: Int32) throws
  {
    guard potential.hasAttention else { return nil }
    let attention = try potential.attention(of: frame)
    // Weights of a layer are those of all heads, pair by pair.
    func shares(of atom: Int32, to other: Int32) -> [Double] {
      let pair = attention.destinations.indices.first {
        attention.destinations[$0] == atom && attention.sources[$0] == other
      }
      return attention.layers.map { layer in
        guard let pair else { return 0 }
        let weights = layer.weights.dropFirst(pair * layer.heads).prefix(layer.heads)
        return weights.reduce(0, +) / Double(layer.heads)
      }
    }
    (forward, backward) = (shares(of: first, to: second), shares(of: second, to: first))
    evenShare = 1 / Double(max(1, attention.destinations.count { $0 == first }))
  }

  var summary: String {
    func words(_ shares: [Double]) -> String {
      shares.map { "\(fixed(100 * $0, 0)) %" }.joined(separator: ", then ")
    }
    return "of the hydrogen's attention, layer by layer, \(words(forward)) goes to the oxygen,\n"
      + "of the oxygen's \(words(backward)) to the hydrogen; "
      + "an even share would be \(fixed(100 * evenShare, 1)) %"
  }
}
