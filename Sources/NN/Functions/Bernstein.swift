internal import E3xLocks
internal import E3xEngine
internal import E3xSystem

/// The Bernstein polynomials C(n, k) x^k (1 - x)^(n - k), k = 0 ... n = num - 1, in a new last
/// axis.
///
/// Outside of 0 ... 1 the values are those at the ends, and the derivatives follow from them by
/// B'(k, n) = n (B(k-1, n-1) - B(k, n-1)), as e3x defines them.
func bernstein(_ x: Tensor, num: Int) throws(ShapeError) -> Tensor {
  let clamped = try Tensor.minimum(.maximum(x, 0), 1)
    .withDerivative(to: [x]) { (cotangent) throws(ShapeError) -> [Tensor?] in [cotangent] }
  return try bernstein(clamped: clamped.expanded(at: -1), num)
}

/// - Parameter clamped: [..., 1], 0 ... 1.
private func bernstein(clamped: Tensor, _ num: Int) throws(ShapeError) -> Tensor {
  if num > BernsteinTables.largest { return try largeBernstein(clamped, num) }
  let variables = try Tensor.concatenate(
    [clamped, 1 - clamped, .zeros(like: clamped)], axis: -1)
  return try variables.polynomials(BernsteinTables.table(num))
}

/// Bernstein polynomials as sparse polynomials of (x, 1 - x, 0).
private enum BernsteinTables {
  /// The most polynomials for which no power or coefficient leaves the range of float32.
  static let largest = 64

  private static let tables = Guarded<[Int: PolynomialTable]>([:])

  static func table(_ num: Int) -> PolynomialTable {
    tables.withLock { tables in
      if let table = tables[num] { return table }
      let n = num - 1
      var binomial = 1.0
      let polynomials = (0...n).map { k in
        if k > 0 { binomial = (binomial * Double(n - k + 1) / Double(k)).rounded() }
        return [PolynomialTable.Monomial((k, n - k, 0), binomial)]
      }
      let table = PolynomialTable(name: "bernstein(\(num))", polynomials: polynomials)
      tables[num] = table
      return table
    }
  }
}

/// Many polynomials, from the logarithms of their factors, in float64 whatever comes.
///
/// - Parameter x: [..., 1], 0 ... 1.
private func largeBernstein(_ x: Tensor, _ num: Int) throws(ShapeError) -> Tensor {
  let n = num - 1
  let value = x.stoppingGradient()
  let wide = try value.cast(to: .float64)
  let rest = try 1 - wide
  let k = try constants((0...n).map { Double($0) }, .float64)
  var logFactorials = [0.0]
  for m in 1...n { logFactorials.append(logFactorials[m - 1] + log(Double(m))) }
  let binomials = try constants(
    (0...n).map { logFactorials[n] - logFactorials[$0] - logFactorials[n - $0] }, .float64)
  // At the ends, 0 · log(0): the first or last polynomial is 1, all others are 0.
  let isInside = try wide.isGreater(than: 0).and(rest.isGreater(than: 0))
  let logX = try Tensor.select(isInside, wide, 0.5).log()
  let logRest = try Tensor.select(isInside, rest, 0.5).log()
  let exponent = try binomials + k * logX + (Double(n) - k) * logRest
  let end = try k.isEqual(to: wide * Double(n)).cast(to: .float64)
  return try Tensor.select(isInside, exponent.exp(), end).cast(to: x.dtype)
    .withDerivative(to: [x]) { (cotangent) throws(ShapeError) -> [Tensor?] in
      let lower = try bernstein(clamped: x, n)
      let axis = lower.rank - 1
      let difference = try lower.padded(before: 1, axis: axis) - lower.padded(after: 1, axis: axis)
      return [try (cotangent * difference).sum([axis], keepDimensions: true) * Double(n)]
    }
}
