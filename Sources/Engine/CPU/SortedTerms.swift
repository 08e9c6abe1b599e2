internal import E3xCKernels

/// The terms of a coupling in the layout of the C kernels.
final class SortedTerms: Sendable {
  let terms: [e3x_term]

  init(_ terms: [CouplingTable.Term], sortedBy slot: Int) {
    func key(_ term: CouplingTable.Term) -> [Int] { [term.index[slot]] + term.index }
    self.terms = terms.sorted { key($0).lexicographicallyPrecedes(key($1)) }.map { term in
      var index: (Int32, Int32, Int32, Int32) = (0, 0, 0, 0)
      withUnsafeMutableBytes(of: &index) { bytes in
        let index = bytes.assumingMemoryBound(to: Int32.self)
        for (slot, component) in term.index.enumerated() { index[slot] = Int32(component) }
      }
      return e3x_term(index: index, value: term.value)
    }
  }
}

extension CouplingTable {
  /// The terms, sorted by their component of `slot`.
  func terms(sortedBy slot: Int) -> SortedTerms {
    derived.value(SortedTerms.self, slot) { SortedTerms(terms, sortedBy: slot) }
  }
}
