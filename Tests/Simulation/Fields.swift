import E3xPotentials
import E3xSimulation

/// Each atom in a harmonic well of its own, about the origin.
struct HarmonicWells: ForceField {
  /// eV/Å²
  var stiffness = 2.0

  mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
    Potential.Prediction(
      energy: stiffness / 2 * frame.positions.reduce(0) { $0 + $1 * $1 },
      forces: frame.positions.map { -stiffness * $0 })
  }
}

/// Atoms that attract and repel each other, with images of the nearest cells.
struct LennardJones: ForceField {
  /// eV, Å
  var depth = 0.01
  var size = 2.5
  var cutoff = 5.5
  /// Whether energy and forces go to zero at the cutoff, or end there.
  var isSmooth = true

  mutating func predict(_ frame: LabelledFrame) throws -> Potential.Prediction {
    let count = frame.count
    var energy = 0.0
    var forces = [Double](repeating: 0, count: 3 * count)
    var virial = [Double](repeating: 0, count: 9)
    let vectors = try frame.periodicCell()?.vectors
    var shifts = [SIMD3<Double>()]
    if let vectors {
      shifts = []
      for i in -1...1 {
        for j in -1...1 {
          for k in -1...1 {
            shifts.append(
              Double(i) * vectors[0] + Double(j) * vectors[1] + Double(k) * vectors[2])
          }
        }
      }
    }
    // Positions may be anywhere: differences are brought into the nearest cell.
    let inverse = vectors.map(Self.reciprocal)
    func vector(_ atom: Int) -> SIMD3<Double> {
      SIMD3(
        frame.positions[3 * atom], frame.positions[3 * atom + 1], frame.positions[3 * atom + 2])
    }
    for a in 0..<count {
      for b in 0...a {
        var difference = vector(b) - vector(a)
        if let vectors, let inverse {
          for axis in 0..<3 {
            difference -= (difference * inverse[axis]).sum().rounded() * vectors[axis]
          }
        }
        for shift in shifts {
          let d = difference + shift
          let square = (d * d).sum()
          guard square > 1e-12, square < cutoff * cutoff else { continue }
          let weight = a == b ? 0.5 : 1.0
          let (value, slope) = pair(square)
          energy += weight * value
          // dE/dd = 2 slope d
          for i in 0..<3 {
            forces[3 * a + i] += weight * 2 * slope * d[i]
            forces[3 * b + i] -= weight * 2 * slope * d[i]
            for j in 0..<3 { virial[3 * i + j] += weight * 2 * slope * d[i] * d[j] }
          }
        }
      }
    }
    let volume = try frame.periodicCell()?.stressVolume
    return Potential.Prediction(
      energy: energy, forces: forces, stress: volume.map { v in virial.map { $0 / v } })
  }

  /// Energy, and its derivative with respect to the square of the distance; both are smooth at the cutoff
  /// by the factor (1 − r²/c²)².
  private func pair(_ square: Double) -> (Double, Double) {
    let limit = cutoff * cutoff
    let s = size * size / square
    let s3 = s * s * s
    let value = 4 * depth * (s3 * s3 - s3)
    let slope = 4 * depth * (-6 * s3 * s3 + 3 * s3) / square
    guard isSmooth else { return (value, slope) }
    let gap = 1 - square / limit
    return (value * gap * gap, slope * gap * gap - 2 * value * gap / limit)
  }

  private static func reciprocal(_ v: [SIMD3<Double>]) -> [SIMD3<Double>] {
    let volume = (v[0] * cross(v[1], v[2])).sum()
    return [cross(v[1], v[2]) / volume, cross(v[2], v[0]) / volume, cross(v[0], v[1]) / volume]
  }

  /// A crystal of argon-like atoms, 32 of them, and of other masses.
  static func crystal(
    edge: Double = 8.0, elements: [Int32] = [18, 10]
  ) -> LabelledFrame {
    var positions: [Double] = []
    for i in 0..<2 {
      for j in 0..<2 {
        for k in 0..<2 {
          for corner in [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]] {
            positions += [Double(i) + corner[0], Double(j) + corner[1], Double(k) + corner[2]]
              .map { $0 * edge / 2 }
          }
        }
      }
    }
    return LabelledFrame(
      atomicNumbers: (0..<32).map { elements[$0 % elements.count] }, positions: positions,
      cell: [edge, 0, 0, 0, edge, 0, 0, 0, edge], pbc: [true, true, true])
  }

  /// Five atoms near a minimum.
  static var cluster: LabelledFrame {
    LabelledFrame(
      atomicNumbers: [18, 18, 10, 10, 18],
      positions: [0, 0, 0, 2.8, 0, 0, 1.4, 2.42, 0, 1.4, 0.8, 2.3, 1.4, 0.8, -2.3])
  }
}

extension MolecularDynamics {
  mutating func run(_ steps: Int, _ visit: (Self) -> Void = { _ in }) throws {
    for _ in 0..<steps {
      try advance()
      visit(self)
    }
  }
}

/// Mean and variance of numbers as they come.
struct Moments {
  private(set) var count = 0.0
  private(set) var mean = 0.0
  private var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let difference = value - mean
    mean += difference / count
    squares += difference * (value - mean)
  }

  var variance: Double { squares / count }
}

/// a × b
func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
