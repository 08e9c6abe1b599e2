/// Numbers that programs trip over.
enum WildNumbers {
  /// Sizes: small ones, and those at which products, counters and types overflow.
  static let integers: [Int] = {
    var integers = [0, 1, 2, 3, 5, 7, 12, 16, 33, 100, 119, 1000, 65_535, 65_536, 100_000_000]
    for bits in [31, 32, 62] {
      let power = 1 << bits
      integers += [power - 1, power, power + 1]
    }
    integers += [Int.max - 1, Int.max, -1, -2, -3, -1000, Int(Int32.min), Int.min, Int.min + 1]
    return integers
  }()

  static let reals: [Double] = [
    0, -0.0, 0.5, -0.5, 1e-300, .leastNonzeroMagnitude, -1e-300, 1e-38, 1e-45, 1e7, 1e16, 9.3e18,
    3.5e38, 1e308,
    -1e308, 1.7976931348623157e308, 2.5, 1e5, -1,
  ]

  /// As text in files and on command lines; some of it is a number to some readers only.
  static let texts: [String] = {
    var texts = integers.map { "\($0)" }
    texts += reals.map { "\($0)" }
    texts += [
      "nan", "NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "9223372036854775808",
      "18446744073709551616", "-9223372036854775809", "1e9", "1E+2", "0x10", "1_000", "+1", "01",
      "1.", ".5", "1d3", "1.0D+308", "١", "", "-", "--", "1,2", "1 2", "T", "true", "null",
      "1e-400",
    ]
    texts += [
      String(repeating: "9", count: 400), "0." + String(repeating: "0", count: 400) + "1",
    ]
    return texts
  }()
}
