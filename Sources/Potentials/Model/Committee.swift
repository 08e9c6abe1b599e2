internal import E3xEngine
internal import E3xLimits
public import E3xNN
internal import OrderedCollections

/// Committees: several models of one configuration in one potential, whose mean it predicts. Each has
/// its parameters under `member_I/` of one tree.
enum Committee {
  /// The most members of a committee.
  static let greatest = 1000

  /// Where the parameters of a member are, before its own paths.
  static func name(_ member: Int) -> String { "member_\(member)" }

  /// The places of all members; that of a single model is the root.
  static func scopes(_ root: Scope, _ members: Int) -> [Scope] {
    members == 1 ? [root] : (0..<members).map { root.child(name($0)) }
  }

  /// The trees of members as one.
  static func tree(_ members: [Parameters]) -> Parameters {
    if members.count == 1 { return members[0] }
    var tree = Parameters()
    for (member, parameters) in members.enumerated() {
      for (path, tensor) in parameters { tree["\(name(member))/\(path)"] = tensor }
    }
    return tree
  }
}

extension Potential {
  /// The parameters of one member, under the paths of a single model.
  /// - Parameter member: from 0 to ``members`` − 1; there are none for another.
  public func parameters(ofMember member: Int) -> Parameters {
    if members == 1 { return parameters }
    let prefix = Committee.name(member) + "/"
    return Parameters(
      parameters.tensors.reduce(into: OrderedDictionary<String, Tensor>()) { found, entry in
        if entry.key.hasPrefix(prefix) {
          found[String(entry.key.dropFirst(prefix.count))] = entry.value
        }
      })
  }
}

extension Potential.Prediction {
  /// The mean of the predictions of a committee's members, with their spread.
  init(committee: [Potential.Prediction]) {
    let count = Double(committee.count)
    func mean(_ values: (Potential.Prediction) -> [Double]) -> [Double] {
      let all = committee.map(values)
      return all[0].indices.map { index in all.reduce(0) { $0 + $1[index] } / count }
    }
    self.init(
      energy: committee.reduce(0) { $0 + $1.energy } / count, forces: mean(\.forces),
      atomicEnergies: mean(\.atomicEnergies))
    let first = committee[0]
    if first.stress != nil { stress = mean { $0.stress ?? [] } }
    if first.atomicVirials != nil { atomicVirials = mean { $0.atomicVirials ?? [] } }
    memberForces = committee.map(\.forces)
    // Deviations are formed before they are squared: total energies are large.
    let (energy, forces) = (energy, forces)
    energyDeviation =
      (committee.reduce(0) { $0 + ($1.energy - energy) * ($1.energy - energy) } / (count - 1))
      .squareRoot()
    forcesDeviation = (0..<(forces.count / 3)).map { atom in
      let squares = committee.reduce(0.0) { sum, member in
        (3 * atom..<3 * atom + 3).reduce(sum) { sum, index in
          let deviation = member.forces[index] - forces[index]
          return sum + deviation * deviation
        }
      }
      return (squares / (count - 1)).squareRoot()
    }
  }
}
