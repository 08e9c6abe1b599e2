internal import E3xEngine

extension Potential {
  /// The energy of the atoms of a domain that contribute, and its derivatives for all atoms.
  ///
  /// - Parameter virials: whether virials are computed.
  /// - Returns: `energy` is the sum of `atomicEnergies`, which are 0 for ghosts; `forces`, and
  ///   `atomicVirials` if they are asked for, are of all atoms: those of ghosts belong to the atoms
  ///   that they are copies of. There is no stress, as there is no cell. Deviations of a committee
  ///   are those of this domain alone; where an atom's force has parts of several domains, add up
  ///   `memberForces`.
  /// - Throws: `ArgumentError` for parts of the domain that do not fit together, naming them, and for
  ///   an atomic number that the potential does not know.
  public func predict(_ domain: Domain, virials: Bool = false) throws -> Prediction {
    let function = "Potential.predict"
    try domain.check(function)
    let check = frameCheck
    if let atom = domain.atomicNumbers.firstIndex(where: { !check.elements.contains($0) }) {
      throw ArgumentError(function, "species", check.unknownElement(domain.atomicNumbers, atom))
    }
    let part = DomainPairs(domain, cutoff: model.cutoff, hops: model.hops)
    let local = part.atoms.count { domain.contributes[$0] }
    let example = Example(
      species: part.atoms.map { domain.atomicNumbers[$0] }, neighbors: part.pairs,
      contributing: local)
    let contributions =
      [Float](repeating: 1, count: local)
      + [Float](repeating: 0, count: part.atoms.count - local)
    let results = try functions.functionOfSome(strains: virials)(
      Batch([example]).structure + [Tensor(contributions)])
    let found = try predictions([example], results, strains: virials)[0]

    func spread(_ values: [Double], width: Int, of count: Int) -> [Double] {
      var all = [Double](repeating: 0, count: width * domain.count)
      for number in 0..<count {
        let atom = part.atoms[number]
        for index in 0..<width { all[width * atom + index] = values[width * number + index] }
      }
      return all
    }
    // The atoms that contribute stand first.
    var prediction = Prediction(
      energy: found.energy,
      forces: spread(found.forces, width: 3, of: part.atoms.count),
      atomicEnergies: spread(found.atomicEnergies, width: 1, of: local))
    prediction.atomicVirials = found.atomicVirials.map {
      spread($0, width: 9, of: part.atoms.count)
    }
    prediction.energyDeviation = found.energyDeviation
    prediction.forcesDeviation = found.forcesDeviation.map {
      spread($0, width: 1, of: part.atoms.count)
    }
    prediction.memberForces = found.memberForces.map { members in
      members.map { spread($0, width: 3, of: part.atoms.count) }
    }
    return prediction
  }
}
