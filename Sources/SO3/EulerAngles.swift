public import E3xEngine

/// The Euler angles of rotations: `rotationEuler(a, b, c)` makes them again. Matches
/// `e3x.so3.euler_angles_from_rotation`.
///
/// - Parameter rotation: Rotation matrices, [..., 3, 3].
/// - Returns: Angles in radians, [...] each: about the x-axis, the y-axis (-π/2 ... π/2) and the
///   z-axis. Where b is ±π/2 to working precision, a and c are rotations about the same axis: c is
///   then 0, and b and c have no derivative (e3x: NaN).
/// - Throws: `ArgumentError` naming `rot`.
public func eulerAnglesFromRotation(
  _ rotation: Tensor
) throws -> (a: Tensor, b: Tensor, c: Tensor) {
  try checkMatrices("euler_angles_from_rotation", "rot", rotation)
  let dtype = rotation.dtype
  func entry(_ row: Int, _ column: Int) throws(ShapeError) -> Tensor {
    try rotation.entry(row, axis: -2).entry(column, axis: -1)
  }
  let sine = try entry(0, 2)
  let almostOne = 1 - dtype.epsilon / 2
  let isUp = try sine.isGreater(than: almostOne)
  let isDown = try sine.isLess(than: -almostOne)
  let isLocked = try isUp.or(isDown)

  let safe = try Tensor.select(isLocked, 0, sine)
  let b = try Tensor.atan2(y: -safe, x: ((1 - safe) * (1 + safe)).squareRoot())
  let sign = try Tensor.select(isUp, -1, Tensor.ones(sine.shape, dtype: dtype))
  let a = try Tensor.atan2(
    y: .select(isLocked, sign * entry(1, 0), entry(1, 2)),
    x: .select(isLocked, sign * entry(2, 0), entry(2, 2)))
  let c = try Tensor.atan2(
    y: .select(isLocked, 0, entry(0, 1)), x: .select(isLocked, 1, entry(0, 0)))
  return (a, try .select(isLocked, sign * (Double.pi / 2), b), c)
}
