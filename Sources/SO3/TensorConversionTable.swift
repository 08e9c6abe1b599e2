internal import E3xExact
internal import E3xSystem

/// The matrices between components of one degree, in Racah's normalisation, and the entries of
/// traceless symmetric tensors, in row-major order.
///
/// By the addition theorem, Σ_m Y_m(u) Y_m(v) = P_l(u · v): the traceless part of u ⊗ u ⊗ …
/// contracted with v ⊗ v ⊗ … but for the factor (2l-1)!!/l! (Applequist, J. Phys. A 22, 4303
/// (1989), section 5). So Y_m, read as a symmetric tensor, is the expansion of component m but for
/// this factor.
struct TensorConversion {
  let degree: Int
  /// 3^l
  let tensorSize: Int
  /// [2l+1, 3^l]
  let expansion: [Double]
  /// [3^l, 2l+1]: the pseudoinverse of the expansion on entries with ascending indices, else 0.
  let compression: [Double]

  init(degree: Int, cartesianOrder: Bool) {
    self.degree = degree
    let size = Self.power(3, degree)
    tensorSize = size
    let count = 2 * degree + 1
    let powers = (0..<size).map { Self.powers(of: $0, degree) }
    func factorial(_ n: Int) -> Double { (0..<n).reduce(1) { $0 * Double($1 + 1) } }
    let doubleFactorial = stride(from: 2 * degree - 1, to: 0, by: -2).reduce(1) { $0 * Double($1) }

    var expansion: [Double] = []
    for order in IrrepsOrder.orders(degree: degree, cartesianOrder: cartesianOrder) {
      var entries: [SIMD3<Int>: Double] = [:]
      for term in SolidHarmonics.polynomial(degree: degree, order: order) {
        // Each of the l!/(a! b! c!) entries with these powers has an equal part, times l!/(2l-1)!!.
        let parts = factorial(term.powers.x) * factorial(term.powers.y) * factorial(term.powers.z)
        entries[term.powers] = term.coefficient * parts / doubleFactorial
      }
      expansion += powers.map { entries[$0] ?? 0 }
    }
    self.expansion = expansion

    let ascending = (0..<size).filter { Self.isAscending($0, degree) }
    var gram = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<count {
        gram[i * count + j] = ascending.reduce(0) {
          $0 + expansion[i * size + $1] * expansion[j * size + $1]
        }
      }
    }
    let inverse = Self.inverse(gram, count)
    var compression = [Double](repeating: 0, count: size * count)
    for entry in ascending {
      for j in 0..<count {
        compression[entry * count + j] = (0..<count).reduce(0) {
          $0 + expansion[$1 * size + entry] * inverse[$1 * count + j]
        }
      }
    }
    self.compression = compression
  }

  static func power(_ base: Int, _ exponent: Int) -> Int {
    (0..<exponent).reduce(1) { product, _ in product * base }
  }

  /// The indices of an entry, last one first.
  private static func digits(of entry: Int, _ degree: Int) -> [Int] {
    var rest = entry
    return (0..<degree).map { _ in
      defer { rest /= 3 }
      return rest % 3
    }
  }

  /// How often x, y and z are among the indices of an entry.
  static func powers(of entry: Int, _ degree: Int) -> SIMD3<Int> {
    digits(of: entry, degree).reduce(into: SIMD3<Int>()) { $0[$1] += 1 }
  }

  private static func isAscending(_ entry: Int, _ degree: Int) -> Bool {
    let digits = digits(of: entry, degree)
    return zip(digits, digits.dropFirst()).allSatisfy { $0 >= $1 }
  }

  /// The inverse of a symmetric positive definite matrix, by elimination.
  private static func inverse(_ matrix: [Double], _ n: Int) -> [Double] {
    var a = matrix
    var b = (0..<(n * n)).map { $0 / n == $0 % n ? 1.0 : 0.0 }
    for pivot in 0..<n {
      let factor = 1 / a[pivot * n + pivot]
      for j in 0..<n {
        a[pivot * n + j] *= factor
        b[pivot * n + j] *= factor
      }
      for i in 0..<n where i != pivot {
        let multiple = a[i * n + pivot]
        if multiple == 0 { continue }
        for j in 0..<n {
          a[i * n + j] -= multiple * a[pivot * n + j]
          b[i * n + j] -= multiple * b[pivot * n + j]
        }
      }
    }
    return b
  }
}
