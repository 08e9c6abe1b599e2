internal import E3xEngine
internal import E3xPotentials
internal import E3xSystem

/// The coordinates that a structure is relaxed in: those of its atoms that may move, in the undeformed
/// space, and those of the deformation.
struct RelaxationCoordinates {
  private let start: LabelledFrame
  /// Which of 3N coordinates may change.
  private let free: [Int]
  private let deformation: Deformation?
  private let freedom: CellFreedom?
  private let pressure: Double

  init(
    _ frame: LabelledFrame, free: [Int], cell freedom: CellFreedom?, pressure: Double
  ) throws(ArgumentError) {
    (start, self.free, self.freedom, self.pressure) = (frame, free, freedom, pressure)
    guard let freedom else {
      deformation = nil
      return
    }
    guard frame.pbc == [true, true, true], let volume = try frame.periodicCell()?.volume else {
      throw ArgumentError(
        "Relaxation", "frame",
        "expected a structure that repeats along three vectors where the cell may change")
    }
    let count = Double(frame.count)
    deformation = Deformation(freedom, scale: count.squareRoot() * cbrt(volume / count))
  }

  /// Where the structure is at the start.
  var first: [Double] {
    free.map { start.positions[$0] }
      + [Double](repeating: 0, count: deformation?.count ?? 0)
  }

  private func cellPart(_ point: [Double]) -> [Double] { Array(point[free.count...]) }

  /// Whether the cell is shorter or longer in some direction than a relaxed one can be: by more than a
  /// factor of e. Such a structure has collapsed, or evaporated.
  func isBeyond(_ point: [Double]) -> Bool {
    deformation.map { $0.largestStrain(cellPart(point)) > 1 } ?? false
  }

  /// The structure at a point.
  func frame(_ point: [Double]) -> LabelledFrame {
    var frame = start
    for (index, coordinate) in free.enumerated() { frame.positions[coordinate] = point[index] }
    guard let deformation else { return frame }
    let matrix = deformation.matrix(cellPart(point))
    frame.positions = Matrix3.applied(matrix, to: frame.positions)
    frame.cell = frame.cell.map { Matrix3.applied(matrix, to: $0) }
    return frame
  }

  /// Energy with pressure times volume, eV, and its negative gradient, eV/Å.
  func objective(
    _ point: [Double], _ frame: LabelledFrame, _ prediction: Potential.Prediction
  ) throws -> (energy: Double, forces: [Double]) {
    guard let deformation else {
      return (prediction.energy, free.map { prediction.forces[$0] })
    }
    let excess = try excess(prediction)
    let volume = try frame.periodicCell()?.volume ?? 0
    let coordinates = cellPart(point)
    let forces = Matrix3.applied(deformation.matrix(coordinates), to: prediction.forces)
    return (
      prediction.energy + pressure * volume,
      free.map { forces[$0] }
        + deformation.forces(coordinates, strain: excess.map { volume * $0 })
    )
  }

  /// Stress, and the pressure that balances it, eV/Å³, [3, 3].
  private func excess(_ prediction: Potential.Prediction) throws(ArgumentError) -> [Double] {
    guard var stress = prediction.stress, stress.count == 9 else {
      throw ArgumentError("Relaxation", "field", "expected a stress, but there is none")
    }
    for axis in 0..<3 { stress[4 * axis] += pressure }
    return stress
  }

  /// The largest force on an atom, of the components that may move it, eV/Å.
  func largestForce(_ prediction: Potential.Prediction) -> Double {
    var forces = [Double](repeating: 0, count: prediction.forces.count)
    for index in free { forces[index] = prediction.forces[index] }
    return Vector.largest(forces)
  }

  /// The largest component of the stress that the cell follows, with the pressure, eV/Å³; 0 if it stays.
  func largestStress(_ prediction: Potential.Prediction) throws -> Double {
    guard let freedom else { return 0 }
    return freedom.projected(try excess(prediction)).reduce(0) { max($0, abs($1)) }
  }
}
