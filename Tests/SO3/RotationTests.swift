internal import E3xEngine
internal import E3xExact
internal import E3xSO3
internal import TestSupport
internal import Testing

@Suite struct RotationTests {
  private func rotations(_ seed: Int, _ num: Int) throws -> Tensor {
    try randomRotation(RandomKey(seed: seed), num: num, dtype: .float64)
  }

  @Test(arguments: [0, 1, 2, 3, 6], [true, false])
  func harmonicsTurnWithTheirVectors(_ maxDegree: Int, _ cartesianOrder: Bool) throws {
    let r = try testValues([5, 1, 3], seed: maxDegree)
    let rot = try rotations(maxDegree, 5)
    let matrix = try wignerD(rot, maxDegree: maxDegree, cartesianOrder: cartesianOrder)
    for harmonics in [
      { try sphericalHarmonics($0, maxDegree: maxDegree, cartesianOrder: cartesianOrder) },
      { try solidHarmonics($0, maxDegree: maxDegree, cartesianOrder: cartesianOrder) },
    ] as [(Tensor) throws -> Tensor] {
      try expectAgreement(
        harmonics(r.matmul(rot)), with: harmonics(r).matmul(matrix), tolerance: 1e-13)
    }
  }

  @Test func wignerDIsARepresentation() throws {
    let (a, b) = (try rotations(1, 4), try rotations(2, 4))
    try expectAgreement(
      wignerD(a.matmul(b), maxDegree: 4),
      with: wignerD(a, maxDegree: 4).matmul(wignerD(b, maxDegree: 4)), tolerance: 1e-13)
  }

  @Test func wignerDHasTheDerivativesOfDifferences() throws {
    // At rotations, in directions that leave them: steps of 1e-4 are within the tolerance.
    try expectDerivatives(at: rotations(4, 2), order: 3) {
      try wignerD($0, maxDegree: 3)
    }
  }

  @Test func tracedRowsMayDiffer() throws {
    let pairs = Dimension.rows("pairs")
    let function = try CompiledFunction([
      TensorSpecification([pairs, 3], dtype: .float64),
      TensorSpecification([pairs, 3, 3], dtype: .float64),
    ]) { arguments in
      [
        try sphericalHarmonics(arguments[0], maxDegree: 2),
        try wignerD(arguments[1], maxDegree: 2), try arguments[0].norm([-1]),
      ]
    }
    for count in [0, 1, 5] {
      let r = try testValues([count, 3], seed: count)
      let rot =
        try count == 0
        ? .zeros([0, 3, 3], dtype: .float64) : rotations(2, 5).sliced(0..<count, axis: 0)
      let results = try function([r, rot])
      try expectAgreement(results[0], with: sphericalHarmonics(r, maxDegree: 2), tolerance: 1e-15)
      try expectAgreement(results[1], with: wignerD(rot, maxDegree: 2), tolerance: 1e-15)
      try expectAgreement(results[2], with: r.norm([-1]), tolerance: 1e-15)
    }
  }

  @Test func eulerAnglesMakeTheRotationAgain() throws {
    let rot = try rotations(3, 20)
    let angles = try eulerAnglesFromRotation(rot)
    try expectAgreement(
      rotationEuler(angles.a, angles.b, angles.c), with: rot, tolerance: 1e-14, floor: 1)
  }

  /// Pairs of vectors of all kinds, with those for which e3x is wrong among them.
  static let pairs: [([Double], [Double])] = {
    let vectors: [[Double]] = [
      [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [1, 1, 0], [-1, 2, 0.5], [0.3, -0.4, 1e-3],
      [1e-9, 1, 1], [3, 3.1, 2.9],
    ]
    var pairs: [([Double], [Double])] = []
    for u in vectors {
      for v in vectors { pairs.append((u, v)) }
      for epsilon in [0, 1e-16, 1e-14, 1e-10, 1e-7, 1e-3] {
        pairs.append((u, [-u[0], -u[1] + epsilon, -u[2]]))
        pairs.append((u, [-2 * u[0], -2 * u[1], -2 * u[2] + epsilon]))
      }
    }
    return pairs
  }()

  @Test(arguments: pairs)
  func alignmentTakesOneDirectionToTheOther(_ u: [Double], _ v: [Double]) throws {
    let (a, b) = (Tensor(u), Tensor(v))
    let rot = try alignmentRotation(a, b)
    let turned = try a.normalized().expanded(at: 0).matmul(rot).squeezed(axis: 0)
    // Entries of rotations and directions are rounded as 1 is.
    try expectAgreement(
      turned, with: b.normalized(), tolerance: 1e-14, floor: 1, "\(u) to \(v)")
    try expectAgreement(
      rot.matmul(rot.transposed()),
      with: Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3]),
      tolerance: 1e-14, floor: 1, "\(u) to \(v)")
    // By the shortest arc: the trace is 1 + 2 cos(angle).
    let trace = try (0..<3).reduce(0.0) {
      try $0 + rot.entry($1, axis: 0).entry($1, axis: 0).item()
    }
    let cosine = try (a.normalized() * b.normalized()).sum().item()
    #expect(abs(trace - 1 - 2 * cosine) <= 1e-13)
    try expectFiniteDerivatives(at: a) { try alignmentRotation($0, b) }
    // The scalar table of exact rotations knows nothing of tensors. It rounds in its own way, and
    // the plane in which almost antiparallel vectors turn is that of the sum of their directions:
    // the shorter that is, the more of it is rounding; near 45 epsilon that decides which plane.
    let reference = RotationMatrix.alignment(
      from: SIMD3(u[0], u[1], u[2]), to: SIMD3(v[0], v[1], v[2]))
    let sum = try (a.normalized() + b.normalized()).norm([0]).item()
    if sum < 10 * 45 * Double.ulpOfOne, sum > 4 * Double.ulpOfOne { return }
    let roundings = cosine < 0 && sum > 4 * Double.ulpOfOne ? 8 * Double.ulpOfOne / sum : 0
    try expectAgreement(
      rot, with: Tensor(reference, shape: [3, 3]), tolerance: 1e-7 + roundings, floor: 1)
  }

  @Test func alignmentHasTheDerivativesOfDifferences() throws {
    let (u, v) = (try testValues([8, 3], seed: 5), try testValues([8, 3], seed: 6))
    try expectDerivatives(at: u, step: 1e-5, tolerance: 1e-5) { try alignmentRotation($0, v) }
    try expectDerivatives(at: v, step: 1e-5, tolerance: 1e-5) { try alignmentRotation(u, $0) }
  }

  @Test(arguments: [0.0, 0.25, 0.5, 1.0])
  func randomRotationsAreRotationsByThePartOfTheirAngle(_ perturbation: Double) throws {
    func angles(_ part: Double) throws -> [Double] {
      let rot = try randomRotation(
        RandomKey(seed: 9), perturbation: part, num: 50, dtype: .float64)
      try expectAgreement(
        rot.matmul(rot.transposed()),
        with: Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3]).broadcast(to: [
          50, 3, 3,
        ]),
        tolerance: 1e-14, floor: 1)
      let identity = try Tensor([1.0, 0, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3])
      let cosines = try ((rot * identity).sum([1, 2]) - 1) * 0.5
      return try Tensor.atan2(
        y: Tensor.maximum(1 - cosines * cosines, 0).squareRoot(), x: cosines
      ).scalars(as: Double.self)
    }
    for (part, whole) in matched(try angles(perturbation), try angles(1)) {
      #expect(abs(part - perturbation * whole) <= 1e-7)
    }
  }
}
