public import E3xPotentials

/// What gives energies and forces of several structures at once.
public protocol BatchForceField: Sendable {
  /// Energy, forces and, of structures that repeat, stress, in the order of the structures.
  /// - Throws: what of the structures cannot be computed.
  mutating func predict(_ frames: [LabelledFrame]) throws -> [Potential.Prediction]
}

/// A potential that computes many structures in one batch.
public struct BatchedPotential: BatchForceField {
  /// What it computes.
  public let potential: Potential
  /// The most structures at once.
  public let batchSize: Int

  /// - Parameter batchSize: the most structures at once, at least 1.
  public init(_ potential: Potential, batchSize: Int = 32) {
    (self.potential, self.batchSize) = (potential, batchSize)
  }

  /// Energy, forces and, of structures that repeat, stress.
  /// - Throws: `ArgumentError` as ``Potential/predict(_:batchSize:virials:)``.
  public func predict(_ frames: [LabelledFrame]) throws -> [Potential.Prediction] {
    try potential.predict(frames, batchSize: batchSize)
  }
}

/// A force field that computes structures one after the other.
public struct OneByOne<Field: ForceField>: BatchForceField {
  /// What computes each.
  public private(set) var field: Field

  /// Structures one after the other.
  public init(_ field: Field) { self.field = field }

  /// Energy, forces and, of structures that repeat, stress.
  /// - Throws: what the field throws.
  public mutating func predict(_ frames: [LabelledFrame]) throws -> [Potential.Prediction] {
    try frames.map { try field.predict($0) }
  }
}
