internal import E3xPotentials

/// The motions of a structure as a whole, as directions in coordinates times roots of masses.
enum RigidModes {
  /// Å: atoms that are no farther from a line are on it.
  private static let lineWidth = 0.02

  /// Orthonormal directions, [3N] each: three translations and, of what repeats nowhere, the rotations:
  /// three, two of atoms on a line, none of a single atom.
  static func directions(_ positions: [Double], masses: [Double], turns: Bool) -> [[Double]] {
    let roots = masses.map { $0.squareRoot() }
    let total = masses.reduce(0, +).squareRoot()
    let translations = (0..<3).map { axis in
      (0..<positions.count).map { $0 % 3 == axis ? roots[$0 / 3] / total : 0 }
    }
    guard turns else { return translations }
    let arms = RigidMotion(positions, masses: masses).arms
    let turnings = [SIMD3(1.0, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)].map { axis in
      let motion = arms.map { axis.cross($0) }
      return positions.indices.map { roots[$0 / 3] * motion[$0 / 3][$0 % 3] }
    }
    // Their products are the moments of inertia; about the axes of these they are orthogonal.
    let inertia = turnings.flatMap { first in turnings.map { Vector.dot(first, $0) } }
    let axes = SymmetricMatrix.eigen(inertia, size: 3).vectors
    let rotations = (0..<3).compactMap { k -> [Double]? in
      let direction = positions.indices.map { index in
        (0..<3).reduce(0) { $0 + axes[3 * $1 + k] * turnings[$1][index] }
      }
      let motion = direction.indices.map { direction[$0] / roots[$0 / 3] }
      guard Vector.largest(motion) > lineWidth else { return nil }
      let size = Vector.norm(direction)
      return direction.map { $0 / size }
    }
    return translations + rotations
  }
}
