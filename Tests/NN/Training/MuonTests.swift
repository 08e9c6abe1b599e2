import E3xEngine
import E3xNN
import OrderedCollections
import TestSupport
import Testing

@Suite struct MuonTests {
  /// Entries of an orthogonal matrix [n, n]: a Householder reflection.
  private static func reflection(_ n: Int, _ seed: Double) -> [[Double]] {
    let v = (0..<n).map { 1 + seed * Double(($0 * 7) % n) }
    let square = v.reduce(0) { $0 + $1 * $1 }
    return (0..<n).map { i in (0..<n).map { j in (i == j ? 1 : 0) - 2 * v[i] * v[j] / square } }
  }

  /// Row by row Σ s_k u_k v_kᵀ, [m, n].
  private static func matrix(_ m: Int, _ n: Int, singularValues: [Double]) -> [Double] {
    let (u, v) = (reflection(m, 0.3), reflection(n, -0.2))
    return (0..<m).flatMap { i in
      (0..<n).map { j in
        singularValues.indices.reduce(0) { $0 + singularValues[$1] * u[i][$1] * v[j][$1] }
      }
    }
  }

  /// Along a constant gradient with known singular vectors every step is the same: singular values
  /// become those that the polynomial gives, written out for numbers.
  @Test(arguments: [(8, 12, 0), (12, 8, 7), (9, 9, 0)])
  func matricesMoveAlongAllSingularVectors(m: Int, n: Int, decay: Double) throws {
    let values = [50, 20, 7, 3, 1, 0.5, 0, 0]
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let moved = values.map { value in
      (0..<5).reduce(value / norm) { x, _ in
        3.4445 * x - 4.775 * x * x * x + 2.0315 * x * x * x * x * x
      }
    }
    let (gradient, slope) = (Self.matrix(m, n, singularValues: values), [0.5, -3, 0.1])
    let start = (0..<(m * n)).map { Double($0 % 5) / 4 }
    let (adam, shape) = (Adam(learningRate: 0.01, weightDecay: decay), Shape([m, n]))
    var training = try Training(
      Parameters([
        "bias": Tensor([0, 0, 0] as [Double]), "kernel": Tensor(start, shape: [m, n]),
        "still": .ones(shape, dtype: .float64),
      ]),
      optimizer: Muon(adam, relativeRate: 2), batch: []
    ) { scope, _ in
      let kernel = try scope.parameter(
        "kernel", shape: [m, n], dtype: .float64, initializer: .zeros)
      let bias = try scope.parameter("bias", shape: [3], dtype: .float64, initializer: .zeros)
      let still = try scope.parameter(
        "still", shape: [m, n], dtype: .float64, initializer: .zeros)
      return try (kernel * Tensor(gradient, shape: [m, n])).sum()
        + (bias * Tensor(slope)).sum()
        + still.sum() * 0
    }
    for _ in 0..<3 { try training.step([]) }
    let steps = Self.matrix(m, n, singularValues: moved)
    // What is left of parameters after each of three steps.
    let kept = 1 - 0.01 * decay
    let (left, sum) = (kept * kept * kept, 1 + kept + kept * kept)
    let scale = sum * 0.01 * 2 * 0.2 * Double(max(m, n)).squareRoot()
    let parameters = try training.parameters
    try expectAgreement(
      parameters["kernel"]!,
      with: Tensor(zip(start, steps).map { left * $0 - scale * $1 }, shape: [m, n]),
      tolerance: 1e-12)
    // A constant gradient moves Adam's parameters by the rate, whatever its size.
    try expectAgreement(
      parameters["bias"]!, with: Tensor([-0.01, 0.01, -0.01].map { $0 * sum }), tolerance: 1e-6)
    try expectAgreement(
      parameters["still"]!, with: .ones(shape, dtype: .float64) * left, tolerance: 1e-15)
    // Of directions in which the gradient is 100 times smaller, matrices move as far.
    #expect(moved[..<6].allSatisfy { (0.6...1.3).contains($0) })
  }

  /// A quadratic that is ten thousand times steeper along one axis than along another: where Adam
  /// has learned half of a matrix, Muon has learned it.
  @Test func learnsDirectionsThatHardlyMatter() throws {
    func loss(_ optimizer: any Optimizer) throws -> Double {
      let target = try Tensor(Self.reflection(8, 0.5).flatMap(\.self), shape: [8, 8])
      let inputs = try Tensor(
        Self.matrix(8, 8, singularValues: [10, 3, 1, 0.7, 0.5, 0.3, 0.2, 0.1]), shape: [8, 8])
      var training = try Training(
        Parameters(["kernel": .zeros([8, 8], dtype: .float64)]), optimizer: optimizer, batch: []
      ) { scope, _ in
        let kernel = try scope.parameter(
          "kernel", shape: [8, 8], dtype: .float64, initializer: .zeros)
        return try inputs.matmul(kernel - target).square().sum()
      }
      var last = 0.0
      for step in 0..<300 {
        training.learningRate = 0.02 * (1 - Double(step) / 300)
        last = try training.step([])
      }
      return last
    }
    let (adam, muon) = try (loss(Adam()), loss(Muon()))
    #expect(adam < 1 && muon < 1e-3 * adam)
  }

  @Test(
    arguments: [
      (Muon(Adam(epsilon: -1)), "epsilon"), (Muon(relativeRate: -1), "relative_rate"),
      (Muon(relativeRate: .infinity), "relative_rate"), (Muon(iterations: 0), "iterations"),
      (Muon(iterations: 101), "iterations"),
    ])
  func settingsOutOfRangeAreRefused(optimizer: Muon, argument: String) {
    let error = #expect(throws: ArgumentError.self) {
      try Training(Parameters(["a": Tensor([1 as Float])]), optimizer: optimizer, batch: []) {
        scope, _ in
        try scope.parameter("a", shape: [1], dtype: .float32, initializer: .zeros).sum()
      }
    }
    #expect(error?.argument == argument)
  }
}
