import E3xEngine
import E3xExact
import E3xSO3
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private let r = Tensor([0.3, -0.5, 0.7] as [Double])

  @Test(arguments: [true, false], SphericalHarmonicsNormalization.allCases)
  func valuesAreDefaults(order: Bool, normalization: SphericalHarmonicsNormalization) throws {
    let expected = try sphericalHarmonics(
      r, maxDegree: 2, cartesianOrder: order, normalization: normalization)
    let actual = try E3xConfiguration.with(cartesianOrder: order, normalization: normalization) {
      try sphericalHarmonics(r, maxDegree: 2)
    }
    try expectAgreement(actual, with: expected, tolerance: 0)
  }

  @Test func argumentsComeFirst() throws {
    let expected = try sphericalHarmonics(r, maxDegree: 2)
    let actual = try E3xConfiguration.with(cartesianOrder: false, normalization: .fourPi) {
      try sphericalHarmonics(r, maxDegree: 2, cartesianOrder: true, normalization: .racah)
    }
    try expectAgreement(actual, with: expected, tolerance: 0)
  }

  @Test func scopesNestAndEnd() async {
    let inside = E3xConfiguration.with(cartesianOrder: false) {
      E3xConfiguration.with(useFusedTensor: true, normalization: .orthonormal) {
        E3xConfiguration.current
      }
    }
    #expect(!inside.cartesianOrder)
    #expect(inside.normalization == .orthonormal)
    #expect(inside.useFusedTensor)
    #expect(E3xConfiguration.current == E3xConfiguration())
  }

  @Test func tasksInheritTheirScope() async {
    let task = E3xConfiguration.with(cartesianOrder: false) {
      Task { E3xConfiguration.current.cartesianOrder }
    }
    #expect(await task.value == false)
  }
}
