import E3x
import Foundation

/// A force field that holds a dihedral of another one: it adds strength · (1 − cos(φ − φ₀)) to the
/// energy, and what follows from that to the forces. Whatever takes a force field takes this too.
struct DihedralRestraint<Field: ForceField>: ForceField {
  var field: Field
  /// Four of them.
  let atoms: [Int]
  /// Where it is held, radians.
  let angle: Double
  /// eV
  let strength: Double

  mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
    var prediction = try field.predict(frame)
    prediction.energy += energy(of: frame)
    let dihedral = Dihedral(atoms.map(frame.point))
    let slope = strength * sin(dihedral.angle - angle)
    for (atom, change) in zip(atoms, dihedral.gradient) {
      for axis in 0..<3 { prediction.forces[3 * atom + axis] -= slope * change[axis] }
    }
    return prediction
  }

  /// What it adds, eV.
  func energy(of frame: LabelledFrame) -> Double {
    strength * (1 - cos(Dihedral(atoms.map(frame.point)).angle - angle))
  }
}
