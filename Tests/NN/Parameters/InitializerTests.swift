import E3xEngine
import E3xNN
import TestSupport
import Testing

@Suite struct InitializerTests {
  @Test(arguments: InitializerReference.all)
  func drawsWhatJAXDraws(_ reference: InitializerReference) throws {
    let drawn = try reference.initializer.draw(RandomKey(seed: 5), reference.shape, .float32)
    #expect(drawn.dtype == .float32)
    // The numbers of orthogonal matrices are what is left of larger ones.
    try expectAgreement(
      drawn, with: Tensor(reference.values, shape: reference.shape), tolerance: 1e-6, floor: 1,
      dtype: .float32)
  }

  static let scaled: [(String, Initializer, Double)] = [
    ("lecun normal", .lecunNormal, 1.0 / 40), ("lecun uniform", .lecunUniform, 1.0 / 40),
    ("he normal", .heNormal, 2.0 / 40), ("he uniform", .heUniform, 2.0 / 40),
    ("glorot normal", .glorotNormal, 2.0 / 140), ("glorot uniform", .glorotUniform, 2.0 / 140),
  ]

  @Test(arguments: scaled, [DType.float32, .float64])
  func variancesAreThoseOfTheFans(
    _ setting: (name: String, initializer: Initializer, variance: Double), _ dtype: DType
  ) throws {
    let values = try setting.initializer.draw(RandomKey(seed: 3), [40, 100], dtype)
      .scalars(as: Double.self)
    let mean = values.reduce(0, +) / 4000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 4000
    // Four standard errors.
    #expect(abs(mean) <= 4 * (setting.variance / 4000).squareRoot(), "\(setting.name)")
    #expect(abs(variance / setting.variance - 1) <= 4 * (2.0 / 4000).squareRoot())
  }

  @Test func embeddingsHaveAVarianceOfOneOverTheFeatures() throws {
    let values = try Initializer.embedding.draw(RandomKey(seed: 3), [40, 1, 1, 100], .float64)
      .scalars(as: Double.self)
    let variance = values.reduce(0) { $0 + $1 * $1 } / 4000
    #expect(abs(100 * variance - 1) <= 4 * (2.0 / 4000).squareRoot())
  }

  @Test func forbiddenPathsAreZeroAndAllowedOnesAreNot() throws {
    let shape = [1, 3, 2, 2, 2, 3, 1]
    let values = try Initializer.tensorHeNormal.draw(RandomKey(seed: 1), shape, .float64)
      .scalars(as: Double.self)
    var index = 0
    for l1 in 0..<3 {
      for p2 in 0..<2 {
        for l2 in 0..<2 {
          for p3 in 0..<2 {
            for l3 in 0..<3 {
              let isAllowed =
                (l1 + p2) % 2 == p3 && abs(l1 - l2) <= l3 && l3 <= l1 + l2
              #expect((values[index] != 0) == isAllowed, "\(l1) \(p2) \(l2) \(p3) \(l3)")
              index += 1
            }
          }
        }
      }
    }
  }

  @Test(arguments: [[6, 3], [3, 6], [2, 2, 5], [4, 4]])
  func orthogonalRowsOrColumns(_ shape: [Int]) throws {
    let weights = try Initializer.orthogonal(2).draw(RandomKey(seed: 2), shape, .float64)
    let columns = try #require(shape.last)
    let rows = shape.dropLast().reduce(1, *)
    let matrix = try weights.reshaped(to: [Dimension(rows), Dimension(columns)])
    let product =
      rows >= columns
      ? try matrix.transposed().matmul(matrix) : try matrix.matmul(matrix.transposed())
    let size = min(rows, columns)
    let identity = (0..<size * size).map { $0 % (size + 1) == 0 ? 4.0 : 0 }
    try expectAgreement(
      product, with: Tensor(identity, shape: [size, size]), tolerance: 1e-14, floor: 1)
  }

  @Test func fusedScalesAndMasksGoWithDegrees() throws {
    let key = RandomKey(seed: 4)
    let plain = try Initializer.fusedTensorUniform().draw(key, [3, 2], .float64)
      .scalars(as: Double.self)
    let scaled = try Initializer.fusedTensorUniform(
      scale: [4, 1, 0.25], mask: [true, false, true]
    )
    .draw(key, [3, 2], .float64)
    let factors = [2.0, 2, 0, 0, 0.5, 0.5]
    try expectAgreement(
      scaled, with: Tensor(matched(plain, factors).map { $0 * $1 }, shape: [3, 2]), tolerance: 1e-15
    )
  }

  @Test func badArgumentsAreNamed() {
    let key = RandomKey(seed: 0)
    func expectRefused(
      _ argument: String, _ initializer: Initializer, _ shape: [Int], _ dtype: DType = .float32
    ) {
      let error = #expect(throws: ArgumentError.self) {
        _ = try initializer.draw(key, shape, dtype)
      }
      #expect(error?.argument == argument)
    }
    expectRefused("shape", .lecunNormal, [3])
    expectRefused("shape", .zeros, [-1])
    expectRefused("shape", .orthogonal(), [3])
    expectRefused("shape", .tensorLecunNormal, [1, 2, 1, 2, 1, 0, 4])
    expectRefused("scale", .varianceScaling(-1, .fanIn, .normal), [2, 2])
    expectRefused("scale", .tensorVarianceScaling(.nan, .fanIn, .normal), [1, 2, 1, 2, 1, 2, 4])
    expectRefused("scale", .fusedTensorNormal(scale: [1, 2]), [3, 4])
    expectRefused("mask", .fusedTensorNormal(mask: [true, false]), [3, 4])
    expectRefused("lower", .truncatedNormal(1, lower: 2, upper: 2), [3])
    expectRefused("dtype", .normal(), [3], .int32)
  }
}
