public import E3xEngine

/// Matrices of counterclockwise rotations about an axis, by the formula of Euler and Rodrigues.
/// They rotate row vectors: r' = r R. Matches `e3x.so3.rotation`.
///
/// - Parameters:
///   - axis: Axes of any length, [..., 3]. A zero axis gives the identity (e3x: a matrix that is
///     no rotation).
///   - angle: Angles in radians, [...]; leading axes broadcast.
/// - Returns: [..., 3, 3]
/// - Throws: `ArgumentError` naming `axis` or `angle`.
/// - Note: Differentiable to any order.
public func rotation(axis: Tensor, angle: Tensor) throws -> Tensor {
  try checkVectors("rotation", "axis", axis)
  guard angle.dtype == axis.dtype else {
    throw ArgumentError(
      "rotation", "angle", "expected \(axis.dtype) as axis has, received \(angle.dtype)")
  }
  let half: Tensor
  let unit: Tensor
  do {
    half = try (angle * 0.5).expanded(at: -1)
    unit = try axis.direction([-1]) * Tensor.ones(half.shape, dtype: half.dtype)
  } catch {
    throw ArgumentError(
      "rotation", "angle",
      "leading axes do not broadcast: axis \(axis.shape), angle \(angle.shape)")
  }
  let sine = try half.sin()
  let isAxis = try (unit * unit).sum([-1], keepDimensions: true).isGreater(than: 0.5)
  // Half of the angle as a unit quaternion (a, v), with the sign of v for row vectors.
  let a = try Tensor.select(isAxis, half.cos(), 1).squeezed(axis: -1)
  let v = try unit * -sine
  return try rotation(
    quaternion: a, v.entry(0, axis: -1), v.entry(1, axis: -1), v.entry(2, axis: -1))
}

/// The matrix for row vectors of the unit quaternion a - bi - cj - dk.
private func rotation(
  quaternion a: Tensor, _ b: Tensor, _ c: Tensor, _ d: Tensor
) throws(ShapeError) -> Tensor {
  let (a2, b2, c2, d2) = try (a * a, b * b, c * c, d * d)
  let (ab, ac, ad) = try (a * b, a * c, a * d)
  let (bc, bd, cd) = try (b * c, b * d, c * d)
  return try matrix([
    a2 + b2 - c2 - d2, 2 * (bc - ad), 2 * (bd + ac),
    2 * (bc + ad), a2 + c2 - b2 - d2, 2 * (cd - ab),
    2 * (bd - ac), 2 * (cd + ab), a2 + d2 - b2 - c2,
  ])
}

/// Nine entries in row-major order, each [...], as [..., 3, 3].
func matrix(_ entries: [Tensor]) throws(ShapeError) -> Tensor {
  let stacked = try Tensor.stack(entries, axis: -1)
  return try stacked.reshaped(to: stacked.shape.dropLast(axes: 1) + [3, 3])
}

/// Matrices of rotations about the x-axis by `a`, then about the y-axis by `b`, then about the
/// z-axis by `c`, all counterclockwise. They rotate row vectors: r' = r R. Matches
/// `e3x.so3.rotation_euler`.
///
/// - Parameters:
///   - a: Angles in radians, [...], or what broadcasts to the shape of b.
///   - b: Angles in radians, [...].
///   - c: Angles in radians, as a.
/// - Returns: [..., 3, 3]
/// - Throws: `ArgumentError` naming `b` or `c`.
public func rotationEuler(_ a: Tensor, _ b: Tensor, _ c: Tensor) throws -> Tensor {
  let name = "rotation_euler"
  guard a.dtype.isFloatingPoint else {
    throw ArgumentError(name, "a", "expected floating-point angles, received \(a.dtype)")
  }
  for (other, argument) in [(b, "b"), (c, "c")] where other.dtype != a.dtype {
    throw ArgumentError(
      name, argument, "expected \(a.dtype) angles as a has, received \(other.dtype)")
  }
  let shape = try commonShape(name, [(a, "a"), (b, "b"), (c, "c")])
  guard b.shape == shape else {
    throw ArgumentError(
      name, "b", "expected the shape that the angles broadcast to, \(shape), received \(b.shape)")
  }
  let (sa, ca, sb, cb, sc, cc) = try (a.sin(), a.cos(), b.sin(), b.cos(), c.sin(), c.cos())
  let entries = try [
    cb * cc, cb * sc, -sb,
    sa * sb * cc - ca * sc, sa * sb * sc + ca * cc, sa * cb,
    ca * sb * cc + sa * sc, ca * sb * sc - sa * cc, ca * cb,
  ]
  return try matrix(entries.map { entry in try entry.broadcast(to: shape) })
}

/// The shape that all arguments broadcast to.
private func commonShape(
  _ function: String, _ arguments: [(Tensor, String)]
) throws(ArgumentError) -> Shape {
  var sum = Tensor(0, dtype: arguments[0].0.dtype)
  for (tensor, name) in arguments {
    do {
      sum = try sum + Tensor.zeros(like: tensor)
    } catch {
      let shapes = arguments.map { "\($0.1) \($0.0.shape)" }.joined(separator: ", ")
      throw ArgumentError(function, name, "shapes do not broadcast: \(shapes)")
    }
  }
  return sum.shape
}
