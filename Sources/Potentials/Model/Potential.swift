internal import E3xEngine
internal import E3xFiles
public import E3xNN
internal import Foundation
internal import OrderedCollections

/// A trained potential: what predicts energies and forces, and what files hold.
public struct Potential: Sendable {
  /// The network's configuration.
  public let configuration: PotentialConfiguration
  /// The network's parameters.
  public let parameters: Parameters
  /// The energies of the elements, added to the network's.
  public let elementEnergies: ElementEnergies

  private let prediction: CompiledFunction

  /// A potential of these parts.
  /// - Throws: `ArgumentError` if the configuration is out of range, or if parameters are missing,
  ///   do not fit it or are of no use to it.
  public init(
    configuration: PotentialConfiguration, parameters: Parameters,
    elementEnergies: ElementEnergies
  ) throws {
    try configuration.check()
    self.configuration = configuration
    self.parameters = parameters
    self.elementEnergies = elementEnergies
    let layout = try ParameterLayout(parameters)
    let objective = Objective(potential: AttentionPotential(configuration), layout: layout)
    // First of all, what is missing must be named.
    self.prediction = try objective.prediction(parameters)
  }

  /// What the potential can be asked about: the elements that it has energies for.
  public var frameCheck: FrameCheck {
    FrameCheck(elements: Set(elementEnergies.energies.keys), knower: "the potential")
  }

  /// What a potential says of one structure.
  public struct Prediction: Sendable {
    /// eV
    public var energy: Double
    /// eV/Å, [N, 3] in row-major order
    public var forces: [Double]

    /// A prediction of these values.
    public init(energy: Double, forces: [Double]) {
      self.energy = energy
      self.forces = forces
    }
  }

  /// Pairs computed at once, unless one structure has more.
  private static let pairLimit = 1 << 14

  /// Energies and forces of structures, in their order.
  ///
  /// Vectors of pairs are formed, and energies of atoms are summed, in double precision: the
  /// results of a molecule do not depend on where it is, nor on others far away.
  ///
  /// - Parameter batchSize: the most structures computed at once, at least 1; does not change the
  ///   results beyond rounding.
  /// - Throws: `ArgumentError` for an atomic number that the potential does not know.
  public func predict(_ frames: [LabelledFrame], batchSize: Int = 32) throws -> [Prediction] {
    guard batchSize >= 1 else {
      throw ArgumentError(
        "Potential.predict", "batch_size", "must be at least 1, received \(batchSize)")
    }
    try frameCheck.check(frames, function: "Potential.predict", argument: "frames")
    var predictions: [Prediction] = []
    predictions.reserveCapacity(frames.count)
    var (examples, pairs): ([Example], Int) = ([], 0)
    for frame in frames {
      let example = Example(frame, elementEnergies: elementEnergies, cutoff: configuration.cutoff)
      if examples.count == batchSize
        || !examples.isEmpty && pairs + example.pairCount > Self.pairLimit
      {
        predictions += try predict(examples)
        (examples, pairs) = ([], 0)
      }
      examples.append(example)
      pairs += example.pairCount
    }
    if !examples.isEmpty { predictions += try predict(examples) }
    return predictions
  }

  private func predict(_ examples: [Example]) throws -> [Prediction] {
    let results = try prediction(Batch(examples).structure)
    let energies: [Double] = try results[0].scalars()
    let forces: [Double] = try results[1].scalars()
    var first = 0
    return examples.map { example in
      let atoms = first..<(first + example.species.count)
      first = atoms.upperBound
      return Prediction(
        energy: energies[atoms].reduce(0, +) + elementEnergies.total(example.species),
        forces: Array(forces[(3 * atoms.lowerBound)..<(3 * atoms.upperBound)]))
    }
  }
}

/// JSON with sorted keys on one line.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}
