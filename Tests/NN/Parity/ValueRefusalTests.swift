import E3xEngine
import E3xNN
import E3xSO3
import TestSupport
import Testing

/// Refusals that depend on the values of arrays: at once where they are known, when the graph runs
/// where they are not, and by no check at all inside layers.
@Suite struct ValueRefusalTests {
  /// Expects that a value is refused: known, computed, and as the argument of a compiled function.
  private func expectRefused(
    _ value: Tensor, _ argument: String, _ function: String, _ reason: String,
    sourceLocation: SourceLocation = #_sourceLocation, _ call: @escaping (Tensor) throws -> Tensor
  ) throws {
    let known = #expect(throws: ArgumentError.self, sourceLocation: sourceLocation) {
      try call(value)
    }
    #expect(known?.argument == argument, sourceLocation: sourceLocation)
    #expect(known?.function == function, sourceLocation: sourceLocation)
    #expect(known?.reason.contains(reason) == true, "\(known?.reason ?? "")")
    for executor in [ExecutorChoice.stepwise, .planned] {
      try ExecutorChoice.$override.withValue(executor) {
        // Not known before it is computed.
        let lazy = try call(-(-value))
        let error = #expect(throws: EvaluationError.self, sourceLocation: sourceLocation) {
          try evaluate([lazy])
        }
        let compiled = try CompiledFunction([TensorSpecification(value.shape, dtype: value.dtype)])
        {
          [try call($0[0])]
        }
        let other = #expect(throws: EvaluationError.self, sourceLocation: sourceLocation) {
          try compiled([value])
        }
        for error in [error, other] {
          #expect(error?.argument == argument, sourceLocation: sourceLocation)
          #expect(error?.operation == function, sourceLocation: sourceLocation)
          #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
        }
      }
    }
  }

  @Test(arguments: [DType.float64, .float32, .float16, .bfloat16])
  func negativeDistances(_ dtype: DType) throws {
    let x = try Tensor([0.5, 0, 1, -0.25] as [Double], shape: [2, 2]).cast(to: dtype).materialized()
    let reason = "must not be negative, received -0.25 at position [1, 1]"
    try expectRefused(x, "x", "smooth_cutoff", reason) { try smoothCutoff($0, cutoff: 2) }
    try expectRefused(x, "x", "cosine_cutoff", reason) { try cosineCutoff($0, cutoff: 2) }
    try expectRefused(x, "x", "smooth_cutoff", reason) { try CutoffFunction.smooth(cutoff: 2)($0) }
    // -0 is 0, and not a number is not below it.
    for value in [-0.0, Double.nan] {
      _ = try smoothCutoff(Tensor([value]), cutoff: 2).scalars(as: Double.self)
    }
  }

  @Test(arguments: [-0.5, Double.nan, .infinity])
  func badGammas(_ value: Double) throws {
    let (gamma, x) = (Tensor([value]), Tensor([0.1, 0.7] as [Double]))
    let reason = "must be finite and not negative"
    try expectRefused(gamma, "gamma", "exponential_mapping", reason) {
      try exponentialMapping(x, gamma: $0)
    }
    try expectRefused(gamma, "gamma", "smooth_damping", reason) { try smoothDamping(x, gamma: $0) }
    for family in RadialFamily.allCases {
      try expectRefused(gamma, "gamma", "exponential_mapping", reason) {
        try RadialFunction.exponential(family)(x, num: 3, gamma: $0)
      }
    }
  }

  @Test func aParameterThatIsNoNumber() throws {
    let r = try testValues([3, 3], seed: 1)
    for executor in [ExecutorChoice.stepwise, .planned] {
      try ExecutorChoice.$override.withValue(executor) {
        var parameters = Parameters()
        parameters["gamma"] = try Tensor(.nan, dtype: .float64).materialized()
        let error = #expect(throws: EvaluationError.self) {
          try evaluate([
            ExponentialBasis()(parameters.scope, r, maxDegree: 1, num: 2).basis
          ])
        }
        #expect(error?.argument == "gamma")
      }
    }
  }

  @Test(arguments: [DType.float64, .float32, .float16, .bfloat16])
  func matricesThatAreNoRotations(_ dtype: DType) throws {
    let rot = try randomRotation(RandomKey(seed: 1), num: 2, dtype: .float64)
    let shear = try Tensor([1.0, 0.1, 0, 0, 1, 0, 0, 0, 1] as [Double], shape: [3, 3])
    let matrices = [
      try rot * 1.02, try rot * 0, try rot.sliced(1..<2, axis: 0).matmul(shear),
      try rot * Tensor([1.0, 1, 0.9] as [Double], shape: [3]), try rot + Double.nan,
    ]
    for bad in matrices {
      let matrix = try bad.cast(to: dtype).materialized()
      try expectRefused(matrix, "rot", "wigner_d", "differs from the identity by") {
        try wignerD($0, maxDegree: 2)
      }
    }
    var entries: [Double] = try rot.scalars()
    entries[13] += 0.3
    let second = try Tensor(entries, shape: [2, 3, 3]).cast(to: dtype).materialized()
    try expectRefused(second, "rot", "wigner_d", "at position 1 differs") {
      try wignerD($0, maxDegree: 1)
    }
  }

  /// Numbers with 11 and with 8 significant bits, as of 16-bit types.
  @Test(arguments: [11, 8])
  func roundedRotationsAreTaken(_ bits: Int) throws {
    let unit = Double(1 << bits)
    for seed in 0..<50 {
      let rot: [Double] = try randomRotation(RandomKey(seed: seed), dtype: .float64).scalars()
      let rounded = rot.map { entry in
        let scale = unit / Double(sign: .plus, exponent: entry.exponent + 1, significand: 1)
        return (entry * scale).rounded() / scale
      }
      let matrix = try Tensor(rounded, shape: [3, 3])
      try expectFinite(wignerD(matrix, maxDegree: 3))
      for dtype in [DType.float32, .float16, .bfloat16] {
        try expectFinite(wignerD(matrix.cast(to: dtype).materialized(), maxDegree: 3))
        try expectFinite(wignerD(matrix.cast(to: dtype), maxDegree: 3))
      }
    }
  }

  /// With a reflection harmonics turn just as well: Y(r) D(R) = Y(r R).
  @Test func improperRotationsAreTaken() throws {
    let rot = try -randomRotation(RandomKey(seed: 3), dtype: .float64)
    let r = try testValues([5, 3], seed: 2)
    try expectAgreement(
      sphericalHarmonics(r, maxDegree: 4).matmul(wignerD(rot, maxDegree: 4)),
      with: sphericalHarmonics(r.matmul(rot), maxDegree: 4), tolerance: 1e-13)
  }

  /// Distances inside layers are lengths, and need no check.
  @Test func layersCheckNoValues() throws {
    let r = try testValues([5, 3], seed: 1)
    for cutoff in [CutoffFunction.smooth(cutoff: 3), .cosine(cutoff: 3)] {
      let result = try basis(
        -(-r), maxDegree: 2, num: 3, radialFn: .exponentialBernstein, cutoffFn: cutoff,
        returnCutoff: true, dampingFn: .smooth())
      for tensor in [result.basis, try #require(result.cutoff)] {
        #expect(!tensor.primitiveNames.contains("check"))
        let slope = try gradient(of: tensor.sum(), withRespectTo: [r])[0]
        #expect(!slope.primitiveNames.contains("check"))
      }
    }
    // The check itself would be seen.
    #expect(try smoothCutoff(-(-r)).primitiveNames.contains("check"))
  }
}
