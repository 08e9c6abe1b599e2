internal import E3xSystem

/// Small dense least-squares problems.
package enum LeastSquares {
  /// The x of least norm among those that minimise |A x - b|.
  ///
  /// Householder's QR decomposition reduces A to a triangle; Hestenes' one-sided Jacobi rotations
  /// (Golub and Van Loan, "Matrix Computations", 8.6) give the triangle's singular values, of
  /// which those below `tolerance` times the greatest count as zero.
  /// - Parameters:
  ///   - rows: A, row by row; every row has `columns` values.
  ///   - b: One value per row.
  /// - Complexity: O(rows · columns² + columns³).
  package static func minimumNorm(
    _ rows: [[Double]], columns: Int, _ b: [Double], tolerance: Double = 1e-10
  ) -> [Double] {
    precondition(rows.count == b.count && rows.allSatisfy { $0.count == columns })
    // Columns of A, then b: contiguous, as both steps work on columns.
    var a = (0..<columns).map { column in rows.map { $0[column] } }
    var b = b
    if rows.count > columns { triangularize(&a, &b) }
    var v = (0..<columns).map { i in (0..<columns).map { $0 == i ? 1.0 : 0.0 } }
    orthogonalize(&a, &v)

    // Now A V = U S with orthogonal columns, so x = sum over columns of v (u·b) / s.
    let norms = a.map { dot($0, $0).squareRoot() }
    let cutoff = tolerance * (norms.max() ?? 0)
    var x = [Double](repeating: 0, count: columns)
    for column in 0..<columns where norms[column] > cutoff {
      let scale = dot(a[column], b) / (norms[column] * norms[column])
      for index in 0..<columns { x[index] += scale * v[column][index] }
    }
    return x
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  /// Replaces A and b by R and the first rows of Qᵀ b.
  private static func triangularize(_ a: inout [[Double]], _ b: inout [Double]) {
    let count = a.count
    for column in 0..<count {
      var reflector = a[column]
      for row in 0..<column { reflector[row] = 0 }
      let norm = dot(reflector, reflector).squareRoot()
      guard norm > 0 else { continue }
      reflector[column] += reflector[column] < 0 ? -norm : norm
      let scale = 2 / dot(reflector, reflector)
      func reflect(_ vector: inout [Double]) {
        let factor = scale * dot(reflector, vector)
        for row in column..<vector.count { vector[row] -= factor * reflector[row] }
      }
      for other in column..<count { reflect(&a[other]) }
      reflect(&b)
    }
    for column in 0..<count {
      a[column].removeLast(a[column].count - count)
      for row in column + 1..<max(count, column + 1) { a[column][row] = 0 }
    }
    b.removeLast(b.count - count)
  }

  /// Rotates pairs of columns, and those of V with them, until all are orthogonal.
  private static func orthogonalize(_ a: inout [[Double]], _ v: inout [[Double]]) {
    let count = a.count
    for _ in 0..<60 {
      var isDone = true
      for p in 0..<count {
        for q in p + 1..<max(count, p + 1) {
          let pp = dot(a[p], a[p])
          let qq = dot(a[q], a[q])
          let pq = dot(a[p], a[q])
          guard abs(pq) > 1e-15 * (pp * qq).squareRoot() else { continue }
          isDone = false
          let zeta = (qq - pp) / (2 * pq)
          let sign: Double = zeta < 0 ? -1 : 1
          let tangent = sign / (abs(zeta) + (1 + zeta * zeta).squareRoot())
          let cosine = 1 / (1 + tangent * tangent).squareRoot()
          rotate(&a, p, q, cosine, cosine * tangent)
          rotate(&v, p, q, cosine, cosine * tangent)
        }
      }
      if isDone { return }
    }
  }

  private static func rotate(
    _ columns: inout [[Double]], _ p: Int, _ q: Int, _ cosine: Double, _ sine: Double
  ) {
    for row in columns[p].indices {
      let (x, y) = (columns[p][row], columns[q][row])
      columns[p][row] = cosine * x - sine * y
      columns[q][row] = sine * x + cosine * y
    }
  }
}
