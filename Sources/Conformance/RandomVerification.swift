internal import E3xEngine
internal import E3xFiles
internal import E3xLimits
internal import E3xSO3

/// Checks that this library draws what `jax.random` and `e3x.so3.random_rotation` draw from
/// `PRNGKey(seed)`.
///
/// The file holds what came of `key`, `split`, `fold_in` (with 7), `bits`, `uniform`, `normal`,
/// `truncated_normal` (-2, 2), `permutation`, `random_rotation` and `random_rotation_small`
/// (perturbation 0.1). Integers agree exactly.
struct RandomVerification {
  static let operation = "random"

  let expected: Case

  func run(name: String) -> CaseResult {
    var result = CaseResult(name: name, operation: expected.operation, outcome: .passed)
    do {
      let key = RandomKey(seed: try expected.integer("seed"))
      var failures: [String] = []
      var worst = 0.0
      for name in expected.names("") {
        let stored = expected.file[name]!
        // As many as there are in the file.
        let count = Size.product(stored.shape) ?? 0
        let error = try error(name, stored, key, count: count)
        worst = max(worst, error)
        if !(error <= (stored.dtype == .f32 ? 1e-6 : 0)) { failures.append("\(name) \(error)") }
      }
      result.output = worst
      if !failures.isEmpty { result.outcome = .failed(failures.joined(separator: "; ")) }
    } catch {
      result.outcome = .failed("\(error)")
    }
    return result
  }

  private func error(
    _ name: String, _ stored: SafetensorsTensor, _ key: RandomKey, count: Int
  ) throws -> Double {
    func words(_ keys: [RandomKey]) -> [UInt32] { keys.flatMap { [$0.words.x, $0.words.y] } }
    func integers(_ values: [some BinaryInteger]) throws -> Double {
      try values.map { Double($0) } == stored.doubles() ? 0 : .infinity
    }
    func reals(_ values: [Float]) throws -> Double {
      try stored.error(of: Tensor(values, shape: stored.shape), name)
    }
    return switch name {
    case "key": try integers(words([key]))
    case "split": try integers(words(key.split(count / 2)))
    case "fold_in": try integers(words([key.folding(in: 7)]))
    case "bits": try integers(key.bits(count: count))
    case "permutation": try integers(key.permutation(count))
    case "uniform": try reals(key.uniform(Float.self, count: count))
    case "normal": try reals(key.normal(Float.self, count: count))
    case "truncated_normal":
      try reals(key.truncatedNormal(Float.self, count: count, lower: -2, upper: 2))
    case "random_rotation": try stored.error(of: randomRotation(key), name)
    case "random_rotation_small":
      try stored.error(of: randomRotation(key, perturbation: 0.1), name)
    default: throw Disagreement("'\(name)' is not known")
    }
  }
}
