/// The fast inertial relaxation engine: dynamics that stop when they go uphill (Bitzek et al., Phys. Rev.
/// Lett. 97, 170201, 2006), in the form of FIRE 2.0 (Guénolé et al., Comput. Mater. Sci. 175, 109584,
/// 2020): Euler's semi-implicit steps, velocities that are mixed before positions move, and half a step
/// back on the way uphill.
public struct FIRE: Minimizer {
  /// The farthest that an atom moves in a step, Å.
  public let maximalStep: Double
  /// Å √(u/eV), as the mass of every coordinate is 1 u.
  private var timeStep = 0.1
  private var mixing = Self.firstMixing
  private var velocities: [Double] = []
  private var downhill = 0
  private var count = 0

  private static let (leastTime, greatestTime) = (0.002, 1.0)
  private static let (growth, shrinkage, delay) = (1.1, 0.5, 20)
  private static let (firstMixing, mixingDecay) = (0.25, 0.99)

  /// - Parameter maximalStep: the farthest that an atom moves in a step, Å, positive.
  public init(maximalStep: Double = 0.2) { self.maximalStep = maximalStep }

  /// The next point.
  public mutating func next(
    after point: [Double], energy: Double, forces: [Double]
  ) -> [Double] {
    if velocities.isEmpty { velocities = [Double](repeating: 0, count: point.count) }
    var start = point
    let power = Vector.dot(forces, velocities)
    if power > 0 {
      downhill += 1
      if downhill > Self.delay {
        timeStep = min(timeStep * Self.growth, Self.greatestTime)
        mixing *= Self.mixingDecay
      }
    } else {
      downhill = 0
      if count >= Self.delay { timeStep = max(timeStep * Self.shrinkage, Self.leastTime) }
      mixing = Self.firstMixing
      let back = Vector.limited(velocities.map { timeStep * $0 }, to: maximalStep)
      start = Vector.sum(start, -0.5, back)
      for index in velocities.indices { velocities[index] = 0 }
    }
    count += 1
    velocities = Vector.sum(velocities, timeStep, forces)
    let size = Vector.norm(forces)
    if power > 0, size > 0 {
      let scale = mixing * Vector.norm(velocities) / size
      velocities = velocities.indices.map {
        (1 - mixing) * velocities[$0] + scale * forces[$0]
      }
    }
    return Vector.sum(
      start, 1, Vector.limited(velocities.map { timeStep * $0 }, to: maximalStep))
  }
}
