import E3xPotentials
import E3xSimulation

/// Atoms with springs between those that are at rest at a distance, images among them: vibrations in
/// closed form.
struct Springs: ForceField {
  /// eV/Å²
  var stiffness = 3.0
  /// Å
  var length = 2.0

  mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
    let cell = try frame.periodicCell()?.vectors
    var shifts = [SIMD3<Double>()]
    if let cell {
      shifts = []
      for index in 0..<27 {
        let (i, j, k) = (Double(index / 9 - 1), Double(index / 3 % 3 - 1), Double(index % 3 - 1))
        shifts.append(i * cell[0] + j * cell[1] + k * cell[2])
      }
    }
    func position(_ atom: Int) -> SIMD3<Double> {
      SIMD3((0..<3).map { frame.positions[3 * atom + $0] })
    }
    var energy = 0.0
    var forces = [Double](repeating: 0, count: frame.positions.count)
    for a in 0..<frame.count {
      for b in 0..<frame.count {
        for shift in shifts {
          let d = position(b) + shift - position(a)
          let distance = (d * d).sum().squareRoot()
          guard distance > 0, abs(distance - length) < 0.2 * length else { continue }
          let stretch = distance - length
          // Each pair comes twice.
          energy += stiffness * stretch * stretch / 4
          for axis in 0..<3 { forces[3 * a + axis] += stiffness * stretch * d[axis] / distance }
        }
      }
    }
    return Potential.Prediction(energy: energy, forces: forces)
  }
}

/// Second derivatives from differences of forces.
struct Differences<Field: ForceField>: HessianField {
  var field: Field
  /// Å
  var step = 1e-3

  func hessian(of frame: LabelledFrame, rows: Range<Int>?) throws -> [Double] {
    var field = field
    return try (rows ?? 0..<frame.positions.count).flatMap { row in
      let values = try [-2.0, -1, 1, 2].map { part in
        var moved = frame
        moved.positions[row] += part * step
        return try field.predict(moved).forces
      }
      return frame.positions.indices.map { index in
        let (outer, inner) = (
          values[0][index] - values[3][index], values[2][index] - values[1][index]
        )
        return -(outer + 8 * inner) / (12 * step)
      }
    }
  }
}
