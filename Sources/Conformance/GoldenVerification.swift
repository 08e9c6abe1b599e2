internal import E3xEngine
internal import E3xFiles
internal import E3xNN
internal import E3xOperations
internal import Foundation

/// What came of a case.
package struct CaseResult: Sendable {
  /// How it ended.
  package enum Outcome: Sendable, Equatable {
    case passed
    case failed(String)
    case skipped(String)
  }
  /// The file, below the folder that was searched.
  package let name: String
  /// The operation, or the folder where the file says none.
  package let operation: String
  package var outcome: Outcome
  /// The largest relative errors of outputs, first and second derivatives; nil if not checked.
  package var output: Double?
  package var first: Double?
  package var second: Double?
}

/// Compares this library with the results that e3x computed for a case.
struct GoldenVerification {
  let golden: Case
  /// What floating-point results must be.
  private let dtype: DType
  private let tolerances: (first: Double, second: Double)

  init(_ golden: Case) {
    self.golden = golden
    if golden.file.metadata["draws"] == "float32" {
      // Random numbers are drawn in single precision, whichever is verified.
      (dtype, tolerances) = (.float32, (1e-6, 1e-6))
      return
    }
    dtype = (try? golden.config.dtype("dtype")) ?? golden.dtype
    if dtype.isHalf {
      // Roundings after every operation, not all in the same places.
      tolerances = (8 * dtype.epsilon, 16 * dtype.epsilon)
    } else if dtype == .float32 || golden.dtype == .float32 {
      tolerances = (2e-5, 2e-4)
    } else if Self.hasInexactBinomials(golden) {
      tolerances = (1e-6, 1e-6)
    } else {
      tolerances = (1e-10, 1e-8)
    }
  }

  /// Whether the reference itself is inexact: Bernstein polynomials of 8 functions or more.
  ///
  /// e3x takes their binomial coefficients from `jax.scipy.special.betaln`, which from an argument
  /// of 8 on is an expansion that misses the logarithm by up to 1.3e-6, in float64 too (below 8 by
  /// 4e-15). Ours are exact. It shows in `nn_basic_bernstein/num8`, `nn_exponential_bernstein/num8-…`,
  /// `nn_reciprocal_bernstein/num8-…`, `nn_basis/L2-reciprocal_bernstein` and
  /// `model_AttentionPotential/F8L2T2`.
  private static func hasInexactBinomials(_ golden: Case) -> Bool {
    let config = golden.config
    var names = [golden.operation]
    names += [(try? config.string("radial_fn")) ?? "", (try? config.string("f")) ?? ""]
    let isBernstein = names.contains { $0.contains("bernstein") }
    let isPotential = golden.operation.hasPrefix("model.")
    guard isBernstein || isPotential else { return false }
    let inner = try? config.object("f_config").int("num")
    let count = (try? config.int(isPotential ? "num_basis" : "num")) ?? inner
    return (count ?? 0) >= 8
  }

  func run(name: String) -> CaseResult {
    var result = CaseResult(name: name, operation: golden.operation, outcome: .passed)
    do {
      return try verified(result)
    } catch {
      result = CaseResult(
        name: name, operation: golden.operation, outcome: .failed("\(error)"))
      return result
    }
  }

  private func verified(_ result: CaseResult) throws -> CaseResult {
    let evaluation = try CaseEvaluation(golden)
    var failures: [String] = []
    var outputError = 0.0
    var tensors: [Tensor] = evaluation.outputs
    tensors += evaluation.gradients.values
    tensors += evaluation.secondGradients.values
    try evaluate(tensors)

    let expectedOutputs = golden.names("out.").count
    if evaluation.outputs.count != expectedOutputs {
      throw Mismatch("\(evaluation.outputs.count) outputs, expected \(expectedOutputs)")
    }
    for (index, output) in evaluation.outputs.enumerated() {
      let error = try compare(output, "out.\(index)", scale: nil)
      if !(error <= tolerances.first) { failures.append("out.\(index) \(format(error))") }
      outputError = worst(outputError, error)
    }
    var output = result
    output.output = outputError
    for (prefix, gradients, tolerance) in [
      ("grad.", evaluation.gradients, tolerances.first),
      ("grad2.", evaluation.secondGradients, tolerances.second),
    ] {
      // What the file has must have been computed: nothing goes uncompared.
      for name in golden.names(prefix) where gradients[name] == nil {
        throw Mismatch("'\(prefix)\(name)' was not computed")
      }
      if gradients.isEmpty { continue }
      let largest = try gradients.keys.map { try magnitude(prefix + $0) }.max() ?? 0
      var error = 0.0
      for (name, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
        let one = try compare(gradient, prefix + name, scale: largest)
        if !(one <= tolerance) { failures.append("\(prefix)\(name) \(format(one))") }
        error = worst(error, one)
      }
      if prefix == "grad." { output.first = error } else { output.second = error }
    }
    guard failures.isEmpty else {
      return CaseResult(
        name: output.name, operation: output.operation,
        outcome: .failed(failures.joined(separator: "; ")), output: output.output,
        first: output.first, second: output.second)
    }
    return output
  }

  private struct Mismatch: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
  }

  /// NaN is the worst of all.
  private func worst(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : max(a, b) }

  private func format(_ error: Double) -> String { String(format: "%.1e", error) }

  private func magnitude(_ name: String) throws -> Double {
    guard let stored = golden.file[name] else { return 0 }
    return try stored.doubles().reduce(0) { max($0, abs($1)) }
  }

  /// The largest difference relative to the largest value; a tensor that is zero but for rounding
  /// is measured against `scale`, and in 16 bits one that is small beside it, too.
  private func compare(_ tensor: Tensor, _ name: String, scale: Double?) throws -> Double {
    guard let stored = golden.file[name] else { throw Mismatch("'\(name)' is not in the file") }
    guard let sizes = tensor.shape.known,
      sizes == stored.shape || (sizes.isEmpty && stored.shape == [1])
    else {
      throw Mismatch("'\(name)' has shape \(tensor.shape), expected \(stored.shape)")
    }
    if stored.dtype == .bool {
      return try tensor.scalars(as: Bool.self) == stored.bools() ? 0 : .infinity
    }
    if !tensor.dtype.isFloatingPoint {
      let expected = try stored.doubles()
      return try tensor.scalars(as: Double.self) == expected ? 0 : .infinity
    }
    let type = name.hasPrefix("out.") ? dtype : golden.dtype
    guard tensor.dtype == type else {
      throw Mismatch("'\(name)' has \(tensor.dtype) elements, expected \(type)")
    }
    let (values, expected) = (try tensor.scalars(as: Double.self), try stored.doubles())
    var (difference, largest) = (0.0, 0.0)
    for (value, reference) in zip(values, expected) {
      // The same infinity, or both not a number, agree, and so do the largest finite numbers of
      // both precisions, which empty maxima and minima are.
      let isLargest = abs(reference) == Double.greatestFiniteMagnitude
      if isLargest && abs(value) == dtype.greatest && value.sign == reference.sign { continue }
      if value == reference || (value.isNaN && reference.isNaN) {
        if reference.isFinite { largest = max(largest, abs(reference)) }
        continue
      }
      difference = worst(difference, abs(value - reference))
      if reference.isFinite { largest = max(largest, abs(reference)) }
    }
    if difference == 0 { return 0 }
    // Sums that nearly cancel, as a bias's that a softmax hardly sees, are rounding noise in 16 bits.
    if let scale, largest < (self.dtype.isHalf ? 0.1 : 1e-13) * scale { return difference / scale }
    return difference / (largest > 0 ? largest : 1)
  }
}
