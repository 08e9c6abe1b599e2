internal import E3xEngine
internal import E3xNN

/// How atoms of a domain learn what other domains have computed of them.
public protocol DomainExchange {
  /// Gives the rows of ghosts the values of the atoms that they are copies of.
  /// - Parameter values: [N, width], by atoms of the domain
  /// - Throws: what the prediction is to throw.
  func forward(_ values: inout [Float], width: Int) throws
  /// Adds the rows of ghosts to those of the atoms that they are copies of; what is in ghosts'
  /// rows afterwards does not matter.
  /// - Parameter values: [N, width], by atoms of the domain
  /// - Throws: what the prediction is to throw.
  func reverse(_ values: inout [Float], width: Int) throws
}

extension Potential {
  /// Whether the model can be computed layer by layer.
  public var isLayered: Bool { model is any LayeredModel }

  /// How many numbers of an atom are handed over after each layer but the last; none if the model
  /// cannot be computed layer by layer.
  /// - Throws: what a model throws whose layers cannot be.
  public var exchangedWidths: [Int] {
    get throws { isLayered ? try functions.layers()[0].widths : [] }
  }

  /// As ``predict(_:virials:)``, but that the domain needs ghosts within one cutoff only: features of
  /// ghosts are handed over between the layers, and derivatives back.
  ///
  /// All domains of a structure must compute at the same time. `exchange` is called as often and with
  /// the same widths for each, whatever atoms it has.
  /// - Throws: as ``predict(_:virials:)``; `ArgumentError` naming `model` for one that has no layers;
  ///   what `exchange` throws.
  public func predict(
    _ domain: Domain, virials: Bool = false, exchange: some DomainExchange
  ) throws -> Prediction {
    let functions = try functions.layers()
    let parts = try DomainParts(domain, of: self, hops: 1)
    var results: [Tensor] = []
    for member in functions {
      results += try LayerRun(functions: member, parts: parts).run(exchange, strains: virials)
    }
    return try parts.prediction(predictions([parts.example], results, strains: virials)[0])
  }
}

/// A domain as a potential computes it.
struct DomainParts {
  private let domain: Domain
  private let pairs: DomainPairs
  /// How many atoms contribute, which stand first.
  let local: Int
  /// The atoms that energies depend on.
  let example: Example

  /// - Throws: `ArgumentError` for parts of the domain that do not fit together, naming them, and for
  ///   an atomic number that the potential does not know.
  init(_ domain: Domain, of potential: Potential, hops: Int?) throws(ArgumentError) {
    let function = "Potential.predict"
    try domain.check(function)
    let check = potential.frameCheck
    if let atom = domain.atomicNumbers.firstIndex(where: { !check.elements.contains($0) }) {
      throw ArgumentError(function, "species", check.unknownElement(domain.atomicNumbers, atom))
    }
    self.domain = domain
    pairs = DomainPairs(domain, cutoff: potential.model.cutoff, hops: hops)
    let local = pairs.atoms.count { domain.contributes[$0] }
    self.local = local
    example = Example(
      species: pairs.atoms.map { domain.atomicNumbers[$0] }, neighbors: pairs.pairs,
      contributing: local)
  }

  /// [N'], how often the energy of each atom counts.
  var contributions: Tensor {
    Tensor(
      [Float](repeating: 1, count: local)
        + [Float](repeating: 0, count: pairs.atoms.count - local))
  }

  /// Rows of the first atoms at their places in the domain.
  func spread<Number: Numeric>(
    _ values: [Number], width: Int, of count: Int? = nil
  ) -> [Number] {
    var all = [Number](repeating: 0, count: width * domain.count)
    for number in 0..<(count ?? pairs.atoms.count) {
      let atom = pairs.atoms[number]
      for index in 0..<width { all[width * atom + index] = values[width * number + index] }
    }
    return all
  }

  /// The rows of atoms, of rows of the domain.
  func gathered<Number>(_ values: [Number], width: Int) -> [Number] {
    var rows: [Number] = []
    rows.reserveCapacity(width * pairs.atoms.count)
    for atom in pairs.atoms { rows += values[(width * atom)..<(width * (atom + 1))] }
    return rows
  }

  /// A prediction by the domain's atoms.
  func prediction(_ found: Potential.Prediction) -> Potential.Prediction {
    var prediction = Potential.Prediction(
      energy: found.energy, forces: spread(found.forces, width: 3),
      atomicEnergies: spread(found.atomicEnergies, width: 1, of: local))
    prediction.atomicVirials = found.atomicVirials.map { spread($0, width: 9) }
    prediction.energyDeviation = found.energyDeviation
    prediction.forcesDeviation = found.forcesDeviation.map { spread($0, width: 1) }
    prediction.memberForces = found.memberForces.map { $0.map { spread($0, width: 3) } }
    return prediction
  }
}

/// One model's layers on a domain.
private struct LayerRun {
  let functions: LayerFunctions
  let parts: DomainParts

  /// - Returns: energies [N], forces [N, 3] and, if they are asked for, strain derivatives [N, 6].
  func run(_ exchange: some DomainExchange, strains: Bool) throws -> [Tensor] {
    let structure = try Batch([parts.example]).structure
    var features: [Tensor] = []
    for (index, layer) in functions.forward.enumerated() {
      let found = try layer(structure + features.suffix(1))[0]
      features.append(try handedOver(found, width: functions.widths[index], exchange.forward))
    }
    let last = try functions.last(structure + features.suffix(1) + [parts.contributions])
    var derivatives = [last[1]]
    var slope = last.count > 2 ? last[2] : nil
    for index in functions.backward.indices.reversed() {
      guard let found = slope else { break }
      let own = try localAlone(
        handedOver(found, width: functions.widths[index], exchange.reverse))
      let taken = index == 0 ? [] : [features[index - 1]]
      let results = try functions.backward[index](structure + taken + [own])
      derivatives.append(results[0])
      slope = results.count > 1 ? results[1] : nil
    }
    let total = try functions.total(structure + derivatives)
    return [last[0], total[0]] + (strains ? [total[1]] : [])
  }

  /// Rows of atoms after all domains have handed theirs over.
  private func handedOver(
    _ rows: Tensor, width: Int, _ hand: (inout [Float], Int) throws -> Void
  ) throws -> Tensor {
    var all = parts.spread(try rows.scalars(as: Float.self), width: width)
    try hand(&all, width)
    return try Tensor(parts.gathered(all, width: width), shape: rows.shape.known ?? [])
  }

  /// Rows of the atoms that contribute; 0 for others, which have given theirs away.
  private func localAlone(_ rows: Tensor) throws -> Tensor {
    var values = try rows.scalars(as: Float.self)
    let count = parts.example.species.count
    let width = count == 0 ? 0 : values.count / count
    for index in (parts.local * width)..<values.count { values[index] = 0 }
    return try Tensor(values, shape: rows.shape.known ?? [])
  }
}
