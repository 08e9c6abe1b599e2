internal import E3xEngine
internal import E3xSO3
internal import TestSupport
internal import Testing

/// Vectors at which careless formulas are 0/0 or overflow.
enum EdgeVectors {
  /// Zero, along axes, tiny (also below the square root of the smallest number), huge.
  static let all: [[Double]] =
    [[0, 0, 0], [1, 0, 0], [0, -2, 0], [0, 0, 3], [0, 1e-30, 0]]
    + [1e-300, 1e-200, 1e-160, 1e-110, 1e-77, 1e-20, 1e-12, 1e100, 1e150, 1e300].flatMap {
      [[$0, 0, 0], [$0, -2 * $0, 0.5 * $0]]
    }

  static func tensor(_ vectors: [[Double]] = all) throws -> Tensor {
    try Tensor(vectors.flatMap { $0 }, shape: [vectors.count, 3])
  }
}

@Suite struct EdgeTests {
  // Large powers of huge vectors overflow in any case: harmonics only see directions.
  @Test(arguments: EdgeVectors.all, [1, 2, 4])
  func sphericalHarmonicsAreFinite(_ r: [Double], _ maxDegree: Int) throws {
    try expectFiniteDerivatives(at: EdgeVectors.tensor([r]), "\(r)") {
      try sphericalHarmonics($0, maxDegree: maxDegree)
    }
  }

  @Test(arguments: EdgeVectors.all)
  func normIsFinite(_ r: [Double]) throws {
    try expectFiniteDerivatives(at: EdgeVectors.tensor([r]), order: 4, "\(r)") {
      try $0.norm([-1])
    }
    try expectFiniteDerivatives(at: EdgeVectors.tensor([r]), order: 4, "\(r)") {
      try $0.direction([-1])
    }
  }

  @Test(arguments: [0, 1e-38, 1e-30, 1e-20, 1e-19, 1e-13, 1e-8, 1, 1e10, 1e20, 1e30])
  func singlePrecisionIsFinite(_ scale: Double) throws {
    let r = try EdgeVectors.tensor([[scale, 0, 0], [scale, -scale, 0.5 * scale]]).cast(
      to: .float32
    ).materialized()
    try expectFiniteDerivatives(at: r, "\(scale)") { try sphericalHarmonics($0, maxDegree: 3) }
    try expectFiniteDerivatives(at: r, "\(scale)") { try $0.norm([-1]) }
  }

  @Test func rowsHaveTheirOwnScale() throws {
    let rows = try Tensor(
      [Float](
        [3e30, 4e30, 0, 3e-30, 0, 4e-30, 3, 4, 12]), shape: [3, 3])
    let norms = try rows.norm([-1])
    let expected = Tensor([Float]([5e30, 5e-30, 13]))
    for row in 0..<3 {
      try expectAgreement(
        norms.entry(row, axis: 0), with: expected.entry(row, axis: 0), tolerance: 1e-6, "row \(row)"
      )
    }
    let directions = try rows.direction([-1])
    try expectAgreement(
      directions,
      with: Tensor(
        [0.6, 0.8, 0, 0.6, 0, 0.8, 3.0 / 13, 4.0 / 13, 12.0 / 13] as [Double], shape: [3, 3]),
      tolerance: 1e-6, dtype: .float32)
  }

  /// Huge, tiny and zero vectors, alone and beside others.
  @Test(arguments: [DType.float64, .float32])
  func normalizedVectorsAreFinite(_ dtype: DType) throws {
    let scales =
      dtype == .float64
      ? [
        0, .leastNonzeroMagnitude, 0.25 * .leastNormalMagnitude, 1e-200, 1e-160, 1e-154, 1e-77,
        1e-20, 1, 1e77, 1e154, 1e160, 1e300,
      ]
      : [0, 1e-45, 1e-40, 1e-30, 1e-20, 1e-19, 1e-10, 1, 1e10, 1e19, 1e20, 1e38]
    let rows = scales.flatMap { (length: Double) -> [[Double]] in
      [[length, 0, 0], [0, 0, -length], [length, -0.5 * length, 0.75 * length]]
    }
    let x = try EdgeVectors.tensor(rows).cast(to: dtype).materialized()
    try expectFiniteDerivatives(at: x, "norm") { try $0.norm([-1]) }
    try expectFiniteDerivatives(at: x, "normalize") { try $0.normalized([-1]) }
    try expectFiniteDerivatives(at: x, "normalize_and_return_norm") {
      let (direction, norm) = try $0.normalizedWithNorm([-1], keepDimensions: true)
      return try .concatenate([direction, norm], axis: -1)
    }
  }

  /// The norm of s x is s times that of x: its derivative of order k is that at x times s^(1-k), and
  /// that of the direction is that at x times s^-k.
  @Test(arguments: [1e-70, 1e-20, 1e20, 1e77, 1e150])
  func derivativesScale(_ scale: Double) throws {
    let direction = try testValues([4, 3], seed: 8)
    let weights = try testValues([4, 3], seed: 9)
    func derivatives(_ scale: Double) throws -> [[Tensor]] {
      let x = try (testValues([4, 3], seed: 7) * scale).materialized()
      return try [
        { x in try x.norm([-1], keepDimensions: true) * weights },
        { x in try x.normalized([-1]) * weights },
      ].map { (function: (Tensor) throws -> Tensor) in
        var scalar = try function(x).sum()
        return try (1...3).map { _ in
          let slope = try gradient(of: scalar, withRespectTo: [x])[0]
          scalar = try (slope * direction).sum()
          return slope
        }
      }
    }
    for (degree, (found, expected)) in zip(
      [1, 0], matched(try derivatives(scale), try derivatives(1)))
    {
      for (order, (a, b)) in zip(1...3, matched(found, expected)) {
        var product = b
        for _ in 0..<(order - degree) { product = try product / scale }
        // Below the smallest number there is nothing to compare.
        guard try product.absolute().max().item() > 1e-290 else { continue }
        try expectAgreement(a, with: product, tolerance: 1e-13, "\(scale), order \(order)")
      }
    }
  }

  @Test func hessianOfTheNormAtZeroIsTheIdentity() throws {
    let x = Tensor([0.0, 0, 0] as [Double])
    let slope = try gradient(of: x.norm(), withRespectTo: [x])[0]
    for axis in 0..<3 {
      let row = try gradient(of: slope.entry(axis, axis: 0), withRespectTo: [x])[0]
      let unit = Tensor((0..<3).map { $0 == axis ? 1 as Double : 0 })
      try expectAgreement(row, with: unit, tolerance: 0)
    }
  }

  @Test(arguments: [1e-3, 1.0, 1e3])
  func derivativesAreThoseOfDifferences(_ scale: Double) throws {
    let x = try (testValues([4, 3], seed: 1) + 3).materialized()
    // Positively homogeneous functions: scaled so that steps of differences fit.
    try expectDerivatives(at: x, order: 3, tolerance: 1e-5) {
      try ($0 * scale).norm([-1]) / scale
    }
    try expectDerivatives(at: x, order: 3, tolerance: 1e-5) {
      try sphericalHarmonics($0 * scale, maxDegree: 3)
    }
  }

  @Test func rotationAboutAZeroAxisIsTheIdentity() throws {
    let axis = Tensor([0.0, 0, 0] as [Double])
    try expectAgreement(
      rotation(axis: axis, angle: Tensor(1.3, dtype: .float64)),
      with: Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3]), tolerance: 0)
    try expectFiniteDerivatives(at: axis) {
      try rotation(axis: $0, angle: Tensor(1.3, dtype: .float64))
    }
  }

  @Test(arguments: [-1.0, 1.0])
  func eulerAnglesAtGimbalLockHaveFiniteDerivatives(_ sign: Double) throws {
    let locked = try rotationEuler(
      Tensor(0.7, dtype: .float64), Tensor(sign * .pi / 2, dtype: .float64),
      Tensor(0, dtype: .float64)
    ).materialized()
    try expectFiniteDerivatives(at: locked) {
      let angles = try eulerAnglesFromRotation($0)
      return try angles.a + angles.b + angles.c
    }
    let angles = try eulerAnglesFromRotation(locked)
    try expectAgreement(
      rotationEuler(angles.a, angles.b, angles.c), with: locked, tolerance: 1e-15)
  }

  @Test func badArgumentsAreNamed() throws {
    let r = try testValues([2, 3], seed: 1)
    func expectRefused(_ argument: String, _ call: () throws -> Tensor) {
      let error = #expect(throws: ArgumentError.self) { _ = try call() }
      #expect(error?.argument == argument)
    }
    expectRefused("r") { try sphericalHarmonics(r.transposed(), maxDegree: 1) }
    expectRefused("r") { try solidHarmonics(Tensor([Int32]([1, 2, 3])), maxDegree: 1) }
    expectRefused("max_degree") { try sphericalHarmonics(r, maxDegree: -1) }
    expectRefused("rot") { try wignerD(r, maxDegree: 1) }
    expectRefused("max_degree2") {
      try clebschGordan(maxDegree1: 1, maxDegree2: -1, maxDegree3: 1)
    }
    expectRefused("degree3") { try clebschGordanForDegrees(1, 1, -1) }
    expectRefused("angle") { try rotation(axis: r, angle: testValues([3], seed: 1)) }
    expectRefused("b") {
      try rotationEuler(
        testValues([4], seed: 1), testValues([3], seed: 1), Tensor(0, dtype: .float64))
    }
    expectRefused("b") {
      try rotationEuler(
        testValues([3], seed: 1), Tensor(0, dtype: .float64), testValues([3], seed: 1))
    }
    expectRefused("v2") { try alignmentRotation(r, testValues([2, 4], seed: 1)) }
    expectRefused("axis") { try r.norm([2]) }
    let flags = try r.isGreater(than: 0)
    expectRefused("x") { try flags.norm() }
    expectRefused("x") { try flags.normalized([-1]) }
    expectRefused("x") { try flags.normalizedWithNorm([-1]).normalized }
    expectRefused("axis") { try r.normalized([1, -1]) }
    expectRefused("irreps") { try irrepsToTensor(r, degree: 2) }
    expectRefused("tensor") { try tensorToIrreps(r, degree: 2) }
    expectRefused("num") { try randomRotation(RandomKey(seed: 0), num: 0) }
    expectRefused("perturbation") { try randomRotation(RandomKey(seed: 0), perturbation: .nan) }
  }
}
