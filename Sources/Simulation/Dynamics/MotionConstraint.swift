internal import E3xPotentials

/// What of the motion of a structure as a whole is kept at zero.
public struct MotionConstraint: OptionSet, Sendable {
  /// Bits.
  public let rawValue: Int

  /// Of bits.
  public init(rawValue: Int) { self.rawValue = rawValue }

  /// The centre of mass stays.
  public static let translation = MotionConstraint(rawValue: 1)
  /// The angular momentum about the centre of mass is zero; without meaning where something repeats.
  public static let rotation = MotionConstraint(rawValue: 2)

  /// What is usual: a molecule neither moves nor turns, what repeats does not move.
  public static func usual(isPeriodic: Bool) -> MotionConstraint {
    isPeriodic ? .translation : [.translation, .rotation]
  }

  /// How many independent components the velocities of atoms have.
  ///
  /// A single atom and atoms on a line turn about fewer axes.
  func degreesOfFreedom(of positions: [Double], masses: [Double]) -> Int {
    var count = positions.count
    if contains(.translation) { count -= 3 }
    if contains(.rotation) {
      count -= RigidMotion(positions, masses: masses).axes
    }
    return max(0, count)
  }

  /// Takes the constrained part out of velocities: the rest is closest to them in the norm of the
  /// kinetic energy.
  func apply(to velocities: inout [Double], positions: [Double], masses: [Double]) {
    guard !isEmpty else { return }
    let motion = RigidMotion(positions, masses: masses)
    let mean = motion.mean(of: velocities)
    let turn =
      contains(.rotation) ? motion.angularVelocity(velocities, mean: mean) : SIMD3<Double>()
    for atom in masses.indices {
      var change = contains(.translation) ? mean : SIMD3()
      change += turn.cross(motion.arms[atom])
      for axis in 0..<3 { velocities[3 * atom + axis] -= change[axis] }
    }
  }
}

/// A structure as a rigid body.
struct RigidMotion {
  private let masses: [Double]
  private let total: Double
  /// From the centre of mass, Å.
  let arms: [SIMD3<Double>]
  /// Moments of inertia, u Å², and their axes as columns.
  private let moments: SIMD3<Double>
  private let directions: [SIMD3<Double>]

  init(_ positions: [Double], masses: [Double]) {
    self.masses = masses
    total = masses.reduce(0, +)
    var center = SIMD3<Double>()
    for atom in masses.indices { center += masses[atom] * Self.vector(positions, atom) }
    center /= total
    arms = masses.indices.map { Self.vector(positions, $0) - center }
    var inertia = [Double](repeating: 0, count: 9)
    for (mass, r) in zip(masses, arms) {
      let square = r.dot(r)
      for i in 0..<3 {
        for j in 0..<3 { inertia[3 * i + j] += mass * ((i == j ? square : 0) - r[i] * r[j]) }
      }
    }
    let (values, vectors) = SymmetricMatrix.eigen(inertia, size: 3)
    moments = SIMD3(values[0], values[1], values[2])
    directions = (0..<3).map { SIMD3(vectors[$0], vectors[3 + $0], vectors[6 + $0]) }
  }

  private static func vector(_ values: [Double], _ atom: Int) -> SIMD3<Double> {
    SIMD3(values[3 * atom], values[3 * atom + 1], values[3 * atom + 2])
  }

  /// Whether the body can turn about its axes: there is nothing to turn about the line that all atoms
  /// lie on.
  private var turns: [Bool] {
    (0..<3).map { moments[$0] > 1e-8 * max(moments[2], 1e-300) && moments[2] > 1e-12 }
  }

  /// About how many axes it can turn.
  var axes: Int { turns.count { $0 } }

  /// The velocity of the centre of mass.
  func mean(of velocities: [Double]) -> SIMD3<Double> {
    var sum = SIMD3<Double>()
    for atom in masses.indices { sum += masses[atom] * Self.vector(velocities, atom) }
    return sum / total
  }

  /// The angular velocity about the centre of mass, 1/fs.
  func angularVelocity(_ velocities: [Double], mean: SIMD3<Double>) -> SIMD3<Double> {
    var momentum = SIMD3<Double>()
    for atom in masses.indices {
      let v = Self.vector(velocities, atom) - mean
      momentum += masses[atom] * arms[atom].cross(v)
    }
    var result = SIMD3<Double>()
    for (axis, turns) in turns.enumerated() where turns {
      result += directions[axis] * (directions[axis].dot(momentum) / moments[axis])
    }
    return result
  }
}
