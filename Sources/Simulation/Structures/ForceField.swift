public import E3xPotentials

/// What gives energies and forces of a structure that moves: a ``Calculator``, or anything else.
public protocol ForceField: Sendable {
  /// Energy, forces and, of a structure that repeats, stress.
  /// - Parameter frame: in successive calls the same atoms in the same order, usually moved little.
  /// - Throws: what of the structure cannot be computed.
  mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction
}

extension Calculator: ForceField {
  /// Energy, forces and, of a structure that repeats, stress.
  public mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
    try predict(frame, virials: false)
  }
}
