/// The quasi-Newton method of Broyden, Fletcher, Goldfarb and Shanno with limited memory (Nocedal, Math.
/// Comput. 35, 773, 1980), for forces that are exact to single precision.
///
/// No line search: a step is taken at its full length, but no atom moves farther than a limit. It is
/// accepted if the energy falls as the forces promise, or, where rounding hides that, if the mean of the
/// slopes at both ends points down (Hager & Zhang, SIAM J. Optim. 16, 170, 2005). Otherwise it is made
/// shorter, and after a few times along the forces.
public struct LBFGS: Minimizer {
  /// The farthest that an atom moves in a step, Å.
  public let maximalStep: Double
  /// How many steps are remembered.
  public let memory: Int
  private var pairs: [Pair] = []
  private var base: Base?
  /// What is tried from the base.
  private var step: [Double] = []
  private var rejections = 0

  private struct Pair {
    let step: [Double]
    let change: [Double]
    /// Their product, positive.
    let curvature: Double
  }

  private struct Base {
    let point: [Double]
    let energy: Double
    let forces: [Double]
  }

  /// Of a bond's order of magnitude, Å²/eV: for the first step.
  private static let firstSoftness = 1.0 / 70

  /// - Parameters:
  ///   - maximalStep: the farthest that an atom moves in a step, Å, positive.
  ///   - memory: how many steps are remembered, at least 1.
  public init(maximalStep: Double = 0.2, memory: Int = 30) {
    (self.maximalStep, self.memory) = (maximalStep, max(1, memory))
  }

  /// The next point.
  public mutating func next(
    after point: [Double], energy: Double, forces: [Double]
  ) -> [Double] {
    if let base {
      guard isAccepted(base, energy, forces) else { return retried(base, energy) }
      remember(base, point, forces)
    }
    rejections = 0
    base = Base(point: point, energy: energy, forces: forces)
    step = Vector.limited(direction(forces), to: maximalStep)
    return Vector.sum(point, 1, step)
  }

  private func isAccepted(_ base: Base, _ energy: Double, _ forces: [Double]) -> Bool {
    guard energy.isFinite, forces.allSatisfy(\.isFinite) else { return false }
    let slope = -Vector.dot(base.forces, step)
    if energy <= base.energy + 1e-4 * slope { return true }
    // What single precision leaves of the energies of atoms.
    let noise = 1e-5 * (Double(step.count) / 3).squareRoot()
    return energy <= base.energy + noise && slope - Vector.dot(forces, step) <= 0
  }

  /// A shorter step from the same base.
  private mutating func retried(_ base: Base, _ energy: Double) -> [Double] {
    rejections += 1
    let slope = -Vector.dot(base.forces, step)
    let rise = energy - base.energy - slope
    // The minimum of a parabola, within limits.
    let factor = energy.isFinite && rise > 0 ? min(0.5, max(0.1, -slope / (2 * rise))) : 0.1
    if rejections == 3 {
      pairs = []
      let size = Vector.norm(base.forces)
      let length = factor * Vector.norm(step)
      step = base.forces.map { $0 * (size > 0 ? length / size : 0) }
    } else {
      step = step.map { $0 * factor }
    }
    return Vector.sum(base.point, 1, step)
  }

  private mutating func remember(_ base: Base, _ point: [Double], _ forces: [Double]) {
    let moved = Vector.sum(point, -1, base.point)
    let change = Vector.sum(base.forces, -1, forces)
    let curvature = Vector.dot(moved, change)
    // Where the energy bends down there is nothing to learn.
    guard curvature > 1e-8 * Vector.norm(moved) * Vector.norm(change) else { return }
    pairs.append(Pair(step: moved, change: change, curvature: curvature))
    if pairs.count > memory { pairs.removeFirst() }
  }

  /// The inverse of the curvature, as far as it is known, times the forces: always downhill.
  private func direction(_ forces: [Double]) -> [Double] {
    var result = forces
    var weights: [Double] = []
    for pair in pairs.reversed() {
      let weight = Vector.dot(pair.step, result) / pair.curvature
      result = Vector.sum(result, -weight, pair.change)
      weights.append(weight)
    }
    let softness =
      pairs.last.map { $0.curvature / Vector.dot($0.change, $0.change) } ?? Self.firstSoftness
    result = result.map { $0 * softness }
    for (pair, weight) in zip(pairs, weights.reversed()) {
      let other = Vector.dot(pair.change, result) / pair.curvature
      result = Vector.sum(result, weight - other, pair.step)
    }
    return result
  }
}
