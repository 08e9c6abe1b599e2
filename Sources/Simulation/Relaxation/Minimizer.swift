/// What looks for the minimum of an energy, from one point to the next: it is told energy and forces
/// where it is, and says where they are wanted next.
public protocol Minimizer: Sendable {
  /// The next point.
  ///
  /// - Parameters:
  ///   - point: [n], Å: the first one, or what the last call gave.
  ///   - energy: at the point, eV; one that is not finite counts as infinite.
  ///   - forces: the negative gradient of the energy, [n], eV/Å.
  mutating func next(after point: [Double], energy: Double, forces: [Double]) -> [Double]
}

/// Arithmetic of points.
enum Vector {
  static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  static func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

  /// a + factor b
  static func sum(_ a: [Double], _ factor: Double, _ b: [Double]) -> [Double] {
    a.indices.map { a[$0] + factor * b[$0] }
  }

  /// The greatest length of three components that belong together.
  static func largest(_ a: [Double]) -> Double {
    var result = 0.0
    for first in stride(from: 0, to: a.count, by: 3) {
      let part = a[first..<min(first + 3, a.count)]
      result = max(result, part.reduce(0) { $0 + $1 * $1 })
    }
    return result.squareRoot()
  }

  /// A step, shortened if some atom would move by more than a limit.
  static func limited(_ step: [Double], to limit: Double) -> [Double] {
    let size = largest(step)
    return size > limit ? step.map { $0 * (limit / size) } : step
  }
}
