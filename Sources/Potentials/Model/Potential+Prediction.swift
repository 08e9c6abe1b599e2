internal import E3xEngine

extension Potential {
  /// What a potential says of one structure.
  public struct Prediction: Sendable {
    /// eV
    public var energy: Double
    /// eV/Å, [N, 3] in row-major order
    public var forces: [Double]
    /// (1/V) dE/d(strain) in eV/Å³, [3, 3] in row-major order, symmetric: ASE's sign, negative under
    /// compression. V is the volume of the cell, for a slab too. Nil for a molecule, whatever box is
    /// around it, and where a direction along which nothing repeats has no vector in the cell.
    public var stress: [Double]?
    /// The energy of each atom with that of its element, eV, [N]; their sum is `energy`.
    public var atomicEnergies: [Double]
    /// The virial of each atom, eV, [N, 3, 3] in row-major order, symmetric: the negative derivative
    /// of the energy with respect to strain, of which each pair gives half to either of its atoms.
    /// Their sum is −V times `stress`. Nil if they were not computed.
    public var atomicVirials: [Double]?

    /// Of a committee, the sample standard deviation (n − 1) of its members' energies, eV.
    public var energyDeviation: Double?
    /// Of a committee, for each atom the norm of the sample standard deviations (n − 1) of its force's
    /// components, eV/Å, [N].
    public var forcesDeviation: [Double]?
    /// Of a committee, the forces of each member, eV/Å, [N, 3] in row-major order. Where an atom's force
    /// is a sum over domains, its deviation is that of the members' sums.
    public var memberForces: [[Double]]?

    /// A prediction of these values.
    public init(
      energy: Double, forces: [Double], stress: [Double]? = nil, atomicEnergies: [Double] = [],
      atomicVirials: [Double]? = nil
    ) {
      self.energy = energy
      self.forces = forces
      self.stress = stress
      self.atomicEnergies = atomicEnergies
      self.atomicVirials = atomicVirials
    }
  }

  /// Pairs computed at once, unless one structure has more.
  private static let pairLimit = 1 << 14

  /// Energies, forces and, of periodic structures, stress, in the order of the structures.
  ///
  /// Vectors of pairs are formed, and energies of atoms are summed, in double precision: the
  /// results of a molecule do not depend on where it is, nor on others far away, and those of a
  /// periodic structure not on which images of its atoms are given.
  ///
  /// - Parameters:
  ///   - batchSize: the most structures computed at once, at least 1; does not change the results
  ///     beyond rounding.
  ///   - virials: whether virials are computed for molecules too; those of periodic structures
  ///     always are.
  /// - Throws: `ArgumentError` for an atomic number that the potential does not know, for a cell
  ///   that is none, and for more pairs than memory holds.
  public func predict(
    _ frames: [LabelledFrame], batchSize: Int = 32, virials: Bool = false
  ) throws -> [Prediction] {
    guard batchSize >= 1 else {
      throw ArgumentError(
        "Potential.predict", "batch_size", "must be at least 1, received \(batchSize)")
    }
    try frameCheck.check(frames, function: "Potential.predict", argument: "frames")
    var predictions: [Prediction] = []
    predictions.reserveCapacity(frames.count)
    var rest = frames[...]
    try predict(batchSize: batchSize, virials: virials) {
      rest.popFirst()
    } then: { _, prediction in
      predictions.append(prediction)
    }
    return predictions
  }

  /// Predicts frames of which memory need not hold all, in their order.
  ///
  /// - Parameters:
  ///   - range: which of them, from 0; nil for all.
  ///   - isChosen: which frames of those, nil for all.
  ///   - body: what is done with each frame and its prediction.
  /// - Throws: `ArgumentError` as ``predict(_:batchSize:virials:)``, `FileError` for frames that cannot
  ///   be read, and what `body` throws.
  func predict(
    _ frames: StoredFrames, in range: Range<Int>? = nil,
    where isChosen: (LabelledFrame) -> Bool = { _ in true },
    then body: (LabelledFrame, Prediction) throws -> Void
  ) throws {
    let check = frameCheck
    var rest = range ?? frames.indices
    try predict {
      while let index = rest.popFirst() {
        let frame = try frames[index]
        guard isChosen(frame) else { continue }
        if let problem = check.problem(frame) {
          throw ArgumentError("Potential.predict", "frames", "frame \(index + 1): \(problem)")
        }
        return frame
      }
      return nil
    } then: {
      try body($0, $1)
    }
  }

  /// Predicts frames as they come, as many at once as there are pairs for.
  private func predict(
    batchSize: Int = 32, virials: Bool = false, _ next: () throws -> LabelledFrame?,
    then body: (LabelledFrame, Prediction) throws -> Void
  ) throws {
    var (frames, examples): ([LabelledFrame], [Example]) = ([], [])
    var (pairs, strains) = (0, virials)
    func flush() throws {
      if examples.isEmpty { return }
      for (frame, prediction) in zip(frames, try predict(examples, strains: strains)) {
        try body(frame, prediction)
      }
      (frames, examples, pairs, strains) = ([], [], 0, virials)
    }
    while let frame = try next() {
      let example = try Example(frame, elementEnergies: elementEnergies, cutoff: model.cutoff)
      if examples.count == batchSize || pairs + example.pairCount > Self.pairLimit { try flush() }
      frames.append(frame)
      examples.append(example)
      pairs += example.pairCount
      strains = strains || frame.pbc.contains(true)
    }
    try flush()
  }

  /// The predictions of structures that are checked.
  /// - Parameter strains: whether virials and stress are computed.
  func predict(_ examples: [Example], strains: Bool) throws -> [Prediction] {
    try predictions(
      examples, functions.function(strains: strains)(Batch(examples).structure), strains: strains)
  }

  /// The means of what members say, with their spread, of the results of a compiled function.
  func predictions(
    _ examples: [Example], _ results: [Tensor], strains: Bool
  ) throws -> [Prediction] {
    let width = results.count / members
    let all = try (0..<members).map { member in
      try memberPredictions(
        examples, Array(results[(width * member)..<(width * (member + 1))]), strains: strains)
    }
    if members == 1 { return all[0] }
    return examples.indices.map { index in Prediction(committee: all.map { $0[index] }) }
  }

  /// What a member says.
  private func memberPredictions(
    _ examples: [Example], _ results: [Tensor], strains: Bool
  ) throws -> [Prediction] {
    let energies: [Double] = try results[0].scalars()
    let forces: [Double] = try results[1].scalars()
    let derivatives: [Double]? = strains ? try results[2].scalars() : nil
    var first = 0
    return examples.map { example in
      let atoms = first..<(first + example.species.count)
      let local = first..<(first + example.contributing)
      first = atoms.upperBound
      let species = example.species[..<example.contributing]
      var prediction = Prediction(
        energy: energies[local].reduce(0, +) + elementEnergies.total(species),
        forces: Array(forces[(3 * atoms.lowerBound)..<(3 * atoms.upperBound)]))
      prediction.atomicEnergies = zip(energies[local], species).map {
        $0 + elementEnergies.energy(of: $1)
      }
      if let derivatives {
        prediction.addStrains(
          derivatives[(6 * atoms.lowerBound)..<(6 * atoms.upperBound)], volume: example.volume)
      }
      return prediction
    }
  }
}

extension Potential.Prediction {
  /// Adds virials and stress.
  /// - Parameter derivatives: with respect to strain, six for each atom in Voigt's order.
  fileprivate mutating func addStrains(_ derivatives: ArraySlice<Double>, volume: Double?) {
    var sums = [Double](repeating: 0, count: 6)
    var virials: [Double] = []
    virials.reserveCapacity(derivatives.count / 6 * 9)
    for first in stride(from: derivatives.startIndex, to: derivatives.endIndex, by: 6) {
      for index in 0..<6 { sums[index] += derivatives[first + index] }
      for component in Voigt.components { virials.append(-derivatives[first + component]) }
    }
    atomicVirials = virials
    stress = volume.map { volume in Voigt.tensor(sums).map { $0 / volume } }
  }
}
