internal import E3xEngine
public import E3xPotentials

/// Atoms that move.
public struct DynamicsState: Sendable {
  /// Atomic numbers, positions (Å), cell.
  public var frame: LabelledFrame
  /// [N], u
  public let masses: [Double]
  /// [N, 3], Å/fs
  public var velocities: [Double]
  /// Energy, forces and stress at the positions.
  public var prediction: Potential.Prediction
  /// What of the motion is kept at zero.
  public let constraint: MotionConstraint
  /// How many independent components velocities have.
  public let degreesOfFreedom: Int
  /// Steps done.
  public var step = 0
  /// fs
  public var time = 0.0

  /// Atoms at rest.
  ///
  /// - Parameter masses: [N], u; standard atomic weights if nil.
  /// - Parameter constraint: what of the motion is kept at zero.
  /// - Parameter field: what computes the forces.
  /// - Throws: `ArgumentError` naming `masses` that are not positive or not as many as there are atoms,
  ///   or `frame` if there are none; what `field` throws.
  public init(
    _ frame: LabelledFrame, masses: [Double]? = nil, constraint: MotionConstraint = [],
    field: inout some ForceField
  ) throws {
    guard frame.count > 0 else {
      throw ArgumentError("DynamicsState", "frame", "expected at least one atom")
    }
    var kept = frame
    (kept.energy, kept.forces, kept.stress) = (nil, nil, nil)
    self.frame = kept
    self.masses = try masses ?? frame.atomicNumbers.map { try AtomicMass.standard(of: $0) }
    guard self.masses.count == frame.count else {
      throw ArgumentError(
        "DynamicsState", "masses", "expected \(frame.count), received \(self.masses.count)")
    }
    for (atom, mass) in self.masses.enumerated() where !(mass > 0 && mass < .infinity) {
      throw ArgumentError(
        "DynamicsState", "masses",
        "expected positive finite numbers, received \(mass) for atom \(atom + 1)")
    }
    self.constraint = constraint
    degreesOfFreedom = constraint.degreesOfFreedom(of: kept.positions, masses: self.masses)
    velocities = [Double](repeating: 0, count: 3 * frame.count)
    prediction = try field.predict(kept)
  }

  /// The number of atoms.
  public var count: Int { masses.count }

  /// eV
  public var kineticEnergy: Double {
    var sum = 0.0
    for atom in 0..<count {
      let (x, y, z) = (velocities[3 * atom], velocities[3 * atom + 1], velocities[3 * atom + 2])
      sum += masses[atom] * (x * x + y * y + z * z)
    }
    return sum / 2 / Units.acceleration
  }

  /// Of the degrees of freedom that there are, K; 0 if there are none.
  public var temperature: Double {
    degreesOfFreedom == 0
      ? 0 : 2 * kineticEnergy / (Double(degreesOfFreedom) * Units.boltzmann)
  }

  /// Potential and kinetic energy, eV.
  public var totalEnergy: Double { prediction.energy + kineticEnergy }

  /// Å³; nil if not all three directions repeat.
  public var volume: Double? {
    guard frame.pbc == [true, true, true] else { return nil }
    return (try? frame.periodicCell())?.volume
  }

  /// The pressure tensor, of motion and of forces, eV/Å³, [3, 3], symmetric; nil if not all three
  /// directions repeat.
  public var pressureTensor: [Double]? {
    guard let volume, let stress = prediction.stress else { return nil }
    return zip(kineticTensor, stress).map { $0 / volume - $1 }
  }

  /// eV/Å³; nil if not all three directions repeat.
  public var pressure: Double? {
    pressureTensor.map { ($0[0] + $0[4] + $0[8]) / 3 }
  }

  /// Σ m v vᵀ, eV, [3, 3]: its trace is twice the kinetic energy.
  var kineticTensor: [Double] {
    var sum = [Double](repeating: 0, count: 9)
    for atom in 0..<count {
      let scale = masses[atom] / Units.acceleration
      for row in 0..<3 {
        for column in 0..<3 {
          sum[3 * row + column] +=
            scale * velocities[3 * atom + row] * velocities[3 * atom + column]
        }
      }
    }
    return sum
  }

  /// Adds to velocities what forces do in a time (fs).
  public mutating func kick(_ time: Double) {
    for atom in 0..<count {
      let scale = time * Units.acceleration / masses[atom]
      for index in (3 * atom)..<(3 * atom + 3) {
        velocities[index] += scale * prediction.forces[index]
      }
    }
  }

  /// Adds to positions what velocities do in a time (fs).
  public mutating func drift(_ time: Double) {
    for index in velocities.indices { frame.positions[index] += time * velocities[index] }
  }

  /// Computes energy and forces at the positions.
  public mutating func update(_ field: inout some ForceField) throws {
    prediction = try field.predict(frame)
  }

  /// Multiplies all velocities with a number.
  public mutating func scaleVelocities(by factor: Double) {
    for index in velocities.indices { velocities[index] *= factor }
  }

  /// Takes the constrained part out of velocities.
  public mutating func constrainVelocities() {
    constraint.apply(to: &velocities, positions: frame.positions, masses: masses)
  }
}
