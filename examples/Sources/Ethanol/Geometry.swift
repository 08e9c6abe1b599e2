import E3x
import Foundation

/// Ethanol in numbers: its atoms are C C O H H H H H H, and the fourth is that of the hydroxyl group.
extension LabelledFrame {
  /// C–C–O–H
  static let hydroxylAtoms = [0, 1, 2, 3]

  /// Å
  func point(_ atom: Int) -> SIMD3<Double> {
    SIMD3(positions[3 * atom], positions[3 * atom + 1], positions[3 * atom + 2])
  }

  /// Å
  func distance(_ first: Int, _ second: Int) -> Double {
    length(point(first) - point(second))
  }

  /// Degrees.
  func angle(_ first: Int, _ middle: Int, _ last: Int) -> Double {
    let (a, b) = (point(first) - point(middle), point(last) - point(middle))
    return degrees(acos(dot(a, b) / (length(a) * length(b))))
  }

  /// How far the hydroxyl group is turned, C–C–O–H.
  var hydroxyl: Dihedral { Dihedral(Self.hydroxylAtoms.map(point)) }

  /// The molecule with the hydrogen of the hydroxyl group turned about the C–O bond.
  /// - Parameter angle: what the dihedral C–C–O–H is to be, degrees.
  func turned(to angle: Double) -> LabelledFrame {
    let (oxygen, arm) = (point(2), point(3) - point(2))
    let axis = (oxygen - point(1)) / distance(1, 2)
    let turn = radians(angle) - hydroxyl.angle
    let along = dot(arm, axis) * axis
    let turned = along + cos(turn) * (arm - along) + sin(turn) * cross(axis, arm)
    var result = self
    for i in 0..<3 { result.positions[9 + i] = oxygen[i] + turned[i] }
    return result
  }
}

/// The angle between two planes through four points, and how it changes with them.
struct Dihedral {
  /// Radians, from -π to π.
  let angle: Double
  /// Its derivatives with respect to the four points, 1/Å (Blondel and Karplus, J. Comput. Chem. 17,
  /// 1132, 1996).
  let gradient: [SIMD3<Double>]

  /// - Parameter points: four of them.
  init(_ points: [SIMD3<Double>]) {
    let (f, g, h) = (points[0] - points[1], points[1] - points[2], points[3] - points[2])
    let (a, b) = (cross(f, g), cross(h, g))
    angle = atan2(dot(cross(b, a), g) / length(g), dot(a, b))
    let first = -length(g) / dot(a, a) * a
    let last = length(g) / dot(b, b) * b
    let shear = dot(f, g) / (dot(a, a) * length(g)) * a - dot(h, g) / (dot(b, b) * length(g)) * b
    gradient = [first, shear - first, -shear - last, last]
  }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

func degrees(_ radians: Double) -> Double { radians * 180 / .pi }

func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
