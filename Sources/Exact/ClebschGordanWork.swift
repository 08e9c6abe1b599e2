/// What coefficients cost that nobody has asked for before, so that degrees can be refused whose
/// tables would never be finished.
extension ClebschGordan {
  /// The work to compute the coefficients of one triple of degrees, in the units of ``workLimit``: a
  /// number for each pair of components, and one for each term of Racah's sum.
  package static func work(_ l1: Int, _ l2: Int, _ l3: Int) -> Double {
    let (a, b, c) = (Double(l1), Double(l2), Double(l3))
    // Tables of factorials and binomials come first.
    let tables = (a + b + c) * (a + b + c)
    guard abs(a - b) <= c, c <= a + b else { return tables }
    return tables + (2 * a + 1) * (2 * b + 1) * (20 + min(a, b, c))
  }

  /// The work of all degrees up to the given ones; what lies beyond ``workLimit`` is not counted
  /// through.
  package static func work(maxDegree1: Int, maxDegree2: Int, maxDegree3: Int) -> Double {
    var sum = 0.0
    for l1 in 0...maxDegree1 {
      for l2 in 0...maxDegree2 where abs(l1 - l2) <= maxDegree3 {
        for l3 in abs(l1 - l2)...min(l1 + l2, maxDegree3) { sum += work(l1, l2, l3) }
        if sum > 1000 * workLimit { return sum }
      }
    }
    return sum
  }

  /// What is still done: some seconds.
  package static let workLimit = 4e7

  /// Roughly the seconds that work takes, for messages.
  package static func seconds(_ work: Double) -> Int { Int((work / 6e6).rounded(.up)) }
}
