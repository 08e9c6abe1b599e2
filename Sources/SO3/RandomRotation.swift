public import E3xEngine
internal import E3xSystem

/// Random rotation matrices. Matches `e3x.so3.random_rotation`, whose float32 numbers are drawn.
///
/// - Parameters:
///   - key: Where the numbers come from.
///   - perturbation: How strongly vectors are turned: with 1 a vector goes to any direction with
///     equal probability, with 0 it stays; between, rotations turn by this part of their angle.
///     Other values are clamped to 0 ... 1, as in e3x.
///   - num: The number of matrices.
///   - dtype: The element type; float64 matrices are rotations to that precision.
/// - Returns: [num, 3, 3], or [3, 3] if num is 1.
/// - Throws: `ArgumentError` naming `num` or `perturbation`.
public func randomRotation(
  _ key: RandomKey, perturbation: Double = 1, num: Int = 1, dtype: DType = .float32
) throws -> Tensor {
  try checkCount("random_rotation", "num", num)
  try checkMemory("random_rotation", "num", received: num, [num, 9])
  guard !perturbation.isNaN else {
    throw ArgumentError("random_rotation", "perturbation", "must be a number, received NaN")
  }
  let part = min(max(perturbation, 0), 1)
  guard dtype.isFloatingPoint else {
    throw ArgumentError("random_rotation", "dtype", "must be floating-point, received \(dtype)")
  }
  let uniform = try key.uniform(Float.self, count: 3 * num).map(Double.init)
  let entries = (0..<num).flatMap { index in
    randomMatrix(Array(uniform[(3 * index)..<(3 * index + 3)]), part)
  }
  return try Tensor(entries, shape: num == 1 ? [3, 3] : [num, 3, 3]).cast(to: dtype)
    .materialized()
}

/// A uniformly distributed unit quaternion of three numbers in 0 ..< 1 (Shoemake, Graphics Gems III
/// (1992), p. 124), moved along the arc from 1 by the part `perturbation`, as a row-major matrix.
private func randomMatrix(_ u: [Double], _ perturbation: Double) -> [Double] {
  let (root1, root2) = ((1 - u[0]).squareRoot(), u[0].squareRoot())
  let (angle1, angle2) = (2 * Double.pi * u[1], 2 * Double.pi * u[2])
  var q = SIMD4(
    root1 * sin(angle1), root1 * cos(angle1), root2 * sin(angle2), root2 * cos(angle2))
  if q.x < 0 { q = -q }
  let vector = SIMD3(q.y, q.z, q.w)
  let length = (vector * vector).sum().squareRoot()
  let angle = perturbation * atan2(length, q.x)
  let r = cos(angle)
  // Where the quaternion is 1 there is no direction, and no rotation.
  let v = length > 0 ? vector * (sin(angle) / length) : SIMD3()
  let (i, j, k) = (v.x, v.y, v.z)
  return [
    1 - 2 * (j * j + k * k), 2 * (i * j + k * r), 2 * (i * k - j * r),
    2 * (i * j - k * r), 1 - 2 * (i * i + k * k), 2 * (j * k + i * r),
    2 * (i * k + j * r), 2 * (j * k - i * r), 1 - 2 * (i * i + j * j),
  ]
}
