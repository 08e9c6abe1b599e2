internal import E3xEngine
internal import E3xSystem

/// The families of functions of one variable, num of them in a new last axis.
extension RadialFamily {
  /// - Parameter t: 0 ... 1, as the distance over the limit or 1 minus a mapped distance.
  func evaluate(_ t: Tensor, num: Int) throws(ShapeError) -> Tensor {
    switch self {
    case .bernstein: try E3xNN.bernstein(t, num: num)
    case .chebyshev: try E3xNN.chebyshev(t * 2 - 1, num: num)
    case .fourier: try fourierColumns(t, num: num)
    case .gaussian: try gaussianColumns(t, num: num)
    }
  }

  /// - Parameter mapping: a mapped distance, 1 at 0 and 0 at infinity.
  func evaluate(mapping: Tensor, num: Int) throws(ShapeError) -> Tensor {
    // Chebyshev polynomials are the family for which e3x has the mapping itself.
    self == .chebyshev
      ? try E3xNN.chebyshev(mapping * 2 - 1, num: num) : try evaluate(1 - mapping, num: num)
  }
}

/// cos(kπt), k = 0 ..< num.
private func fourierColumns(_ t: Tensor, num: Int) throws(ShapeError) -> Tensor {
  try (t.expanded(at: -1) * constants((0..<num).map { Double($0) * .pi }, t.dtype)).cos()
}

/// e^(-√(2 num) (num - 1) (t - k / (num - 1))²), k = 0 ..< num.
private func gaussianColumns(_ t: Tensor, num: Int) throws(ShapeError) -> Tensor {
  let last = Double(num - 1)
  let centers = try constants((0..<num).map { num == 1 ? 0 : Double($0) / last }, t.dtype)
  let distance = try t.expanded(at: -1) - centers
  return try (distance * distance * -((2 * Double(num)).squareRoot() * last)).exp()
}

/// The Chebyshev polynomials T(k, x), k = 0 ..< num, in a new last axis; outside of -1 ... 1
/// constants with the values at the ends.
///
/// The derivatives of the first polynomials are combinations of the first polynomials, with
/// constant coefficients: exact also at the ends, where those of cos(k acos(x)) are 0/0.
private func chebyshev(_ x: Tensor, num: Int) throws(ShapeError) -> Tensor {
  let isInside = try x.absolute().isAtMost(Tensor(1, dtype: x.dtype))
  let y = try Tensor.minimum(.maximum(x, -1), 1).stoppingGradient()
  let angle = try Tensor.atan2(y: ((1 - y) * (1 + y)).squareRoot(), x: y)
  let orders = try constants((0..<num).map { Double($0) }, x.dtype)
  let values = try (angle.expanded(at: -1) * orders).cos()
  return values.withDerivative(to: [x]) { (cotangent) throws(ShapeError) -> [Tensor?] in
    let matrix = try Tensor(chebyshevDerivatives(num), shape: [num, num]).cast(to: x.dtype)
    let slopes = try chebyshev(x, num: num).expanded(at: -2).matmul(matrix).squeezed(axis: -2)
    return [try .select(isInside, (cotangent * slopes).sum([-1]), 0)]
  }
}

/// D in T'(k) = Σ T(j) D[j, k]: 2k for j of the other parity below k, half of it for j = 0.
private func chebyshevDerivatives(_ num: Int) -> [Double] {
  var matrix = [Double](repeating: 0, count: num * num)
  for k in 0..<num {
    for j in stride(from: k - 1, through: 0, by: -2) {
      matrix[j * num + k] = Double(j == 0 ? k : 2 * k)
    }
  }
  return matrix
}

/// sin(kπt) / (kπt), k = 1 ... num; 0 for t > 1.
func sincColumns(_ t: Tensor, num: Int) throws(ShapeError) -> Tensor {
  let column = try t.expanded(at: -1)
  let frequencies = try constants((1...num).map { Double($0) * .pi }, t.dtype)
  let isInside = try column.isAtMost(Tensor(1, dtype: t.dtype))
  return try .select(isInside, RemovableSingularity.sine(column * frequencies), 0)
}

/// 1 for k / num <= t <= (k+1) / num, k = 0 ..< num, else 0. Compared in float64, so that points
/// between two windows fall into the same one in either precision.
func rectangularColumns(_ x: Tensor, num: Int, limit: Double) throws(ShapeError) -> Tensor {
  let column = try x.cast(to: .float64).expanded(at: -1)
  let width = limit / Double(num)
  let lower = try constants((0..<num).map { Double($0) * width }, .float64)
  let upper = try constants((1...num).map { $0 == num ? limit : Double($0) * width }, .float64)
  return try column.isAtLeast(lower).and(column.isAtMost(upper)).cast(to: x.dtype)
}

/// max(1 - |num t - k|, 0), k = 0 ..< num; ties share derivatives.
func triangularColumns(_ t: Tensor, num: Int) throws(ShapeError) -> Tensor {
  let offset =
    try (t * Double(num)).expanded(at: -1)
    - constants((0..<num).map { Double($0) }, t.dtype)
  return try .maximum(.minimum(offset + 1, 1 - offset), 0)
}

/// The difference of two smooth switches, up to k / num and down from there, k = 0 ..< num.
func smoothColumns(_ t: Tensor, num: Int) throws(ShapeError) -> Tensor {
  let offset =
    try (t * Double(num)).expanded(at: -1)
    - constants((0..<num).map { Double($0) }, t.dtype)
  return try smoothSwitch(unit: offset + 1) - smoothSwitch(unit: offset)
}
