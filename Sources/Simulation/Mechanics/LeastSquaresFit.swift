internal import E3xPotentials

/// Least squares of a few parameters.
enum LeastSquaresFit {
  /// The parabola through points: the place and the value of its minimum, and its second derivative; nil
  /// for a straight line.
  static func parabola(
    _ x: [Double], _ y: [Double]
  ) -> (minimum: Double, value: Double, curvature: Double)? {
    let center = x.reduce(0, +) / Double(x.count)
    let scale = x.map { abs($0 - center) }.max() ?? 0
    guard scale > 0 else { return nil }
    let rows = x.map { value in
      let t = (value - center) / scale
      return [1, t, t * t]
    }
    let c = LeastSquares.minimumNorm(rows, columns: 3, y)
    guard c[2] != 0 else { return nil }
    let t = -c[1] / (2 * c[2])
    return (center + scale * t, c[0] + t * (c[1] + t * c[2]), 2 * c[2] / (scale * scale))
  }

  /// The parameters at which the sum of squares is least, near where it begins: the method of Levenberg
  /// and Marquardt, with differences for derivatives.
  static func minimized(
    from start: [Double], _ residuals: ([Double]) -> [Double]
  ) -> (parameters: [Double], residuals: [Double]) {
    let n = start.count
    var (point, rest) = (start, residuals(start))
    var square = Vector.dot(rest, rest)
    var damping = 1e-3
    for _ in 0..<200 {
      let columns = (0..<n).map { k in
        let h = 1e-6 * max(abs(point[k]), 1e-3)
        var (up, down) = (point, point)
        up[k] += h
        down[k] -= h
        return zip(residuals(up), residuals(down)).map { ($0 - $1) / (2 * h) }
      }
      let matrix = columns.map { first in columns.map { Vector.dot(first, $0) } }
      let right = columns.map { -Vector.dot($0, rest) }
      var isBetter = false
      var change = 0.0
      while damping < 1e12 {
        var damped = matrix
        for i in 0..<n { damped[i][i] *= 1 + damping }
        let step = LeastSquares.minimumNorm(damped, columns: n, right, tolerance: 1e-14)
        let next = Vector.sum(point, 1, step)
        let values = residuals(next)
        let sum = Vector.dot(values, values)
        if sum < square {
          change = (square - sum) / square
          (point, rest, square, isBetter) = (next, values, sum, true)
          damping = max(damping / 10, 1e-15)
          break
        }
        damping *= 10
      }
      if !isBetter || square == 0 || change < 1e-15 { break }
    }
    return (point, rest)
  }
}
