import E3xExact
import Foundation
import Testing

@Suite struct WignerDTests {
  @Test func degree1InCartesianOrderIsTheRotation() {
    for rotation in someRotations {
      #expect(WignerD.blocks(rotation: rotation, maxDegree: 1)[1] == rotation)
    }
  }

  /// e3x 1.0.2, in float64: entries of `so3.wigner_d` of a matrix that is no rotation, which tells
  /// whether the matrices are the same polynomials of the nine entries as in e3x.
  @Test func polynomialsAgreeWithE3x() {
    let matrix = [0.5, -1.25, 0.75, 2.0, 0.25, -0.5, -0.375, 1.5, 1.0]
    let blocks = WignerD.blocks(rotation: matrix, maxDegree: 3)
    let degree2 = [
      -2.625, -1.125, 1.375, -0.8125, 0.829941011960087, 1.3125, -2.375, 1.25, 0.8125,
      -0.829941011960087, 1.6875, 1.21875, 0.21875, -0.125, 2.0568103339880417, -1.125, 2.90625,
      2.1875, -0.5, -0.360843918243516, -1.9756204523832508, -0.5773502691896257,
      -0.07216878364870322, 2.345485468582855, 0.5781249999999999,
    ]
    #expect(largestDifference(blocks[2], degree2) <= 2e-15)
    let firstRow = [
      -2.96875, 3.5703125, -1.6074776437014602, -2.487763020014165, 2.033316256758894,
      -0.6354113302371543, 0.42987211942913905,
    ]
    #expect(largestDifference(Array(blocks[3][..<7]), firstRow) <= 5e-15)
    let diagonal = [
      -2.96875, -2.8671875, -1.921875, -0.8046875, -0.11718750000000007, -1.05859375, -0.575,
    ]
    #expect(largestDifference((0..<7).map { blocks[3][8 * $0] }, diagonal) <= 5e-15)
    let spherical = WignerD.blocks(rotation: matrix, maxDegree: 2, cartesianOrder: false)[2]
    let secondRow = [2.90625, -0.5, -0.360843918243516, 2.1875, -1.125]
    #expect(largestDifference(Array(spherical[5..<10]), secondRow) <= 2e-15)
  }

  @Test(arguments: [true, false])
  func matricesAreOrthogonalAndRepresentProducts(cartesianOrder: Bool) {
    func blocks(_ rotation: [Double]) -> [[Double]] {
      WignerD.blocks(rotation: rotation, maxDegree: 12, cartesianOrder: cartesianOrder)
    }
    for (first, second) in zip(someRotations, someRotations.dropFirst()) {
      let (a, b) = (blocks(first), blocks(second))
      let product = blocks(RotationMatrix.product(first, second))
      for degree in 0...12 {
        let n = 2 * degree + 1
        let composed = matrixProduct(a[degree], b[degree], inner: n)
        #expect(largestDifference(composed, product[degree]) <= 1e-13)
        let gram = matrixProduct(transposed(a[degree], columns: n), a[degree], inner: n)
        #expect(largestDifference(gram, identityMatrix(n)) <= 1e-13)
      }
    }
  }

  /// Rotations about the z-axis only mix orders m and -m, by cos(m angle) and sin(m angle).
  @Test(arguments: [0.1, 1.9, -2.7])
  func rotationsAboutZ(angle: Double) {
    let rotation = RotationMatrix.rotation(eulerAngles: 0, 0, angle)
    let blocks = WignerD.blocks(rotation: rotation, maxDegree: 12, cartesianOrder: false)
    for degree in 0...12 {
      let n = 2 * degree + 1
      var expected = [Double](repeating: 0, count: n * n)
      for m in -degree...degree {
        // With phi the azimuth, cos m(phi + angle) and sin m(phi + angle) in terms of those of phi.
        expected[(degree + m) * n + degree + m] = cos(Double(m) * angle)
        if m != 0 { expected[(degree - m) * n + degree + m] = -sin(Double(m) * angle) }
      }
      #expect(largestDifference(blocks[degree], expected) <= 1e-13)
    }
  }

  /// The entry of orders 0 and 0 is the Legendre polynomial of the cosine of the tilt, which is
  /// R[2, 2]; here from Bonnet's recursion.
  @Test func centralEntriesAreLegendrePolynomials() {
    for rotation in someRotations {
      let blocks = WignerD.blocks(rotation: rotation, maxDegree: 12)
      let x = rotation[8]
      var (previous, current) = (1.0, x)
      for degree in 1...12 {
        #expect(abs((blocks[degree].last ?? .nan) - current) <= 1e-13)
        let l = Double(degree)
        (previous, current) = (current, ((2 * l + 1) * x * current - l * previous) / (l + 1))
      }
    }
  }

  @Test func blocksAreDiagonal() {
    let matrix = WignerD.matrix(rotation: someRotations[0], maxDegree: 2)
    let blocks = WignerD.blocks(rotation: someRotations[0], maxDegree: 2)
    for row in 0..<9 {
      for column in 0..<9 {
        let degree = Int(Double(row).squareRoot())
        let (i, j) = (row - degree * degree, column - degree * degree)
        let isInside = (0...2 * degree).contains(j)
        let expected = isInside ? blocks[degree][i * (2 * degree + 1) + j] : 0
        #expect(matrix[row * 9 + column] == expected)
      }
    }
  }
}
