internal import CE3x
internal import E3xEngine
internal import E3xPotentials

extension LabelledFrame {
  /// A structure of a caller.
  /// - Throws: `ArgumentError` naming the member that cannot be.
  init(_ pointer: UnsafePointer<e3x_structure>?, _ argument: String) throws(ArgumentError) {
    var structure = e3x_structure()
    try versioned(pointer, argument, into: &structure)
    func name(_ member: String) -> String { "\(argument).\(member)" }
    let atoms = try checked(structure.atoms, name("atoms"))
    self.init(
      atomicNumbers: try array(structure.species, count: atoms, name("species")),
      positions: try array(structure.positions, count: 3 * atoms, name("positions")))
    if structure.cell != nil {
      cell = try array(structure.cell, count: 9, name("cell"))
      pbc = [true, true, true]
    }
    if structure.periodic != nil {
      let flags = try array(structure.periodic, count: 3, name("periodic"))
      if let flag = flags.first(where: { $0 != 0 && $0 != 1 }) {
        throw ArgumentError("", name("periodic"), "expected 0 or 1, received \(flag)")
      }
      pbc = flags.map { $0 == 1 }
    }
  }
}

extension Domain {
  /// A domain of a caller.
  /// - Throws: `ArgumentError` naming the member that cannot be.
  init(_ pointer: UnsafePointer<e3x_domain>?) throws(ArgumentError) {
    var domain = e3x_domain()
    try versioned(pointer, "domain", into: &domain)
    let atoms = try checked(domain.atoms, "domain.atoms")
    var contributes = [Bool](repeating: true, count: atoms)
    if domain.contributes != nil {
      for (atom, flag) in try array(domain.contributes, count: atoms, "domain.contributes")
        .enumerated()
      {
        guard flag == 0 || flag == 1 else {
          throw ArgumentError(
            "", "domain.contributes", "expected 0 or 1, received \(flag) for atom \(atom)")
        }
        contributes[atom] = flag == 1
      }
    }
    let counts = try array(domain.neighbor_counts, count: atoms, "domain.neighbor_counts")
    var firsts = [0]
    firsts.reserveCapacity(atoms + 1)
    for (atom, count) in counts.enumerated() {
      guard count >= 0 else {
        throw ArgumentError(
          "", "domain.neighbor_counts",
          "expected no negative number, received \(count) for atom "
            + "\(atom)")
      }
      firsts.append(firsts[atom] + Int(count))
    }
    let total = firsts[atoms]
    _ = try checked(Int64(total), "domain.neighbor_counts", limit: 1 << 40)
    let lists = atoms == 0 ? nil : try present(domain.neighbors, "domain.neighbors")
    if let atom = (0..<atoms).first(where: { counts[$0] > 0 && lists?[$0] == nil }) {
      throw ArgumentError(
        "", "domain.neighbors", "expected a pointer for atom \(atom), received NULL")
    }
    let neighbors = [Int32](unsafeUninitializedCapacity: total) { neighbors, written in
      for atom in 0..<atoms {
        guard let list = lists?[atom] else { continue }
        for place in 0..<Int(counts[atom]) {
          neighbors[written] = list[place] & domain.neighbor_mask
          written += 1
        }
      }
    }
    self.init(
      atomicNumbers: try array(domain.species, count: atoms, "domain.species"),
      positions: try array(domain.positions, count: 3 * atoms, "domain.positions"),
      contributes: contributes, firsts: firsts, neighbors: neighbors)
  }
}
