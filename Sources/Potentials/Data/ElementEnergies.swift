public import E3xFiles

/// An energy for every element, so that their sum over the atoms explains as much of the total
/// energies as composition alone can: what remains is what a potential has to learn.
public struct ElementEnergies: Sendable, Equatable {
  /// Energies in eV by atomic number; 0 for elements that are missing.
  public var energies: [Int32: Double]

  /// Creates energies from values by atomic number.
  public init(_ energies: [Int32: Double] = [:]) {
    self.energies = energies
  }

  /// The sum over the atoms in eV; elements without an energy count as 0.
  public func total(_ atomicNumbers: some Collection<Int32>) -> Double {
    atomicNumbers.reduce(0) { $0 + energy(of: $1) }
  }

  /// The energy of an element in eV; 0 if there is none.
  public func energy(of atomicNumber: Int32) -> Double { energies[atomicNumber] ?? 0 }

  /// Fits energies to the frames that have one, by least squares.
  ///
  /// Where the compositions do not determine them, as for a single molecule, the solution of least
  /// norm is taken: it explains the totals as well as any other. Frames without an energy are left
  /// out; from none at all comes 0 for every element.
  /// - Parameter known: energies of elements that are not fitted, in eV by atomic number.
  public static func fit(
    _ frames: [LabelledFrame], known: [Int32: Double] = [:]
  ) -> ElementEnergies {
    var fit = CompositionFit(known: known)
    for frame in frames { fit.add(frame.atomicNumbers, energy: frame.energy) }
    return fit.energies
  }

  /// Fits energies to frames of which memory need not hold all, as ``fit(_:known:)``.
  /// - Throws: `FileError` for frames that cannot be read.
  public static func fit(
    _ frames: StoredFrames, known: [Int32: Double] = [:]
  ) throws(FileError) -> ElementEnergies {
    var fit = CompositionFit(known: known)
    for index in frames.indices {
      let frame = try frames[index]
      fit.add(frame.atomicNumbers, energy: frame.energy)
    }
    return fit.energies
  }
}
