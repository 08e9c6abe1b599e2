internal import E3xLocks
internal import E3xCKernels

/// A sparse multilinear form in two, three or four operands ("slots"):
///
/// T(a0, a1, …) = Σ_t value_t · a0[i0(t)] · a1[i1(t)] · …
///
/// Opened at one slot it is a sparse linear map, a tensor product or a weighted tensor product;
/// every derivative of one is the same form opened at another slot. Equal only to itself.
package final class CouplingTable: Hashable, Sendable {
  /// One product of the form; entries of `index` beyond the slots are ignored.
  package struct Term: Hashable, Sendable {
    /// The component of each slot.
    package var index: [Int]
    /// The coefficient.
    package var value: Double
    package init(_ index: [Int], _ value: Double) {
      self.index = index
      self.value = value
    }
  }

  /// What the table is, for printing: "tensor(2, 2, 2)".
  package let name: String
  /// The number of components of each slot.
  package let sizes: [Int]
  /// The number of terms.
  package let termCount: Int
  private let terms: [e3x_term]
  private let sorted: Guarded<[Int: SortedTerms]> = Guarded([:])
  private let outer: Guarded<[Int: CouplingTable]> = Guarded([:])

  /// A table of `terms` over slots with these numbers of components.
  package init(name: String, sizes: [Int], terms: [Term]) {
    precondition((2...4).contains(sizes.count), "a coupling has two to four slots")
    self.name = name
    self.sizes = sizes
    self.termCount = terms.count
    self.terms = terms.map { term in
      precondition(
        term.index.count == sizes.count && zip(term.index, sizes).allSatisfy { $0 >= 0 && $0 < $1 },
        "a term of '\(name)' is outside its slots")
      var index: (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
      withUnsafeMutableBytes(of: &index) { bytes in
        let index = bytes.assumingMemoryBound(to: Int32.self)
        for (slot, component) in term.index.enumerated() { index[slot] = Int32(component) }
      }
      return e3x_term(index: index, value: term.value)
    }
  }

  /// The number of slots.
  package var slots: Int { sizes.count }

  /// The terms, sorted by their component of `slot`.
  func terms(sortedBy slot: Int) -> SortedTerms {
    sorted.withLock { sorted in
      if let terms = sorted[slot] { return terms }
      let terms = SortedTerms(
        terms.sorted { a, b in
          let (a, b) = (Self.key(a, first: slot), Self.key(b, first: slot))
          return a.lexicographicallyPrecedes(b)
        })
      sorted[slot] = terms
      return terms
    }
  }

  /// Of tables of four slots, the slots after the first but `other`.
  static func pair(without other: Int) -> (Int, Int) {
    (other == 1 ? 2 : 1, other == 3 ? 2 : 3)
  }

  /// The form with two of the last three slots made one, for tables of four slots: T(a, x ⊗ y, b),
  /// b being the slot `other`, with component i · n + j of the outer product for components i and j
  /// of n. It is linear in the outer product, which can therefore be summed first.
  func outerProduct(without other: Int) -> CouplingTable {
    outer.withLock { tables in
      if let table = tables[other] { return table }
      let (x, y) = Self.pair(without: other)
      let made = CouplingTable(
        name: name + " of outer products", sizes: [sizes[0], sizes[x] * sizes[y], sizes[other]],
        terms: terms.map { term in
          let index = [term.index.0, term.index.1, term.index.2, term.index.3].map { Int($0) }
          return Term([index[0], index[x] * sizes[y] + index[y], index[other]], term.value)
        })
      tables[other] = made
      return made
    }
  }

  private static func key(_ term: e3x_term, first slot: Int) -> [Int32] {
    let index = [term.index.0, term.index.1, term.index.2, term.index.3]
    return [index[slot]] + index
  }

  package static func == (a: CouplingTable, b: CouplingTable) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// Terms in the layout of the C kernels.
final class SortedTerms: Sendable {
  let terms: [e3x_term]
  init(_ terms: [e3x_term]) { self.terms = terms }
}
