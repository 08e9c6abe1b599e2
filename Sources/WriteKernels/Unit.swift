import E3xExact

/// The coupling of two irreducible representations of degrees l1 >= l2 to one of degree l3, up to a
/// factor: what a kernel computes by straight-line code.
///
/// All invariant trilinear forms of three degrees are multiples of one another, so that the same
/// unit serves for a coupling, for its derivatives, and for operands in exchanged places. Its
/// coefficients are those of ``ClebschGordan`` over the modulus that occurs most often, which
/// saves the multiplications with it.
struct Unit {
  let degrees: [Int]
  /// Sorted by the component of the result, then by those of the operands.
  let terms: [ClebschGordanTerm]

  private init(_ l1: Int, _ l2: Int, _ l3: Int) {
    degrees = [l1, l2, l3]
    let exact = ClebschGordan.terms(l1, l2, l3)
    let moduli = Self.grouped(exact) { Self.rounded(abs($0.value)) }
    let common = moduli.max { ($0.count, -abs($0[0].value)) < ($1.count, -abs($1[0].value)) }!
    let unit = abs(common[0].value)
    terms = exact.map { term in
      var term = term
      term.value =
        Self.rounded(abs(term.value)) == Self.rounded(unit)
        ? (term.value < 0 ? -1 : 1) : term.value / unit
      return term
    }.sorted { ($0.third, $0.first, $0.second) < ($1.third, $1.first, $1.second) }
  }

  /// All units of degrees up to `maxDegree`, by the degree of the result.
  static func all(maxDegree: Int) -> [Unit] {
    (0...maxDegree).flatMap { l3 in
      (0...maxDegree).flatMap { l1 in
        (0...l1).filter { abs(l1 - $0) <= l3 && l3 <= l1 + $0 }.map { Unit(l1, $0, l3) }
      }
    }
  }

  /// Whether a factor of the whole unit is best multiplied into the second operand, which has fewer
  /// components than the result.
  var scalesOperand: Bool { degrees[1] < degrees[2] }

  /// The C expression of a component of the result, of operands u and v, after a sign.
  ///
  /// Of three ways to put common factors outside of the brackets, by a component of either operand
  /// or by the modulus of the coefficients, it is the one of the fewest operations.
  func expression(component: Int) -> String {
    let own = terms.filter { $0.third == component }
    let ways = [
      bracketed(own, by: \.first, operand: "u") { "v[\($0.second)]" },
      bracketed(own, by: \.second, operand: "v") { "u[\($0.first)]" },
      byModulus(own),
    ]
    return ways.min { $0.operations < $1.operations }!.text
  }

  /// Sums of coefficients times components of one operand, times a component of the other.
  private func bracketed(
    _ terms: [ClebschGordanTerm], by index: KeyPath<ClebschGordanTerm, Int>, operand: String,
    other: (ClebschGordanTerm) -> String
  ) -> (operations: Int, text: String) {
    let groups = Self.grouped(terms) { $0[keyPath: index] }
    let parts = groups.map { group in
      let (sum, isNegated) = Self.sum(
        group.map { term in
          let modulus = abs(term.value)
          let text = modulus == 1 ? other(term) : "C(\(modulus)) * \(other(term))"
          return (text, term.value < 0)
        })
      let factor = "\(operand)[\(group[0][keyPath: index])]"
      return (group.count == 1 ? "\(sum) * \(factor)" : "(\(sum)) * \(factor)", isNegated)
    }
    let units = groups.count { $0.count == 1 && abs($0[0].value) == 1 }
    return (terms.count + groups.count - units, Self.signed(parts))
  }

  /// Coefficients times sums of products.
  private func byModulus(_ terms: [ClebschGordanTerm]) -> (operations: Int, text: String) {
    let groups = Self.grouped(terms) { Self.rounded(abs($0.value)) }
    let parts = groups.map { group in
      let (sum, isNegated) = Self.sum(
        group.map { ("u[\($0.first)] * v[\($0.second)]", $0.value < 0) })
      let modulus = abs(group[0].value)
      let isPlain = modulus == 1 && (group.count == 1 || !isNegated)
      let scaled = modulus == 1 ? "(\(sum))" : "C(\(modulus)) * (\(sum))"
      return (isPlain ? sum : scaled, isNegated)
    }
    let ones = groups.count { abs($0[0].value) == 1 }
    return (terms.count + groups.count - ones, Self.signed(parts))
  }

  /// The sum of parts with signs, or its negative, whichever begins with a plus.
  private static func sum(
    _ parts: [(text: String, isNegated: Bool)]
  ) -> (text: String, isNegated: Bool) {
    let flips = parts[0].isNegated
    let text = signed(parts.map { ($0.text, $0.isNegated != flips) })
    return (String(text.dropFirst(2)), flips)
  }

  private static func signed(_ parts: [(text: String, isNegated: Bool)]) -> String {
    parts.map { ($0.isNegated ? "- " : "+ ") + $0.text }.joined(separator: " ")
  }

  /// The terms with equal keys together, in the order in which the keys occur first.
  private static func grouped<Key: Hashable>(
    _ terms: [ClebschGordanTerm], by key: (ClebschGordanTerm) -> Key
  ) -> [[ClebschGordanTerm]] {
    let groups = Dictionary(grouping: terms, by: key)
    var seen: Set<Key> = []
    return terms.map(key).filter { seen.insert($0).inserted }.map { groups[$0]! }
  }

  /// Equal for coefficients that differ by rounding alone.
  private static func rounded(_ value: Double) -> Int { Int((value * 1e12).rounded()) }
}
