import E3xExact
import Foundation

/// The largest absolute difference of two arrays; infinite if their lengths differ or any value is
/// not a number.
func largestDifference(_ lhs: [Double], _ rhs: [Double]) -> Double {
  guard lhs.count == rhs.count else { return .infinity }
  return zip(lhs, rhs).reduce(0) { largest, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// The product of row-major matrices of shapes (n, k) and (k, m).
func matrixProduct(_ lhs: [Double], _ rhs: [Double], inner k: Int) -> [Double] {
  let (n, m) = (lhs.count / k, rhs.count / k)
  var result = [Double](repeating: 0, count: n * m)
  for i in 0..<n {
    for j in 0..<k {
      for l in 0..<m { result[i * m + l] += lhs[i * k + j] * rhs[j * m + l] }
    }
  }
  return result
}

func transposed(_ matrix: [Double], columns: Int) -> [Double] {
  let rows = matrix.count / columns
  return (0..<matrix.count).map { matrix[($0 % rows) * columns + $0 / rows] }
}

func identityMatrix(_ n: Int) -> [Double] {
  (0..<n * n).map { $0 / n == $0 % n ? 1 : 0 }
}

/// Rotations without any special position.
let someRotations = [
  RotationMatrix.rotation(eulerAngles: 0.3, -0.8, 2.1),
  RotationMatrix.rotation(eulerAngles: -2.6, 1.2, 0.4),
  RotationMatrix.rotation(axis: SIMD3(0.2, -1.4, 0.5), angle: 2.9),
]

/// Vectors without any special position.
let someVectors: [SIMD3<Double>] = [
  SIMD3(0.5, -1.25, 0.75), SIMD3(-0.3, 0.1, 0.9), SIMD3(1.5, 0.25, -2),
]

func harmonics(
  _ r: SIMD3<Double>, maxDegree: Int, cartesianOrder: Bool
) -> [Double] {
  SolidHarmonics.polynomials(maxDegree: maxDegree, cartesianOrder: cartesianOrder).map { $0(r) }
}
