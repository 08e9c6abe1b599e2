import E3xExact
import Foundation
import Testing

@Suite struct RotationMatrixTests {
  /// e3x 1.0.2, in float64: `so3.rotation([0.5, -1.25, 0.75], 0.7)`.
  @Test func axisAndAngle() {
    let expected = [
      0.7895956412545423, 0.25163409129867936, 0.5596597246614374, -0.37540136114894856,
      0.919551274597325, 0.11618636509484075, -0.4853993627512759, -0.30183726987024456,
      0.8205374587171096,
    ]
    let rotation = RotationMatrix.rotation(axis: SIMD3(0.5, -1.25, 0.75), angle: 0.7)
    #expect(largestDifference(rotation, expected) <= 5e-16)
  }

  /// e3x 1.0.2, in float64: `so3.rotation_euler(0.3, -0.8, 2.1)`.
  @Test func eulerAngles() {
    let expected = [
      -0.3517296682625016, 0.6014037573155876, 0.7173560908995228, -0.7176314542787673,
      -0.6652924384878295, 0.20589091072861615, 0.6010751502879587, -0.4423793530191157,
      0.665589341657975,
    ]
    let rotation = RotationMatrix.rotation(eulerAngles: 0.3, -0.8, 2.1)
    #expect(largestDifference(rotation, expected) <= 5e-16)
    let angles = RotationMatrix.eulerAngles(of: rotation)
    #expect(largestDifference([angles.a, angles.b, angles.c], [0.3, -0.8, 2.1]) <= 1e-15)
  }

  @Test(arguments: [Double.pi / 2, -Double.pi / 2])
  func eulerAnglesWithGimbalLock(b: Double) {
    let rotation = RotationMatrix.rotation(eulerAngles: 0.4, b, 1.1)
    let angles = RotationMatrix.eulerAngles(of: rotation)
    #expect(angles.c == 0)
    #expect(angles.b == b)
    let again = RotationMatrix.rotation(eulerAngles: angles.a, angles.b, angles.c)
    #expect(largestDifference(again, rotation) <= 1e-15)
  }

  /// e3x 1.0.2, in float64: `so3.alignment_rotation([0.5, -1.25, 0.75], [1, 2, -0.5])`.
  @Test func alignment() {
    let expected = [
      -0.48504798888834055, 0.4228562697257865, -0.765454782223593, -0.8515299160028331,
      -0.4276363398333789, 0.30335451703595556, -0.1990609218997621, 0.7989491448193076,
      0.5674989104526227,
    ]
    let rotation = RotationMatrix.alignment(from: SIMD3(0.5, -1.25, 0.75), to: SIMD3(1, 2, -0.5))
    #expect(largestDifference(rotation, expected) <= 2e-15)
  }

  /// e3x 1.0.2, in float64: `so3.alignment_rotation` of each unit vector and its opposite.
  @Test(arguments: [
    (SIMD3(1.0, 0, 0), [-1.0, -1, 1]), (SIMD3(0, 1.0, 0), [1.0, -1, -1]),
    (SIMD3(0, 0, 1.0), [-1.0, 1, -1]),
  ])
  func antiparallelAxes(axis: SIMD3<Double>, diagonal: [Double]) {
    let expected = (0..<9).map { $0 % 4 == 0 ? diagonal[$0 / 4] : 0 }
    let rotation = RotationMatrix.alignment(from: axis, to: -2 * axis)
    #expect(largestDifference(rotation, expected) <= 1e-15)
  }

  /// However close to parallel or antiparallel the vectors are: a rotation along the shortest arc
  /// that takes one to the other.
  @Test(arguments: [0, 1e-300, 1e-17, 1e-15, 1e-12, 1e-8, 1e-4, 0.1, 0.5, 1])
  func alignmentIsStable(distance: Double) {
    for u in someVectors + [SIMD3(1, 1, 1), SIMD3(1, 0, 0), SIMD3(1e-200, 1e200, 3)] {
      for sign in [-1.0, 1] {
        let length = max(abs(u.x), abs(u.y), abs(u.z))
        let v = sign * u + SIMD3(0.3, -0.2, 0.6) * distance * length
        let rotation = RotationMatrix.alignment(from: u, to: v)
        let gram = RotationMatrix.product(rotation, transposed(rotation, columns: 3))
        #expect(largestDifference(gram, RotationMatrix.identity) <= 2e-15)
        let (a, b) = (unit(u), unit(v))
        let rotated = RotationMatrix.apply(rotation, to: a)
        #expect(abs(rotated - b).max() <= 2e-15)
        // The trace is 1 + 2 cos(angle), and the angle that between the vectors.
        let trace = rotation[0] + rotation[4] + rotation[8]
        #expect(abs(trace - 1 - 2 * (a * b).sum()) <= 5e-15)
      }
    }
  }

  private func abs(_ r: SIMD3<Double>) -> SIMD3<Double> {
    SIMD3(Swift.abs(r.x), Swift.abs(r.y), Swift.abs(r.z))
  }

  private func abs(_ x: Double) -> Double { Swift.abs(x) }

  private func unit(_ r: SIMD3<Double>) -> SIMD3<Double> {
    let scaled = r / abs(r).max()
    return scaled / (scaled * scaled).sum().squareRoot()
  }
}
