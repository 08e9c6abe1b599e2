extension CouplingTable {
  /// Of tables with weights, the slots that are neither those nor `other`.
  static func pair(without other: Int) -> (Int, Int) {
    (other == 1 ? 2 : 1, other == 3 ? 2 : 3)
  }

  /// The form with two slots made one, for tables with weights: T(a, x ⊗ y, b), b being the slot
  /// `other`, with component i · n + j of the outer product for components i and j of n. It is linear
  /// in the outer product, which can therefore be summed first.
  func outerProduct(without other: Int) -> CouplingTable {
    derived.value(CouplingTable.self, other) {
      let (x, y) = Self.pair(without: other)
      return CouplingTable(
        name: name + " of outer products", sizes: [sizes[0], sizes[x] * sizes[y], sizes[other]],
        terms: terms.map { term in
          let outer = term.index[x] * sizes[y] + term.index[y]
          return Term([term.index[0], outer, term.index[other]], term.value)
        })
    }
  }
}
