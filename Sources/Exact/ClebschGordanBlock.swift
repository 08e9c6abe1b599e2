import BigInt

/// Computes the Clebsch-Gordan coefficients of real spherical harmonics for one triple of degrees.
///
/// Real harmonics are combinations of complex ones of orders m and -m with coefficients of modulus
/// 1/sqrt(2) (1 for m = 0). Of the eight complex coefficients that could contribute to a real one,
/// selection rules leave one and its mirror image under reversal of all orders, which has the same
/// modulus. So a real coefficient is a single complex one times a phase and a power of sqrt(2),
/// that is, the square root of a rational number.
struct ClebschGordanBlock {
  private let l1: Int
  private let l2: Int
  private let l3: Int
  private let factorials: [BigUInt]
  private let binomials: [[BigInt]]

  init(_ l1: Int, _ l2: Int, _ l3: Int) {
    (self.l1, self.l2, self.l3) = (l1, l2, l3)
    factorials = ExactArithmetic.factorials(upTo: l1 + l2 + l3 + 1)
    binomials = ExactArithmetic.binomials(upTo: 2 * max(l1, l2, l3))
  }

  /// All coefficients that do not vanish, sorted by their indices.
  func terms(cartesianOrder: Bool) -> [ClebschGordanTerm] {
    guard abs(l1 - l2) <= l3, l3 <= l1 + l2 else { return [] }
    let orders1 = IrrepsOrder.orders(degree: l1, cartesianOrder: cartesianOrder)
    let orders2 = IrrepsOrder.orders(degree: l2, cartesianOrder: cartesianOrder)
    let orders3 = IrrepsOrder.orders(degree: l3, cartesianOrder: cartesianOrder)
    var known: [ComplexOrders: Double] = [:]
    var terms: [ClebschGordanTerm] = []
    for (first, m1) in orders1.enumerated() {
      for (second, m2) in orders2.enumerated() {
        let (sum, difference) = (abs(m1) + abs(m2), abs(abs(m1) - abs(m2)))
        for (third, m3) in orders3.enumerated() where abs(m3) == sum || abs(m3) == difference {
          guard let (complex, isNegated) = contribution(m1, m2, m3) else { continue }
          let value: Double
          if let computed = known[complex] {
            value = computed
          } else {
            let halved = m1 != 0 && m2 != 0 && m3 != 0
            value = coefficient(complex, dividedBySquareRootOf2: halved)
            known[complex] = value
          }
          guard value != 0 else { continue }
          terms.append(
            ClebschGordanTerm(
              first: first, second: second, third: third, value: isNegated ? -value : value))
        }
      }
    }
    return terms
  }

  /// Orders of the factors of a complex coefficient, reversed if necessary so that the first one
  /// that is not zero is positive.
  private struct ComplexOrders: Hashable {
    var first: Int
    var second: Int
  }

  /// The complex coefficient to which a real one reduces, and whether it enters with a minus sign;
  /// nil if all contributions cancel or vanish.
  private func contribution(
    _ m1: Int, _ m2: Int, _ m3: Int
  ) -> (orders: ComplexOrders, isNegated: Bool)? {
    let parity = l1 + l2 - l3
    var total = GaussianInteger()
    var orders: ComplexOrders?
    for (c1, phase1) in Self.complexParts(m1) {
      for (c2, phase2) in Self.complexParts(m2) {
        for (c3, phase3) in Self.complexParts(m3) where c1 + c2 == c3 {
          // <-c1 -c2|-c3> = (-1)^(l1+l2-l3) <c1 c2|c3>.
          let isReversed = c1 < 0 || (c1 == 0 && c2 < 0)
          orders = ComplexOrders(first: abs(c1), second: isReversed ? -c2 : c2)
          total.add(powerOfI: parity + phase1 + phase2 - phase3 + (isReversed ? 2 * parity : 0))
        }
      }
    }
    // <0 0|0> vanishes where the sum of the degrees is odd, whatever stands before it.
    assert(
      total.imaginary == 0 || (m1, m2, m3) == (0, 0, 0),
      "Clebsch-Gordan coefficients of real harmonics are real")
    guard let orders, total.real != 0 else { return nil }
    return (orders, total.real < 0)
  }

  /// The complex harmonics that make up the real one of order m: their orders, and their phases as
  /// powers of the imaginary unit (with the Condon-Shortley phase).
  private static func complexParts(_ m: Int) -> [(order: Int, phase: Int)] {
    if m == 0 { return [(0, 0)] }
    let isOdd = m % 2 != 0
    return m > 0 ? [(m, isOdd ? 2 : 0), (-m, 0)] : [(m, 1), (-m, isOdd ? 1 : 3)]
  }

  /// Racah's formula for the complex coefficient <l1 m1, l2 m2|l3 m1+m2>.
  ///
  /// Its sum over quotients of factorials is written as an integer sum over products of binomials,
  /// which leaves a single quotient under the root.
  private func coefficient(
    _ orders: ComplexOrders, dividedBySquareRootOf2 halved: Bool
  ) -> Double {
    let (m1, m2) = (orders.first, orders.second)
    let m3 = m1 + m2
    let (j1, j2, j3) = (l1 + l2 - l3, l1 - l2 + l3, l2 + l3 - l1)
    var sum = BigInt(0)
    let lower = max(0, l1 - m1 - j2, l2 + m2 - j3)
    let upper = min(j1, l1 - m1, l2 + m2)
    guard lower <= upper else { return 0 }
    for k in lower...upper {
      let product = binomials[j1][k] * binomials[j2][l1 - m1 - k] * binomials[j3][l2 + m2 - k]
      if k % 2 == 0 { sum += product } else { sum -= product }
    }
    guard sum != 0 else { return 0 }
    var numerator = BigUInt(2 * l3 + 1) * sum.magnitude * sum.magnitude
    for n in [l1 + m1, l1 - m1, l2 + m2, l2 - m2, l3 + m3, l3 - m3] {
      numerator *= factorials[n]
    }
    var denominator = BigUInt(halved ? 2 : 1)
    for n in [l1 + l2 + l3 + 1, j1, j2, j3] { denominator *= factorials[n] }
    let value = ExactArithmetic.squareRoot(of: numerator, over: denominator)
    return sum < 0 ? -value : value
  }
}

/// A complex number with integer parts.
private struct GaussianInteger {
  var real = 0
  var imaginary = 0

  mutating func add(powerOfI exponent: Int) {
    switch exponent & 3 {
    case 0: real += 1
    case 1: imaginary += 1
    case 2: real -= 1
    default: imaginary -= 1
    }
  }
}
