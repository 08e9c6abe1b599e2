import E3xEngine
import E3xNN
import OrderedCollections
import TestSupport
import Testing

@Suite struct TrainingTests {
  /// What optax 0.2 gives in float64 for four steps of `adam(0.1, b1=0.8, b2=0.95, eps=1e-3)`, once
  /// behind `clip_by_global_norm(2)`, on Σ aᵢ⁴ + (a₀b - 1)² from a = (0.5, -2), b = 1.5.
  @Test(
    arguments: [
      (
        nil, [16.125, 13.163112729411937, 10.616012814223643, 8.499795227758474],
        [0.438745008629736, -1.6084183129035168, 1.8386981784316072]
      ),
      (
        2, [16.125, 13.16078159044352, 10.594681045211752, 8.434437512762388],
        [0.4443888212205851, -1.6002005117863463, 1.8377489043752702]
      ),
    ] as [(Double?, [Double], [Double])])
  func adamStepsAsOptaxDoes(clip: Double?, losses: [Double], end: [Double]) throws {
    var training = try Training(
      Parameters(["a": Tensor([0.5, -2.0] as [Double]), "b": Tensor([1.5] as [Double])]),
      optimizer: Adam(
        learningRate: 0.1, firstMomentDecay: 0.8, secondMomentDecay: 0.95, epsilon: 1e-3,
        gradientClip: clip),
      batch: []
    ) { scope, _ in
      let a = try scope.parameter("a", shape: [2], dtype: .float64, initializer: .zeros)
      let b = try scope.parameter("b", shape: [1], dtype: .float64, initializer: .zeros)
      return try a.power(4).sum() + (a.entry(0, axis: 0) * b.entry(0, axis: 0) - 1).square()
    }
    for expected in losses {
      let loss = try training.step([])
      #expect(abs(loss - expected) <= 1e-13 * expected)
    }
    let parameters = try training.parameters
    #expect(parameters.map(\.path) == ["a", "b"])
    try expectAgreement(
      Tensor.concatenate(parameters.map(\.tensor), axis: 0), with: Tensor(end), tolerance: 1e-13)
  }

  /// Against Adam written out, on Σ i aᵢ⁴, whose entries overshoot: some steps must stay.
  @Test func cautiousStepsMoveWhereMeanAndGradientAgree() throws {
    let start = [0.5, -2.0, 1.0, 0.1]
    var training = try Training(
      Parameters(["a": Tensor(start)]),
      optimizer: Adam(learningRate: 0.3, isCautious: true), batch: []
    ) { scope, _ in
      let a = try scope.parameter("a", shape: [4], dtype: .float64, initializer: .zeros)
      return try (a.power(4) * Tensor([1, 2, 3, 4] as [Double])).sum()
    }
    var (a, m, v) = (start, [Double](repeating: 0, count: 4), [Double](repeating: 0, count: 4))
    var (moves, stays) = (0, 0)
    for step in 1...30 {
      try training.step([])
      for i in a.indices {
        let g = 4 * Double(i + 1) * a[i] * a[i] * a[i]
        m[i] = 0.9 * m[i] + 0.1 * g
        v[i] = 0.999 * v[i] + 0.001 * g * g
        guard m[i] * g > 0 else {
          stays += 1
          continue
        }
        moves += 1
        let (mean, square) = (m[i] / (1 - pow(0.9, step)), v[i] / (1 - pow(0.999, step)))
        a[i] -= 0.3 * 1.5 * mean / (square.squareRoot() + 1e-8)
      }
    }
    #expect(moves > 20 && stays > 20)
    try expectAgreement(training.parameters["a"]!, with: Tensor(a), tolerance: 1e-9)
  }

  /// The power of a base to a whole number.
  private func pow(_ base: Double, _ exponent: Int) -> Double {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  /// A module of a user: two layers with an activation between them.
  private struct Network {
    let first = Dense(features: 8)
    let second = TensorDense(features: 1, maxDegree: 1)

    func callAsFunction(_ scope: Scope, _ x: Tensor) throws -> Tensor {
      try second(scope.child("second"), silu(first(scope.child("first"), x)))
    }
  }

  private static func training(_ optimizer: Adam = Adam(learningRate: 0.02)) throws -> Training {
    let rows = Dimension.rows("rows")
    let network = Network()
    let parameters = try Parameters.initialize(seed: 3) { try network($0, .ones([1, 1, 4, 2])) }
    return try Training(
      parameters, optimizer: optimizer,
      batch: [TensorSpecification([rows, 1, 4, 2]), TensorSpecification([rows, 2, 4, 1])]
    ) { scope, batch in
      try (network(scope, batch[0]) - batch[1]).square().mean()
    }
  }

  private static func batch(_ rows: Int, seed: Int) throws -> [Tensor] {
    let network = Network()
    let teacher = try Parameters.initialize(seed: 11) { try network($0, .ones([1, 1, 4, 2])) }
    let x = try Tensor(
      RandomKey(seed: seed).normal(Float.self, count: rows * 8), shape: [rows, 1, 4, 2])
    return [x, try network(teacher.scope, x)]
  }

  @Test func aNetworkLearnsWhatAnotherComputes() throws {
    var training = try Self.training()
    let first = try training.step(Self.batch(32, seed: 0))
    var last = first
    // Batches of any size.
    for step in 1..<400 { last = try training.step(Self.batch(17 + step % 16, seed: step)) }
    #expect(training.stepsDone == 400)
    #expect(last < 0.02 * first, "from \(first) to \(last)")
    // The loss of a step is that of the parameters before it.
    let batch = try Self.batch(5, seed: 1000)
    let network = Network()
    let error = try network(training.parameters.scope, batch[0]) - batch[1]
    let expected = try error.square().mean().item()
    let loss = try training.step(batch)
    #expect(abs(loss - expected) <= 1e-5 * expected)
  }

  @Test func aCopyGoesOnByItself() throws {
    var one = try Self.training()
    let batch = try Self.batch(8, seed: 1)
    try one.step(batch)
    var other = one
    try one.step(batch)
    try one.step(batch)
    try other.step(batch)
    try other.step(batch)
    #expect(one.stepsDone == other.stepsDone)
    for (a, b) in try matched(one.parameters, other.parameters) {
      #expect(try a.tensor.scalars(as: Float.self) == b.tensor.scalars(as: Float.self))
    }
  }

  @Test func theLearningRateCanBeChanged() throws {
    var training = try Self.training()
    let batch = try Self.batch(8, seed: 1)
    try training.step(batch)
    let before = try training.parameters
    training.learningRate = 0
    try training.step(batch)
    for (a, b) in try matched(before, training.parameters) {
      #expect(try a.tensor.scalars(as: Float.self) == b.tensor.scalars(as: Float.self))
    }
  }

  @Test func aLossThatIsNotFiniteIsRefusedAndChangesNothing() throws {
    var training = try Self.training()
    var batch = try Self.batch(4, seed: 1)
    let before = try training.parameters
    batch[1] = .full([4, 2, 4, 1], .infinity)
    let error = #expect(throws: ArgumentError.self) { try training.step(batch) }
    #expect(error?.argument == "learning_rate")
    #expect(training.stepsDone == 0)
    for (a, b) in try matched(before, training.parameters) {
      #expect(try a.tensor.scalars(as: Float.self) == b.tensor.scalars(as: Float.self))
    }
  }

  @Test(arguments: [
    (Adam(learningRate: -1), "learning_rate"), (Adam(learningRate: .nan), "learning_rate"),
    (Adam(firstMomentDecay: 1), "first_moment_decay"),
    (Adam(secondMomentDecay: -0.1), "second_moment_decay"), (Adam(epsilon: -1), "epsilon"),
    (Adam(gradientClip: 0), "gradient_clip"),
  ])
  func optionsOutOfRangeAreRefused(optimizer: Adam, argument: String) {
    let error = #expect(throws: ArgumentError.self) { try Self.training(optimizer) }
    #expect(error?.argument == argument)
  }

  @Test func whatCannotBeTrainedIsRefused() throws {
    func train(_ parameters: Parameters, loss: (Scope) throws -> Tensor) throws {
      _ = try Training(parameters, batch: []) { scope, _ in try loss(scope) }
    }
    for parameters in [
      Parameters(), Parameters(["a": Tensor([1 as Int32])]),
      Parameters(["a": Tensor([1 as Float]), "b": Tensor([1 as Double])]),
      Parameters(["a": .ones([1], dtype: .bfloat16)]),
    ] {
      let error = #expect(throws: ArgumentError.self) {
        try train(parameters) { _ in Tensor(0) }
      }
      #expect(error?.argument == "params")
    }
    #expect(throws: ShapeError.self) {
      try train(Parameters(["a": Tensor([1 as Float, 2])])) { scope in
        try scope.parameter("a", shape: [2], dtype: .float32, initializer: .zeros)
      }
    }
    var training = try Self.training()
    #expect(throws: ShapeError.self) { try training.step(Self.batch(4, seed: 1).reversed()) }
  }
}
