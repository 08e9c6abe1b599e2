internal import E3xFiles
internal import OrderedCollections

/// Looks labels up in a frame and says what is wrong with them.
struct LabelSource {
  let frame: XYZFrame
  let keys: LabelKeys
  let file: String
  let place: String

  func failure(_ reason: String) -> FileError {
    FileError(file: file, place: place, reason: reason)
  }

  /// An error if a label that has a key must be there.
  func checkRequired(_ label: Label) throws(FileError) {
    guard keys.required.contains(label), let key = keys[label] else { return }
    throw failure("has no \(label.rawValue) \(quoted(key)); \(whatIsThere([label]))")
  }

  /// The keys and columns of the frame, and what to do.
  func whatIsThere(_ labels: [Label], in name: String = "the frame") -> String {
    func list(_ keys: some Sequence<String>) -> String {
      let text = keys.joined(separator: ", ")
      return text.isEmpty ? "none" : text
    }
    let advice = labels.compactMap { keys.advice[$0] }.map { "; \($0)" }.joined()
    return "keys of \(name): \(list(frame.info.keys)); columns of the atoms: "
      + "\(list(frame.arrays.keys))\(advice)"
  }

  func checkStructure() throws(FileError) {
    guard !frame.numbers.isEmpty else { throw failure("has no atoms") }
    try checkFinite(frame.positions, "positions", perAtom: true)
    guard let cell = frame.lattice else {
      if frame.pbc.contains(true) { throw failure("is periodic, but has no Lattice") }
      return
    }
    try checkFinite(cell, "Lattice", perAtom: false)
  }

  func checkFinite(_ values: [Double], _ what: String, perAtom: Bool) throws(FileError) {
    guard let index = values.firstIndex(where: { !$0.isFinite }) else { return }
    let atom = perAtom ? " of atom \(index / 3 + 1)" : ""
    throw failure("\(what)\(atom): \(values[index]) is not finite")
  }

  func energy() throws(FileError) -> Double? {
    guard let key = keys.energy, let value = frame.info[key] else {
      try checkRequired(.energy)
      return nil
    }
    guard let energy = value.double else { throw failure("energy \(quoted(key)) is no number") }
    try checkFinite([energy], "energy \(quoted(key))", perAtom: false)
    return energy
  }

  func forces() throws(FileError) -> [Double]? {
    guard let key = keys.forces, let column = frame.arrays[key] else {
      try checkRequired(.forces)
      return nil
    }
    guard column.width == 3, let forces = column.doubles else {
      throw failure("forces \(quoted(key)) are not three columns of numbers")
    }
    try checkFinite(forces, "forces \(quoted(key))", perAtom: true)
    return forces
  }

  func stress() throws(FileError) -> [Double]? {
    guard let key = keys.stress, let value = frame.info[key] else {
      try checkRequired(.stress)
      return nil
    }
    guard let stress = value.doubles, stress.count == 9 || stress.count == 6 else {
      throw failure("stress \(quoted(key)) is neither nine nor six numbers")
    }
    try checkFinite(stress, "stress \(quoted(key))", perAtom: false)
    if stress.count == 9 { return stress }
    // Voigt's order: xx yy zz yz xz xy.
    return [0, 5, 4, 5, 1, 3, 4, 3, 2].map { stress[$0] }
  }
}
