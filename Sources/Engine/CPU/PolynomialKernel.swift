internal import E3xCKernels

/// Polynomials as the C kernels take them. What it points to belongs to a ``PolynomialTable``.
struct PolynomialKernel: @unchecked Sendable {
  enum Terms {
    case monomials(UnsafePointer<e3x_monomial>, maxPower: Int)
    case harmonics(
      UnsafePointer<e3x_harmonic_term>, count: Int, maxDegree: Int, steps: UnsafePointer<Double>)
  }

  /// The number of outputs.
  let count: Int
  /// The number of weights of a row, or 0.
  let weights: Int
  /// The first term of each output, and the end.
  let offsets: UnsafePointer<Int32>
  let terms: Terms
  /// Multiply-adds for a row, roughly.
  let work: Int

  func scratchBytes(_ dtype: DType) -> Int {
    switch terms {
    case .monomials(_, let maxPower):
      e3x_polynomial_scratch(dtype.kernel, Int64(maxPower), Int64(weights))
    case .harmonics(_, let count, let maxDegree, _):
      e3x_harmonics_scratch(dtype.kernel, Int64(maxDegree), Int64(count), Int64(weights))
    }
  }

  /// - Parameters:
  ///   - x: Vectors, `stride` elements apart.
  ///   - weights: Rows of ``weights`` numbers, `weightStride` elements apart.
  ///   - out: [rows, count].
  ///   - scratch: ``scratchBytes(_:)`` bytes, 64-byte aligned.
  func run(
    _ dtype: DType, rows: Int, _ x: UnsafeRawPointer, stride: Int, weights: UnsafeRawPointer?,
    weightStride: Int, to out: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer
  ) {
    switch terms {
    case .monomials(let monomials, let maxPower):
      _ = e3x_polynomial(
        dtype.kernel, Int64(rows), Int64(count), offsets, monomials, Int64(maxPower), x,
        Int64(stride), weights, Int64(weightStride), Int64(self.weights), out, scratch)
    case .harmonics(let terms, _, let maxDegree, let steps):
      _ = e3x_harmonics(
        dtype.kernel, Int64(rows), Int64(maxDegree), steps, Int64(count), offsets, terms, x,
        Int64(stride), weights, Int64(weightStride), Int64(self.weights), out, scratch)
    }
  }
}
