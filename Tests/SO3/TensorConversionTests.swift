internal import E3xEngine
internal import E3xExact
internal import E3xSO3
internal import TestSupport
internal import Testing

@Suite struct TensorConversionTests {
  @Test(arguments: 0...6, SphericalHarmonicsNormalization.allCases)
  func conversionsAreInverse(
    _ degree: Int, _ normalization: SphericalHarmonicsNormalization
  ) throws {
    let irreps = try testValues([3, 2 * degree + 1], seed: degree)
    let tensor = try irrepsToTensor(irreps, degree: degree, normalization: normalization)
    #expect(try isTracelessSymmetric(tensor, degree: degree, absoluteTolerance: 1e-12))
    try expectAgreement(
      tensorToIrreps(tensor, degree: degree, normalization: normalization), with: irreps,
      tolerance: 1e-12)
  }

  /// The harmonics of a unit vector become the traceless part of its powers, here u u - 1/3.
  @Test func harmonicsOfDegreeTwoBecomeTheTracelessPart() throws {
    let u = try testValues([4, 3], seed: 8).normalized([-1])
    let harmonics = try sphericalHarmonics(u, maxDegree: 2).sliced(4..<9, axis: -1)
    let square = try u.expanded(at: -1) * u.expanded(at: -2)
    let third = try Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3]) / 3
    try expectAgreement(
      irrepsToTensor(harmonics, degree: 2), with: square - third, tolerance: 1e-14)
  }

  @Test func tensorsThatAreNotAreFound() throws {
    let symmetric = try irrepsToTensor(testValues([2, 7], seed: 1), degree: 3)
    #expect(try isTracelessSymmetric(symmetric, degree: 3))
    let trace = try Tensor((0..<27).map { $0 == 0 ? 1 as Double : 0 }, shape: [3, 3, 3])
    #expect(try !isTracelessSymmetric(symmetric + trace, degree: 3))
    let skew = try Tensor((0..<27).map { $0 == 1 ? 1 as Double : 0 }, shape: [3, 3, 3])
    #expect(try !isTracelessSymmetric(symmetric + skew, degree: 3))
  }
}
