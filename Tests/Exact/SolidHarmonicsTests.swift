import E3xExact
import Foundation
import Testing

@Suite struct SolidHarmonicsTests {
  /// e3x 1.0.2, in float64: `so3.solid_harmonics([0.5, -1.25, 0.75], 4)`.
  @Test func valuesAgreeWithE3x() {
    let expected = [
      1.0, 0.5, -1.25, 0.75, -1.1366583424670758, -1.0825317547305482, 0.649519052838329,
      -1.6237976320958223, -0.34375, -1.754075889624648, 0.8029220621521276, -1.9062339907114632,
      -1.8154609435347266, 0.13395647030845503, -0.33489117577113753, -1.6171875,
      0.11843714409525583, 2.426517098536952, -3.4806364385109, 1.5932490739662573,
      -1.1464215704954976, -1.0918300671385692, -0.9449775039175039, 2.3624437597937598,
      -1.51025390625,
    ]
    let cartesian = harmonics(SIMD3(0.5, -1.25, 0.75), maxDegree: 4, cartesianOrder: true)
    #expect(largestDifference(cartesian, expected) <= 2e-15)
    let spherical = harmonics(SIMD3(0.5, -1.25, 0.75), maxDegree: 4, cartesianOrder: false)
    let permutation = IrrepsOrder.cartesianPermutation(maxDegree: 4)
    #expect(permutation.map { spherical[$0] } == cartesian)
  }

  @Test func lowDegrees() {
    let x = Monomial(powers: SIMD3(1, 0, 0), coefficient: 1)
    #expect(SolidHarmonics.polynomial(degree: 0, order: 0).map(\.coefficient) == [1])
    #expect(SolidHarmonics.polynomial(degree: 1, order: 1) == [x])
    // Degree 2, order 0: (2 z^2 - x^2 - y^2) / 2.
    #expect(
      SolidHarmonics.polynomial(degree: 2, order: 0) == [
        Monomial(powers: SIMD3(2, 0, 0), coefficient: -0.5),
        Monomial(powers: SIMD3(0, 2, 0), coefficient: -0.5),
        Monomial(powers: SIMD3(0, 0, 2), coefficient: 1),
      ])
  }

  @Test(arguments: [1, 2, 3, 5, 8, 12, 17])
  func polynomialsAreHomogeneousAndHarmonic(degree: Int) {
    for order in -degree...degree {
      let polynomial = SolidHarmonics.polynomial(degree: degree, order: order)
      #expect(!polynomial.isEmpty)
      #expect(polynomial.allSatisfy { $0.degree == degree && $0.coefficient != 0 })
      var laplacian: [SIMD3<Int>: Double] = [:]
      var scale = 0.0
      for axis in CartesianAxis.allCases {
        for term in polynomial.derivative(axis).derivative(axis) {
          laplacian[term.powers, default: 0] += term.coefficient
          scale = max(scale, abs(term.coefficient))
        }
      }
      #expect(laplacian.values.allSatisfy { abs($0) <= 1e-14 * scale })
    }
  }

  /// The addition theorem: the squares of all harmonics of a degree sum to r^2l.
  @Test(arguments: [0, 1, 2, 3, 5, 8])
  func squaresSumToPowersOfTheDistance(degree: Int) {
    for r in someVectors {
      let values = harmonics(r, maxDegree: degree, cartesianOrder: true).suffix(2 * degree + 1)
      let sum = values.reduce(0) { $0 + $1 * $1 }
      let expected = pow((r * r).sum(), Double(degree))
      #expect(abs(sum - expected) <= 1e-13 * expected)
    }
  }

  @Test(arguments: CartesianAxis.allCases)
  func derivativesMatchDifferences(axis: CartesianAxis) {
    var step = SIMD3<Double>.zero
    step[axis.rawValue] = 1e-5
    for polynomial in SolidHarmonics.polynomials(maxDegree: 4) {
      let r = SIMD3(0.5, -0.25, 0.75)
      let difference = (polynomial(r + step) - polynomial(r - step)) / 2e-5
      #expect(abs(polynomial.derivative(axis)(r) - difference) <= 1e-9)
    }
  }

  /// Y(r) D(R) = Y(r R).
  @Test(arguments: [true, false])
  func harmonicsRotate(cartesianOrder: Bool) {
    let maxDegree = 6
    for rotation in someRotations {
      let d = WignerD.matrix(
        rotation: rotation, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
      for r in someVectors {
        let unit = r / (r * r).sum().squareRoot()
        let values = harmonics(unit, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
        let rotated = harmonics(
          RotationMatrix.apply(rotation, to: unit), maxDegree: maxDegree,
          cartesianOrder: cartesianOrder)
        #expect(largestDifference(matrixProduct(values, d, inner: values.count), rotated) <= 1e-13)
      }
    }
  }
}
