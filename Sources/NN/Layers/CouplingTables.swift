internal import E3xEngine
internal import E3xExact
internal import E3xLocks

/// The coupling tables of layers, made once for each combination of degrees and parities.
final class CouplingTables: Sendable {
  static let shared = CouplingTables()

  private let tables = Guarded<[String: CouplingTable]>([:])

  /// The table under `name`, made by `make` if there is none yet.
  func table(_ name: String, _ make: () -> CouplingTable) -> CouplingTable {
    if let table = tables.withLock({ $0[name] }) { return table }
    let made = make()
    return tables.withLock { tables in
      if let table = tables[name] { return table }
      tables[name] = made
      return made
    }
  }

  /// Slots: kernel, first factor, second factor, output. Values are Clebsch-Gordan coefficients.
  func tensorProduct(_ paths: CouplingPaths, cartesianOrder: Bool) -> CouplingTable {
    let name =
      "tensor(\(paths.shape.map(String.init).joined(separator: " "))\(cartesianOrder ? "" : " spherical"))"
    return table(name) {
      var terms: [CouplingTable.Term] = []
      for path in paths.allowed {
        let (a, b, c) = path.block
        for term in ClebschGordan.terms(
          a.degree, b.degree, c.degree, cartesianOrder: cartesianOrder)
        {
          terms.append(
            CouplingTable.Term(
              [path.index, a.start + term.first, b.start + term.second, c.start + term.third],
              term.value))
        }
      }
      return CouplingTable(
        name: name,
        sizes: [paths.count] + (0..<3).map { paths.features($0).components }, terms: terms)
    }
  }
}
