/// What couplings cost, for what can be computed in several ways: the one place that knows it
/// outside of the executors.
package enum CouplingCost {
  /// Whether a product of two factors whose rows are only summed is cheaper as the sum of their
  /// outer products, which is coupled once, than by these couplings in every row.
  ///
  /// - Parameter sizes: the numbers of components of the factors.
  package static func favoursOuterProducts(
    of sizes: (Int, Int), over couplings: [CouplingTable]
  ) -> Bool {
    sizes.0 * sizes.1 <= 2 * couplings.reduce(0) { $0 + $1.terms.count }
  }
}
