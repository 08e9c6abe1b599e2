internal import E3xSystem

/// Rotation matrices in double precision, in e3x's convention: row-major 3x3 arrays of nine entries
/// that rotate row vectors from the right, r' = r R.
package enum RotationMatrix {
  /// The matrix that leaves every vector as it is.
  package static let identity: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1]

  /// The counterclockwise rotation about an axis (e3x's `so3.rotation`), by the formula of Euler
  /// and Rodrigues.
  ///
  /// - Parameters:
  ///   - axis: The axis, of any length. One that is zero specifies no rotation; as in e3x, the
  ///     result is then a multiple of the identity.
  ///   - angle: The angle in radians.
  package static func rotation(axis: SIMD3<Double>, angle: Double) -> [Double] {
    let a = cos(angle / 2)
    let v = normalized(axis) * sin(angle / 2)
    let (b, c, d) = (v.x, v.y, v.z)
    return [
      a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c),
      2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b),
      2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c,
    ]
  }

  /// The rotation about the x-axis by `a`, then about the y-axis by `b`, then about the z-axis by
  /// `c`, all counterclockwise and in radians (e3x's `so3.rotation_euler`).
  package static func rotation(eulerAngles a: Double, _ b: Double, _ c: Double) -> [Double] {
    let (sa, ca, sb, cb, sc, cc) = (sin(a), cos(a), sin(b), cos(b), sin(c), cos(c))
    return [
      cb * cc, cb * sc, -sb,
      sa * sb * cc - ca * sc, sa * sb * sc + ca * cc, sa * cb,
      ca * sb * cc + sa * sc, ca * sb * sc - sa * cc, ca * cb,
    ]
  }

  /// The angles from which ``rotation(eulerAngles:_:_:)`` makes the given rotation (e3x's
  /// `so3.euler_angles_from_rotation`), with b between -pi/2 and pi/2.
  ///
  /// Where b is pi/2 or -pi/2 to working precision, a and c are rotations about the same axis; all
  /// of it then goes to a, and c is 0.
  package static func eulerAngles(of r: [Double]) -> (a: Double, b: Double, c: Double) {
    precondition(r.count == 9, "a rotation matrix has 9 entries, not \(r.count)")
    let almostOne = 1 - Double.ulpOfOne / 2
    if r[2] > almostOne { return (atan2(-r[3], -r[6]), -Double.pi / 2, 0) }
    if r[2] < -almostOne { return (atan2(r[3], r[6]), Double.pi / 2, 0) }
    return (atan2(r[5], r[8]), -asin(r[2]), atan2(r[1], r[0]))
  }

  /// The rotation along the shortest arc that takes the direction of `u` to that of `v` (e3x's
  /// `so3.alignment_rotation`).
  ///
  /// It is a rotation, and takes one to the other, to machine precision for all vectors. Where they
  /// are antiparallel, so that every plane through them holds a shortest arc, it turns in the plane
  /// of u and the vector u + (u.z, u.x, u.y), as e3x does; where that one is parallel to u, too, in
  /// the plane of u and the x-axis.
  package static func alignment(from u: SIMD3<Double>, to v: SIMD3<Double>) -> [Double] {
    let (u, v) = (normalized(u), normalized(v))
    let (x, cosine) = (cross(u, v), dot(u, v))
    if cosine >= 0 {
      // The matrix is I - K + K^2 / (1 + cosine), with K the matrix of the cross product with x.
      let f = 1 / (1 + cosine)
      let squares = dot(x, x) * f
      return [
        1 + x.x * x.x * f - squares, x.x * x.y * f + x.z, x.x * x.z * f - x.y,
        x.x * x.y * f - x.z, 1 + x.y * x.y * f - squares, x.y * x.z * f + x.x,
        x.x * x.z * f + x.y, x.y * x.z * f - x.x, 1 + x.z * x.z * f - squares,
      ]
    }
    // Towards antiparallel vectors 1 + cosine cancels. The reflection that swaps u and v is well
    // conditioned, and one in their plane that leaves v alone makes it a rotation.
    let across = perpendicular(to: v, inPlaneOf: u)
    return product(reflection(along: normalized(u - v)), reflection(along: across))
  }

  /// The product of two row-major 3x3 matrices; as rotations of row vectors, the first comes first.
  package static func product(_ lhs: [Double], _ rhs: [Double]) -> [Double] {
    (0..<9).map { index in
      let (row, column) = (index / 3 * 3, index % 3)
      return lhs[row] * rhs[column] + lhs[row + 1] * rhs[column + 3]
        + lhs[row + 2] * rhs[column + 6]
    }
  }

  /// The row vector r R.
  package static func apply(_ rotation: [Double], to r: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(
      r.x * rotation[0] + r.y * rotation[3] + r.z * rotation[6],
      r.x * rotation[1] + r.y * rotation[4] + r.z * rotation[7],
      r.x * rotation[2] + r.y * rotation[5] + r.z * rotation[8])
  }
}

extension RotationMatrix {
  /// A unit vector perpendicular to `v`, in the plane of the nearly antiparallel unit vectors u and
  /// v or, if they are antiparallel to working precision, in the plane in which to turn then.
  private static func perpendicular(
    to v: SIMD3<Double>, inPlaneOf u: SIMD3<Double>
  ) -> SIMD3<Double> {
    let sum = u + v
    // The component of the sum across v: exact up to the rounding of u and v themselves.
    var candidate = sum - dot(sum, v) * v
    if dot(candidate, candidate) < 1e-28 {
      let rolled = u + SIMD3(u.z, u.x, u.y)
      candidate = rolled - dot(rolled, v) * v
      if dot(candidate, candidate) < 1e-14 {
        candidate = SIMD3(1, 0, 0) - v.x * v
      }
    }
    candidate = normalized(candidate)
    return normalized(candidate - dot(candidate, v) * v)
  }

  /// The matrix of the reflection that reverses the given unit vector.
  private static func reflection(along n: SIMD3<Double>) -> [Double] {
    let m = -2 * n
    return [
      1 + m.x * n.x, m.x * n.y, m.x * n.z,
      m.y * n.x, 1 + m.y * n.y, m.y * n.z,
      m.z * n.x, m.z * n.y, 1 + m.z * n.z,
    ]
  }

  /// The unit vector along r; r itself if it is (almost) zero, as e3x's `ops.normalize` has it.
  private static func normalized(_ r: SIMD3<Double>) -> SIMD3<Double> {
    let scale = max(abs(r.x), abs(r.y), abs(r.z))
    guard scale * scale > Double.leastNormalMagnitude, scale.isFinite else { return r }
    let scaled = r / scale
    return scaled / dot(scaled, scaled).squareRoot()
  }

  private static func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

  private static func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
  }
}
