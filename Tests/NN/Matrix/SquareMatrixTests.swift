import E3xEngine
import E3xNN
import E3xSO3
import TestSupport
import Testing

@Suite struct SquareMatrixTests {
  private func irreps(_ degrees: [Int], mult: Int, maxDegree: Int) throws -> [Tensor] {
    let numbers = try matrixIrrepsMultiplicities(degrees: degrees, maxDegree: maxDegree)
    return try (0...maxDegree).map { degree in
      try testValues([2 * degree + 1, numbers[degree, default: 0] * mult * mult], seed: degree)
    }
  }

  /// D for each repetition of each degree, on the diagonal.
  private func representation(
    _ wigner: Tensor, _ degrees: [Int], mult: Int
  ) throws -> Tensor {
    let size = mult * degrees.reduce(0) { $0 + 2 * $1 + 1 }
    let values = try wigner.scalars(as: Double.self)
    let columns = try #require(wigner.shape.known)[1]
    var result = [Double](repeating: 0, count: size * size)
    var start = 0
    for degree in degrees {
      for _ in 0..<mult {
        for i in 0...2 * degree {
          for j in 0...2 * degree {
            result[(start + i) * size + start + j] =
              values[(degree * degree + i) * columns + degree * degree + j]
          }
        }
        start += 2 * degree + 1
      }
    }
    return try Tensor(result, shape: [size, size])
  }

  @Test(arguments: [[0], [2], [0, 1, 1, 2], [1, 0]], [1, 2])
  func theMatrixTurnsWithItsIrreps(_ degrees: [Int], _ mult: Int) throws {
    let highest = try #require(degrees.max())
    for maxDegree in [highest, 2 * highest] {
      let irreps = try irreps(degrees, mult: mult, maxDegree: maxDegree)
      let rotation = try randomRotation(RandomKey(seed: 3), dtype: .float64)
      let wigner = try wignerD(rotation, maxDegree: maxDegree).materialized()
      // Row vectors: y = x D.
      let turned = try irreps.enumerated().map { degree, x in
        let block = degree * degree..<(degree + 1) * (degree + 1)
        return try wigner.sliced(block, axis: 0).sliced(block, axis: 1).transposed().matmul(x)
      }
      func matrix(_ irreps: [Tensor]) throws -> Tensor {
        try makeSquareMatrix(
          irreps, degrees: degrees, mult: mult, maxDegree: maxDegree, shiftByIdentity: true)
      }
      let d = try representation(wigner, degrees, mult: mult)
      try expectAgreement(
        matrix(turned), with: d.transposed().matmul(matrix(irreps)).matmul(d), tolerance: 1e-13)
    }
  }

  @Test func weightsHaveTheShapesThatAMatrixNeeds() throws {
    let numbers = try matrixIrrepsMultiplicities(degrees: [0, 1, 1, 2], maxDegree: 2)
    #expect(numbers == [0: 6, 1: 13, 2: 11])
    let weights = try initMatrixIrrepsWeights(
      RandomKey(seed: 0), numShells: 3, multiplicities: numbers, mult: 2, standardDeviation: 1)
    #expect(weights.map(\.shape) == [[3, 24], [3, 52], [3, 44]])
  }

  @Test func badArgumentsAreNamed() throws {
    let good = try irreps([0, 1], mult: 1, maxDegree: 2)
    func expectRefused(_ argument: String, _ call: () throws -> Any) {
      let error = #expect(throws: ArgumentError.self) { _ = try call() }
      #expect(error?.argument == argument)
    }
    func matrix(_ irreps: [Tensor], _ degrees: [Int], _ mult: Int, _ maxDegree: Int) throws -> Any {
      try makeSquareMatrix(
        irreps, degrees: degrees, mult: mult, maxDegree: maxDegree, shiftByIdentity: false)
    }
    expectRefused("degrees") { try matrix(good, [], 1, 2) }
    expectRefused("mult") { try matrix(good, [0, 1], 0, 2) }
    expectRefused("max_degree") { try matrix(good, [0, 1], 1, 0) }
    expectRefused("irreps") { try matrix([], [0, 1], 1, 2) }
    expectRefused("irreps") { try matrix(good, [0, 1], 2, 2) }
    expectRefused("irreps") { try matrix(good, [0, 1], 1, 1) }
    func weights(_ numbers: [Int: Int], shells: Int = 1, deviation: Double = 1) throws -> Any {
      try initMatrixIrrepsWeights(
        RandomKey(seed: 0), numShells: shells, multiplicities: numbers, mult: 1,
        standardDeviation: deviation)
    }
    expectRefused("dict_irreps") { try weights([1: 2]) }
    expectRefused("dict_irreps") { try weights([0: -1]) }
    expectRefused("dict_irreps") { try weights([:]) }
    expectRefused("n_shells") { try weights([0: 1], shells: 0) }
    expectRefused("stddev") { try weights([0: 1], deviation: .nan) }
  }
}
