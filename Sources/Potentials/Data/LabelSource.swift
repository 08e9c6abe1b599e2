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

  /// The error that no frame of a file or set has any of these labels; the frame is the first.
  func noFrameHas(_ labels: [Label]) -> FileError {
    let names = labels.map { "\($0.rawValue) \(quoted(keys[$0] ?? ""))" }
    return failure(
      "no frame has \(names.joined(separator: " or ")); "
        + whatIsThere(labels, in: "the first frame"))
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
    guard let (key, value) = value(keys.energy) else {
      try checkRequired(.energy)
      return nil
    }
    guard let energy = value.double else { throw failure("energy \(quoted(key)) is no number") }
    try checkFinite([energy], "energy \(quoted(key))", perAtom: false)
    return energy
  }

  func forces() throws(FileError) -> [Double]? {
    guard let key = keys.forces.map(LabelKeys.variants)?.first(where: { frame.arrays[$0] != nil }),
      let column = frame.arrays[key]
    else {
      try checkRequired(.forces)
      return nil
    }
    guard column.width == 3, let forces = column.doubles else {
      throw failure("forces \(quoted(key)) are not three columns of numbers")
    }
    try checkFinite(forces, "forces \(quoted(key))", perAtom: true)
    return forces
  }

  /// The stress, or that of the virial; nil for a virial of what has no volume.
  func stress() throws(FileError) -> [Double]? {
    if let (key, value) = value(keys.stress) { return try tensor(value, "stress \(quoted(key))") }
    guard let (key, value) = value(keys.virial) else {
      try checkRequired(.stress)
      return nil
    }
    let virial = try tensor(value, "virial \(quoted(key))")
    guard let lattice = frame.lattice,
      let volume = (try? Cell(lattice, periodic: frame.pbc))?.stressVolume
    else { return nil }
    return virial.map { -$0 / volume }
  }

  /// How much the frame counts in a training.
  func weight() throws(FileError) -> Double {
    guard let (key, value) = value(keys.weight) else { return 1 }
    guard let weight = value.double, (0...1e9).contains(weight) else {
      throw failure("weight \(quoted(key)) is no number from 0 to 1e9")
    }
    return weight
  }

  /// The group that the frame belongs to.
  func group() -> String? {
    switch value(keys.group)?.value {
    case .string(let text): text
    case .integer(let number): "\(number)"
    default: nil
    }
  }

  /// The value of a key, or of one that it stands for besides.
  private func value(_ key: String?) -> (key: String, value: XYZValue)? {
    guard let key else { return nil }
    for variant in LabelKeys.variants(key) {
      if let value = frame.info[variant] { return (variant, value) }
    }
    return nil
  }

  /// Nine or six components, as nine.
  private func tensor(_ value: XYZValue, _ name: String) throws(FileError) -> [Double] {
    guard let numbers = value.doubles, numbers.count == 9 || numbers.count == 6 else {
      throw failure("\(name) is neither nine nor six numbers")
    }
    try checkFinite(numbers, name, perAtom: false)
    return numbers.count == 9 ? numbers : Voigt.tensor(numbers)
  }
}
