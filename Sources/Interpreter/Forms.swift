import E3xEngine
import Foundation

extension InterpretedOperation {
  /// A multilinear form opened at one slot. Operands without rows are those of every row.
  func coupled(_ table: CouplingTable, _ output: Int, _ reduces: Bool) -> Elements {
    let features = shape.last!
    let rows = inputs.first { $0.shape.count == 3 }?.shape[0] ?? 1
    let slots = (0..<table.slots).filter { $0 != output }
    let width = table.sizes[output] * features
    var values = [Double](repeating: 0, count: (reduces ? 1 : rows) * width)
    for row in 0..<rows {
      for term in table.terms {
        for feature in 0..<features {
          var product = term.value
          for (slot, operand) in zip(slots, inputs) {
            let index = [term.index[slot], feature]
            product *= operand[operand.shape.count == 3 ? [row] + index : index]
          }
          let at = term.index[output] * features + feature
          values[(reduces ? 0 : row) * width + at] += product
        }
      }
    }
    return Elements(shape, dtype, values)
  }

  /// y_k = Σ_j P_kj w_j for polynomials in the order P_00, P_01, ….
  func polynomials(_ table: PolynomialTable) -> Elements {
    let count = table.weights ?? 1
    let points = inputs[0].values
    var values: [Double] = []
    for row in 0..<points.count / 3 {
      let point = Array(points[3 * row..<3 * row + 3])
      let all = table.form.values(at: point)
      for output in 0..<table.count {
        values.append(
          (0..<count).reduce(0) { sum, j in
            let weight = inputs.count == 2 ? inputs[1].values[row * count + j] : 1
            return sum + all[output * count + j] * weight
          })
      }
    }
    return Elements(shape, dtype, values)
  }

  /// A function of the vectors in the last axis.
  func vectors(_ function: ([Double]) -> [Double]) -> Elements {
    let values = inputs[0].values
    return Elements(
      shape, dtype,
      (0..<values.count / 3).flatMap { function(Array(values[3 * $0..<3 * $0 + 3])) })
  }
}

extension PolynomialTable.Form {
  /// The values of all polynomials at a point.
  fileprivate func values(at point: [Double]) -> [Double] {
    switch self {
    case .monomials(let polynomials):
      polynomials.map { polynomial in
        polynomial.reduce(0) { sum, monomial in
          let (a, b, c) = monomial.powers
          return sum + monomial.coefficient * power(point[0], a) * power(point[1], b)
            * power(point[2], c)
        }
      }
    case .harmonics(let harmonics):
      harmonics.combinations.map { combination in
        combination.reduce(0) { $0 + $1.coefficient * solidHarmonic($1.harmonic, at: point) }
      }
    }
  }
}

private func power(_ x: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1) { product, _ in product * x }
}

/// The real solid harmonic R_lm in Racah's normalisation, at position l² + l + m.
///
/// R_lm = sqrt((2 - δ_m0) (l - m)! / (l + m)!) · Π_l^m(z, r²) · Re or Im (x + i y)^m, with
/// Π_l^m = Σ_k (-1)^k 2^-l binomial(l, k) binomial(2 l - 2 k, l) (l - 2 k)! / (l - 2 k - m)!
/// · r^2k z^(l - 2 k - m) (Helgaker, Jørgensen and Olsen, Molecular Electronic-Structure Theory,
/// section 6.4).
private func solidHarmonic(_ position: Int, at point: [Double]) -> Double {
  let l = Int(Double(position).squareRoot())
  let order = position - l * l - l
  let m = abs(order)
  let (x, y, z) = (point[0], point[1], point[2])
  let square = x * x + y * y + z * z
  var sum = 0.0
  for k in 0...((l - m) / 2) {
    let binomials = binomial(l, k) * binomial(2 * l - 2 * k, l)
    let falling = factorial(l - 2 * k) / factorial(l - 2 * k - m)
    sum +=
      (k % 2 == 0 ? 1 : -1) * binomials * falling * power(square, k) * power(z, l - 2 * k - m)
  }
  sum *= power(0.5, l)
  var (real, imaginary) = (1.0, 0.0)
  for _ in 0..<m { (real, imaginary) = (real * x - imaginary * y, real * y + imaginary * x) }
  let norm = ((m == 0 ? 1 : 2) * factorial(l - m) / factorial(l + m)).squareRoot()
  return norm * sum * (order < 0 ? imaginary : real)
}

private func factorial(_ n: Int) -> Double { (0..<n).reduce(1) { $0 * Double($1 + 1) } }

private func binomial(_ n: Int, _ k: Int) -> Double {
  (factorial(n) / (factorial(k) * factorial(n - k))).rounded()
}
