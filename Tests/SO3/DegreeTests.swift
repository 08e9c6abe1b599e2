import E3xEngine
import E3xSO3
import Testing

/// Degrees that are taken end within seconds; others are refused at once, with what they would need.
@Suite struct DegreeTests {
  static let wild = [-1, 1000, 1 << 31, 1 << 62, Int.max]

  @Test(arguments: wild)
  func wildDegrees(degree: Int) throws {
    let (r, rot) = (Tensor([0, 0, 1] as [Float]), try randomRotation(RandomKey(seed: 1)))
    func expectRefused(_ argument: String, _ call: () throws -> Tensor) {
      let error = #expect(throws: ArgumentError.self) { try call() }
      #expect(error?.argument == argument)
      #expect(error?.reason.contains("received \(degree)") == true, "\(String(describing: error))")
    }
    expectRefused("max_degree") { try sphericalHarmonics(r, maxDegree: degree) }
    expectRefused("max_degree") { try solidHarmonics(r, maxDegree: degree) }
    expectRefused("max_degree") { try wignerD(rot, maxDegree: degree) }
    expectRefused("degree") { try irrepsToTensor(r, degree: degree) }
    expectRefused("degree") { try tensorToIrreps(r, degree: degree) }
    expectRefused("max_degree2") {
      try clebschGordan(maxDegree1: 0, maxDegree2: degree, maxDegree3: 0)
    }
    expectRefused("degree3") { try clebschGordanForDegrees(0, 0, degree) }
  }

  /// Together these are too much, each alone is not.
  @Test func coefficientsThatWouldTakeMinutes() throws {
    let error = #expect(throws: ArgumentError.self) {
      try clebschGordan(maxDegree1: 100, maxDegree2: 100, maxDegree3: 100)
    }
    #expect(error?.reason.contains("would take about") == true)
    #expect(throws: ArgumentError.self) { try clebschGordanForDegrees(255, 255, 255) }
    #expect(try clebschGordanForDegrees(255, 255, 0).shape == [511, 511, 1])
  }

  @Test func wignerDSaysWhatItWouldTake() throws {
    let error = #expect(throws: ArgumentError.self) {
      try wignerD(randomRotation(RandomKey(seed: 1), dtype: .float64), maxDegree: 1000)
    }
    #expect(error?.reason.contains("8 TB for each rotation") == true)
  }

  @Test func rotationsThatNoMemoryHolds() throws {
    for num in [-1, 0, 1 << 31, Int.max] {
      let error = #expect(throws: ArgumentError.self) {
        try randomRotation(RandomKey(seed: 1), num: num)
      }
      #expect(error?.argument == "num")
    }
  }

  /// Highest degrees that are taken, with their first derivatives.
  @Test(.timeLimit(.minutes(2)))
  func highestDegrees() throws {
    let r = Tensor([0.6, 0, 0.8] as [Double])
    let y = try sphericalHarmonics(r, maxDegree: DegreeLimit.features)
    // The sum of the squares of each degree is 1.
    #expect(abs(try y.square().sum().item() / 256 - 1) < 1e-9)
    let slope = try gradient(of: y.sum(), withRespectTo: [r])[0]
    #expect(try slope.scalars(as: Double.self).allSatisfy { $0.isFinite })
  }
}
