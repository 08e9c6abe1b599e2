/// A sparse multilinear form in two, three or four operands ("slots"):
///
/// T(a0, a1, …) = Σ_t value_t · a0[i0(t)] · a1[i1(t)] · …
///
/// Opened at one slot it is a sparse linear map, a tensor product or a weighted tensor product;
/// every derivative of one is the same form opened at another slot. Equal only to itself.
package final class CouplingTable: Hashable, Sendable {
  /// One product of the form.
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
  /// The products, in the order in which they were given.
  package let terms: [Term]
  /// What executors make of the table.
  package let derived = Derived()

  /// A table of `terms` over slots with these numbers of components.
  package init(name: String, sizes: [Int], terms: [Term]) {
    precondition((2...4).contains(sizes.count), "a coupling has two to four slots")
    precondition(
      terms.allSatisfy { term in
        term.index.count == sizes.count
          && zip(term.index, sizes).allSatisfy { $0 >= 0 && $0 < $1 }
      }, "a term of '\(name)' is outside its slots")
    self.name = name
    self.sizes = sizes
    self.terms = terms
  }

  /// The number of slots.
  package var slots: Int { sizes.count }

  /// The slot of the weights, which tables of four slots have: their first. What it holds is mostly
  /// the same for all rows.
  package var weightsSlot: Int? { slots == 4 ? 0 : nil }

  package static func == (a: CouplingTable, b: CouplingTable) -> Bool { a === b }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
