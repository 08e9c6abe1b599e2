internal import E3xLocks
import BigInt
internal import E3xSystem

/// Integer arithmetic behind the tables of this module: everything is exact until one correctly
/// rounded square root at the very end.
enum ExactArithmetic {
  private static let factorialTable = Guarded<[BigUInt]>([1])

  /// The factorials 0!, 1!, ..., `n`!, from a table that grows on demand.
  static func factorials(upTo n: Int) -> [BigUInt] {
    factorialTable.withLock { table in
      guard table.count <= n else { return table }
      // A new array: those handed out before are never written.
      var longer: [BigUInt] = []
      longer.append(contentsOf: table)
      while longer.count <= n { longer.append(longer[longer.count - 1] * BigUInt(longer.count)) }
      table = longer
      return table
    }
  }

  /// Rows 0...`n` of Pascal's triangle.
  static func binomials(upTo n: Int) -> [[BigInt]] {
    var rows: [[BigInt]] = [[1]]
    while rows.count <= n {
      let last = rows[rows.count - 1]
      rows.append([1] + zip(last, last.dropFirst()).map { $0 + $1 } + [1])
    }
    return rows
  }

  /// The square root of the rational number `numerator` / `denominator`, rounded correctly to the
  /// nearest Double.
  static func squareRoot(of numerator: BigUInt, over denominator: BigUInt) -> Double {
    precondition(denominator != 0, "division by zero")
    guard numerator != 0 else { return 0 }
    // Scale by an even power of two, so that the integer root has about 60 bits: with one more bit
    // that says whether anything was cut off, the conversion below rounds as if it saw all digits.
    var shift = 120 - (numerator.bitWidth - denominator.bitWidth)
    shift -= abs(shift % 2)
    let scaled =
      shift >= 0
      ? (numerator << shift).quotientAndRemainder(dividingBy: denominator)
      : numerator.quotientAndRemainder(dividingBy: denominator << -shift)
    let radicand = UInt128(scaled.quotient)
    let root = integerSquareRoot(radicand)
    let isExact = scaled.remainder == 0 && root * root == radicand
    let digits = UInt64(root) << 1 | (isExact ? 0 : 1)
    return scalbn(Double(digits), -(shift / 2) - 1)
  }

  /// The largest integer whose square does not exceed `n`, for `n` < 2^124.
  static func integerSquareRoot(_ n: UInt128) -> UInt128 {
    guard n != 0 else { return 0 }
    var root = UInt128(Double(n).squareRoot())
    root = (root + n / root) / 2
    while root * root > n { root -= 1 }
    while (root + 1) * (root + 1) <= n { root += 1 }
    return root
  }
}
