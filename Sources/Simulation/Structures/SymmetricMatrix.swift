internal import E3xSystem

/// Eigenvalues and eigenvectors of real symmetric matrices.
enum SymmetricMatrix {
  /// - Parameter matrix: [n, n] in row-major order; of each pair of entries across the diagonal the
  ///   mean counts.
  /// - Returns: eigenvalues [n], ascending, and orthonormal eigenvectors as columns, [n, n] in row-major
  ///   order.
  ///
  /// Householder's reduction to a tridiagonal matrix, then rotations with implicit shifts (Golub & Van
  /// Loan, Matrix Computations, 4th edition, 8.3).
  static func eigen(_ matrix: [Double], size n: Int) -> (values: [Double], vectors: [Double]) {
    precondition(matrix.count == n * n, "expected a square matrix")
    guard n > 0 else { return ([], []) }
    var a = matrix
    for i in 0..<n {
      for j in 0..<i {
        let mean = (matrix[i * n + j] + matrix[j * n + i]) / 2
        (a[i * n + j], a[j * n + i]) = (mean, mean)
      }
    }
    var q = [Double](repeating: 0, count: n * n)
    for i in 0..<n { q[i * n + i] = 1 }
    var (diagonal, off) = tridiagonalize(&a, &q, n)
    diagonalize(&diagonal, &off, &q, n)
    let order = (0..<n).sorted { diagonal[$0] < diagonal[$1] }
    var vectors = [Double](repeating: 0, count: n * n)
    for (column, source) in order.enumerated() {
      for row in 0..<n { vectors[row * n + column] = q[source * n + row] }
    }
    return (order.map { diagonal[$0] }, vectors)
  }

  /// Makes a matrix tridiagonal; rows of `q` become the basis in which it is.
  private static func tridiagonalize(
    _ a: inout [Double], _ q: inout [Double], _ n: Int
  ) -> (diagonal: [Double], off: [Double]) {
    var v = [Double](repeating: 0, count: n)
    var p = [Double](repeating: 0, count: n)
    for k in 0..<max(0, n - 2) {
      var norm = 0.0
      for i in (k + 1)..<n { norm += a[i * n + k] * a[i * n + k] }
      norm = norm.squareRoot()
      guard norm > 0 else { continue }
      let first = a[(k + 1) * n + k]
      let alpha = first > 0 ? -norm : norm
      var square = 0.0
      for i in (k + 1)..<n {
        v[i] = a[i * n + k] - (i == k + 1 ? alpha : 0)
        square += v[i] * v[i]
      }
      guard square > 0 else { continue }
      let beta = 2 / square
      // a ← (1 − β v vᵀ) a (1 − β v vᵀ)
      var dot = 0.0
      for i in k..<n {
        var sum = 0.0
        for j in (k + 1)..<n { sum += a[i * n + j] * v[j] }
        p[i] = beta * sum
        if i > k { dot += p[i] * v[i] }
      }
      let half = beta * dot / 2
      for i in (k + 1)..<n { p[i] -= half * v[i] }
      for i in (k + 1)..<n {
        for j in (k + 1)..<n { a[i * n + j] -= v[i] * p[j] + p[i] * v[j] }
      }
      (a[(k + 1) * n + k], a[k * n + k + 1]) = (alpha, alpha)
      for i in (k + 2)..<n { (a[i * n + k], a[k * n + i]) = (0, 0) }
      // Rows of q are reflected.
      for column in 0..<n {
        var sum = 0.0
        for i in (k + 1)..<n { sum += v[i] * q[i * n + column] }
        sum *= beta
        for i in (k + 1)..<n { q[i * n + column] -= sum * v[i] }
      }
    }
    let diagonal = (0..<n).map { a[$0 * n + $0] }
    let off = (0..<n).map { $0 + 1 < n ? a[($0 + 1) * n + $0] : 0 }
    return (diagonal, off)
  }

  private static func diagonalize(
    _ d: inout [Double], _ e: inout [Double], _ q: inout [Double], _ n: Int
  ) {
    for l in 0..<n {
      // Each takes two or three rounds; matrices with numbers that are not finite never end.
      for _ in 0..<100 {
        var m = l
        while m + 1 < n {
          let scale = abs(d[m]) + abs(d[m + 1])
          if abs(e[m]) <= 1e-16 * scale || e[m] == 0 { break }
          m += 1
        }
        if m == l { break }
        var g = (d[l + 1] - d[l]) / (2 * e[l])
        var r = hypot(g, 1)
        g = d[m] - d[l] + e[l] / (g + (g >= 0 ? r : -r))
        var (s, c, p) = (1.0, 1.0, 0.0)
        var i = m - 1
        var isSplit = false
        while i >= l {
          var f = s * e[i]
          let b = c * e[i]
          r = hypot(f, g)
          e[i + 1] = r
          if r == 0 {
            d[i + 1] -= p
            e[m] = 0
            isSplit = true
            break
          }
          s = f / r
          c = g / r
          g = d[i + 1] - p
          r = (d[i] - g) * s + 2 * c * b
          p = s * r
          d[i + 1] = g + p
          g = c * r - b
          for column in 0..<n {
            f = q[(i + 1) * n + column]
            q[(i + 1) * n + column] = s * q[i * n + column] + c * f
            q[i * n + column] = c * q[i * n + column] - s * f
          }
          i -= 1
        }
        if isSplit { continue }
        d[l] -= p
        e[l] = g
        e[m] = 0
      }
    }
  }
}
