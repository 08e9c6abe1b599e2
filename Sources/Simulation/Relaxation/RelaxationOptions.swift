internal import E3xEngine

/// What of a structure is relaxed, and when it is.
public struct RelaxationOptions: Sendable, Equatable {
  /// How the cell may change; nil if it stays.
  public var cell: CellFreedom?
  /// The pressure on the cell, eV/Å³ (``Units/gigapascal``).
  public var pressure: Double
  /// A structure is relaxed when no force on an atom is larger, eV/Å,
  public var force: Double
  /// and, with a cell that may change, no component of the stress that it follows is farther from that
  /// of the pressure, eV/Å³.
  public var stress: Double
  /// The most steps.
  public var steps: Int

  /// - Parameters:
  ///   - cell: how the cell may change; nil if it stays.
  ///   - pressure: eV/Å³ (``Units/gigapascal``), positive under compression.
  ///   - force: the largest force on an atom of a relaxed structure, eV/Å, positive.
  ///   - stress: the largest component of the stress, with the pressure, of a relaxed structure,
  ///     eV/Å³, positive; usually that of 0.01 GPa.
  ///   - steps: the most steps, not negative.
  public init(
    cell: CellFreedom? = nil, pressure: Double = 0, force: Double = 0.01,
    stress: Double = 0.01 / Units.gigapascal, steps: Int = 500
  ) {
    (self.cell, self.pressure) = (cell, pressure)
    (self.force, self.stress, self.steps) = (force, stress, steps)
  }

  func check() throws(ArgumentError) {
    let function = "RelaxationOptions"
    try checkPositive(function, "force", force)
    try checkPositive(function, "stress", stress)
    guard pressure.isFinite else {
      throw ArgumentError(function, "pressure", "expected a finite number, received \(pressure)")
    }
    guard steps >= 0 else {
      throw ArgumentError(function, "steps", "must not be negative, received \(steps)")
    }
  }
}
