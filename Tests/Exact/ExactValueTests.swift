import E3xExact
import Foundation
import Testing

@Suite struct ExactValueTests {
  /// Degrees l and l couple to a scalar with coefficients 1/sqrt(2l+1). They are rounded correctly
  /// if the exact value lies between the midpoints to both neighbours.
  @Test(arguments: 1...40)
  func coefficientsAreCorrectlyRounded(l: Int) {
    let value = ClebschGordan.terms(l, l, 0)[0].value
    let significand = UInt128(value.significand * 0x1p52)
    let square = UInt128(1) << UInt128(2 * (52 - Int(value.exponent)) + 2)
    let (below, above) = (2 * significand - 1, 2 * significand + 1)
    #expect(below * below * UInt128(2 * l + 1) <= square)
    #expect(above * above * UInt128(2 * l + 1) >= square)
  }

  /// Values of e3x's `_cartesian_permutation(3)`.
  @Test func cartesianOrder() {
    #expect(
      IrrepsOrder.cartesianPermutation(maxDegree: 3)
        == [0, 3, 1, 2, 8, 4, 7, 5, 6, 15, 9, 14, 10, 13, 11, 12])
    #expect(IrrepsOrder.orders(degree: 2, cartesianOrder: true) == [2, -2, 1, -1, 0])
    #expect(IrrepsOrder.orders(degree: 2, cartesianOrder: false) == [-2, -1, 0, 1, 2])
  }

  @Test func normalizationConstants() {
    #expect(SphericalHarmonicsNormalization(rawValue: "racah")?.constant(degree: 3) == 1)
    #expect(SphericalHarmonicsNormalization(rawValue: "schmidt")?.constant(degree: 3) == 1)
    #expect(SphericalHarmonicsNormalization(rawValue: "4pi")?.constant(degree: 4) == 3)
    let constant = SphericalHarmonicsNormalization(rawValue: "orthonormal")?.constant(degree: 0)
    #expect(abs((constant ?? .nan) - 0.28209479177387814) <= 1e-16)
  }
}
