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
    let parts = try DomainParts(domain, of: self, hops: model.hops)
    let results = try functions.functionOfSome(strains: virials)(
      Batch([parts.example]).structure + [parts.contributions])
    return try parts.prediction(predictions([parts.example], results, strains: virials)[0])
  }
}
