/// Arithmetic on sizes that come from outside: files, command lines, callers.
///
/// Nothing may be allocated, counted through or traced before the products that are made of such
/// numbers are known to fit.
package enum Size {
  /// The product of sizes; nil if one is negative or the product does not fit.
  package static func product(_ factors: some Sequence<Int>) -> Int? {
    // A zero makes the product zero whatever comes before it.
    var (product, overflows, isEmpty) = (1, false, false)
    for factor in factors {
      if factor < 0 { return nil }
      if factor == 0 { isEmpty = true }
      let (partial, overflow) = product.multipliedReportingOverflow(by: max(factor, 1))
      (product, overflows) = (partial, overflows || overflow)
    }
    return isEmpty ? 0 : overflows ? nil : product
  }

  /// The product of sizes; nil if one is negative or the product does not fit.
  package static func product(_ factors: Int...) -> Int? { product(factors) }

  /// The sum of sizes; nil if one is negative or the sum does not fit.
  package static func sum(_ terms: some Sequence<Int>) -> Int? {
    var sum = 0
    for term in terms {
      let (partial, overflow) = sum.addingReportingOverflow(term)
      if term < 0 || overflow { return nil }
      sum = partial
    }
    return sum
  }

  /// The sum of sizes; nil if one is negative or the sum does not fit.
  package static func sum(_ terms: Int...) -> Int? { sum(terms) }

  /// An amount of memory for people: `8 TB`, `2.5 GB`.
  package static func text(bytes: Double) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
    var (value, unit) = (bytes, 0)
    while value >= 999.5 && unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
    if value >= 999.5 { return "more than 1000 EB" }
    let rounded = value < 10 ? (value * 10).rounded() / 10 : value.rounded()
    let isWhole = rounded == rounded.rounded()
    return (isWhole ? "\(Int(rounded))" : "\(rounded)") + " " + units[unit]
  }
}
