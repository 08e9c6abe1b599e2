internal import E3xEngine

extension Initializer {
  /// Orthonormal columns, uniformly distributed among all such matrices, multiplied by `scale`;
  /// orthonormal rows if there are more columns than rows. Matches `jax.nn.initializers.orthogonal`
  /// for weights [..., outputs], whose leading axes are the rows.
  public static func orthogonal(_ scale: Double = 1) -> Initializer {
    Initializer { key, shape, dtype in
      guard shape.count >= 2 else {
        throw ArgumentError(
          "orthogonal", "shape", "expected at least two axes, received \(shape)")
      }
      let columns = shape[shape.count - 1]
      let rows = try elementCount("orthogonal", Array(shape.dropLast()))
      _ = try elementCount("orthogonal", shape)
      let (long, short) = (Swift.max(rows, columns), Swift.min(rows, columns))
      let work = Double(long) * Double(short) * Double(short)
      guard work <= orthogonalWorkLimit else {
        throw ArgumentError(
          "orthogonal", "shape",
          "\(shape) takes \(work) multiplications, more than the \(orthogonalWorkLimit) that are "
            + "allowed")
      }
      let drawn = try Draw.normal.values("orthogonal", key, [long, short], dtype) { _ in 1 }
      let basis = orthonormalColumns(try drawn.scalars(as: Double.self), long, short)
      var weights = [Double](repeating: 0, count: rows * columns)
      for row in 0..<rows {
        for column in 0..<columns {
          let (i, j) = rows >= columns ? (row, column) : (column, row)
          weights[row * columns + column] = scale * basis[j][i]
        }
      }
      return try Tensor(weights, shape: shape).cast(to: dtype).materialized()
    }
  }

  /// Those of a square matrix of 2154 rows, which take some seconds.
  private static let orthogonalWorkLimit = 1e10

  /// The columns of the factor Q of a matrix [rows, columns] = QR with a positive diagonal of R:
  /// Gram and Schmidt's method, twice for full precision.
  private static func orthonormalColumns(
    _ matrix: [Double], _ rows: Int, _ columns: Int
  ) -> [[Double]] {
    var basis: [[Double]] = []
    for column in 0..<columns {
      var vector = (0..<rows).map { matrix[$0 * columns + column] }
      for _ in 0..<2 {
        for other in basis {
          let overlap = zip(vector, other).reduce(0) { $0 + $1.0 * $1.1 }
          for row in 0..<rows { vector[row] -= overlap * other[row] }
        }
      }
      let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
      basis.append(vector.map { $0 / length })
    }
    return basis
  }
}
