public import E3xPotentials

/// What gives second derivatives of the energy of a structure: a `Potential`, or anything else.
public protocol HessianField: Sendable {
  /// Second derivatives of the energy with respect to positions, eV/Å²: [rows, 3N] in row-major order.
  /// All images of an atom of a structure that repeats move with it.
  /// - Parameter rows: which rows, 3 × atom + axis; nil for all.
  /// - Throws: what of the structure cannot be computed.
  func hessian(of frame: LabelledFrame, rows: Range<Int>?) throws -> [Double]
}

extension Potential: HessianField {}
