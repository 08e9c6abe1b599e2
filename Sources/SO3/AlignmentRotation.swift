public import E3xEngine
internal import E3xExact

/// Rotations along the shortest arc from the direction of one vector to that of another. They
/// rotate row vectors. Matches `e3x.so3.alignment_rotation` (whose arguments are u and v) where
/// that is right.
///
/// - Parameters:
///   - u: Vectors of any length, [..., 3].
///   - v: Vectors of any length, [..., 3]; leading axes broadcast.
/// - Returns: [..., 3, 3]; the identity where one of the vectors is zero.
/// - Throws: `ArgumentError` naming `v1` (u) or `v2` (v).
/// - Note: A rotation, and right, to machine precision for all vectors. For antiparallel ones,
///   which have many shortest arcs, it turns in the plane of u and u + (u.z, u.x, u.y), as e3x does
///   where it is right, or in that of u and the x-axis if these are parallel. Differentiable to any
///   order; at antiparallel vectors, where no derivative exists, one that is finite is given.
public func alignmentRotation(_ u: Tensor, _ v: Tensor) throws -> Tensor {
  try checkVectors("alignment_rotation", "v1", u)
  try checkVectors("alignment_rotation", "v2", v)
  guard u.dtype == v.dtype else {
    throw ArgumentError(
      "alignment_rotation", "v2", "expected \(u.dtype) as v1 has, received \(v.dtype)")
  }
  let shape: Shape
  do {
    shape = try (Tensor.zeros(like: u) + .zeros(like: v)).shape
  } catch {
    throw ArgumentError(
      "alignment_rotation", "v2",
      "leading axes do not broadcast: v1 \(u.shape), v2 \(v.shape)")
  }
  let a = try u.direction([-1]).broadcast(to: shape)
  let b = try v.direction([-1]).broadcast(to: shape)
  let cosine = try dot(a, b)
  // Zero vectors count as ones in the same direction.
  let isOpposite = try cosine.isLess(than: 0)
  let near = try nearRotation(a, .select(isOpposite, a, b))
  let far = try farRotation(a, .select(isOpposite, b, -a))
  return try .select(isOpposite.expanded(at: -1), far, near)
}

/// The rotation for vectors whose angle is at most a right one: I + K + K² / (1 + cosine), with K
/// the matrix of the cross product with u × v.
private func nearRotation(_ u: Tensor, _ v: Tensor) throws -> Tensor {
  let (ux, uy, uz) = try (u.entry(0, axis: -1), u.entry(1, axis: -1), u.entry(2, axis: -1))
  let (vx, vy, vz) = try (v.entry(0, axis: -1), v.entry(1, axis: -1), v.entry(2, axis: -1))
  let (x, y, z) = try (uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx)
  let zero = Tensor.zeros(like: x)
  let cross = try matrix([zero, z, -y, -z, zero, x, y, -x, zero])
  let factor = try (dot(u, v) + 1).reciprocal().expanded(at: -1)
  return try cross + cross.matmul(cross) * factor + identity(u.dtype)
}

/// The rotation for vectors whose angle is at least a right one, where 1 + cosine cancels: the
/// reflection that swaps them, which is well conditioned, after one in their plane that leaves v
/// alone.
private func farRotation(_ u: Tensor, _ v: Tensor) throws -> Tensor {
  let across = try perpendicular(to: v, inPlaneOf: u)
  return try reflection((u - v).normalized([-1])).matmul(reflection(across))
}

/// A unit vector perpendicular to v in the plane of u and v, or, if they are antiparallel to
/// working precision, in the plane in which to turn then.
private func perpendicular(to v: Tensor, inPlaneOf u: Tensor) throws -> Tensor {
  let dtype = u.dtype
  func across(_ w: Tensor) throws -> Tensor { try w - dot(w, v) * v }
  func isLong(_ w: Tensor, _ length: Double) throws -> Tensor {
    try dot(w, w).isGreater(than: length * length)
  }
  let sum = try across(u + v)
  let rolled = try across(
    u + .concatenate([u.sliced(2..<3, axis: -1), u.sliced(0..<2, axis: -1)], axis: -1))
  let axis = try across(Tensor([1.0, 0, 0]).cast(to: dtype) + .zeros(like: u))
  let chosen = try Tensor.select(
    isLong(sum, 45 * dtype.epsilon), sum,
    .select(isLong(rolled, 1e-7), rolled, axis)
  ).normalized([-1])
  return try across(chosen).normalized([-1])
}

/// The matrix of the reflection that reverses a unit vector, [..., 3] to [..., 3, 3].
private func reflection(_ n: Tensor) throws(ShapeError) -> Tensor {
  try identity(n.dtype) - n.expanded(at: -1) * n.expanded(at: -2) * 2
}

private func identity(_ dtype: DType) throws(ShapeError) -> Tensor {
  try Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1], shape: [3, 3]).cast(to: dtype)
}

/// Σ a b over the last axis, which stays with size 1.
private func dot(_ a: Tensor, _ b: Tensor) throws(ShapeError) -> Tensor {
  try (a * b).sum([-1], keepDimensions: true)
}
