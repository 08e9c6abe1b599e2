public import E3xFiles
import OrderedCollections

/// One structure with its reference energy, forces and stress: what a potential is trained on.
public struct LabelledFrame: Sendable, Equatable {
  /// Atomic numbers, `[N]`.
  public var atomicNumbers: [Int32]
  /// Cartesian coordinates in Å, `[N, 3]` in row-major order.
  public var positions: [Double]
  /// The energy of the whole frame in eV.
  public var energy: Double?
  /// Forces in eV/Å, `[N, 3]` in row-major order.
  public var forces: [Double]?
  /// Three lattice vectors in Å as rows, `[3, 3]`.
  public var cell: [Double]?
  /// Along which lattice vectors the frame repeats; three values.
  public var pbc: [Bool]
  /// (1/V) dE/d(strain) in eV/Å³, `[3, 3]`; ASE's sign: negative under compression.
  public var stress: [Double]?

  /// Creates a frame from its parts.
  public init(
    atomicNumbers: [Int32], positions: [Double], energy: Double? = nil, forces: [Double]? = nil,
    cell: [Double]? = nil, pbc: [Bool] = [false, false, false], stress: [Double]? = nil
  ) {
    self.atomicNumbers = atomicNumbers
    self.positions = positions
    self.energy = energy
    self.forces = forces
    self.cell = cell
    self.pbc = pbc
    self.stress = stress
  }

  /// The number of atoms.
  public var count: Int { atomicNumbers.count }

  /// Reads all frames of an extended XYZ file.
  /// - Throws: `FileError` for a malformed file, for labels that are asked for and missing (it
  ///   lists the keys that are there) and for numbers that are not finite, with the frame.
  public static func read(
    _ path: String, keys: LabelKeys = LabelKeys()
  ) throws(FileError) -> [LabelledFrame] {
    var reader = try XYZReader(contentsOf: path)
    var result: [LabelledFrame] = []
    while let frame = try reader.next() {
      result.append(
        try LabelledFrame(frame, keys: keys, file: path, frameNumber: result.count + 1))
    }
    guard !result.isEmpty else { throw FileError(file: path, reason: "holds no frames") }
    return result
  }

  /// Takes the labels of one frame.
  /// - Parameters:
  ///   - file: For error messages.
  ///   - frameNumber: For error messages, from 1.
  /// - Throws: `FileError`, as ``read(_:keys:)``.
  public init(
    _ frame: XYZFrame, keys: LabelKeys = LabelKeys(), file: String = "data", frameNumber: Int = 1
  ) throws(FileError) {
    let labels = LabelSource(frame: frame, file: file, place: "frame \(frameNumber)")
    try labels.checkStructure()
    self.init(
      atomicNumbers: frame.numbers, positions: frame.positions,
      energy: try labels.energy(keys.energy), forces: try labels.forces(keys.forces),
      cell: frame.lattice, pbc: frame.pbc, stress: try labels.stress(keys.stress))
  }
}

/// Looks labels up in a frame and says what is wrong with them.
private struct LabelSource {
  let frame: XYZFrame
  let file: String
  let place: String

  func failure(_ reason: String) -> FileError {
    FileError(file: file, place: place, reason: reason)
  }

  func missing(_ what: String, _ key: String) -> FileError {
    func list(_ keys: some Sequence<String>) -> String {
      let text = keys.joined(separator: ", ")
      return text.isEmpty ? "none" : text
    }
    return failure(
      "has no \(what) \(quoted(key)); keys of the frame: \(list(frame.info.keys)); "
        + "columns of the atoms: \(list(frame.arrays.keys))")
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

  func energy(_ key: String?) throws(FileError) -> Double? {
    guard let key else { return nil }
    guard let value = frame.info[key] else { throw missing("energy", key) }
    guard let energy = value.double else { throw failure("energy \(quoted(key)) is no number") }
    try checkFinite([energy], "energy \(quoted(key))", perAtom: false)
    return energy
  }

  func forces(_ key: String?) throws(FileError) -> [Double]? {
    guard let key else { return nil }
    guard let column = frame.arrays[key] else { throw missing("forces", key) }
    guard column.width == 3, let forces = column.doubles else {
      throw failure("forces \(quoted(key)) are not three columns of numbers")
    }
    try checkFinite(forces, "forces \(quoted(key))", perAtom: true)
    return forces
  }

  func stress(_ key: String?) throws(FileError) -> [Double]? {
    guard let key, let value = frame.info[key] else { return nil }
    guard let stress = value.doubles, stress.count == 9 || stress.count == 6 else {
      throw failure("stress \(quoted(key)) is neither nine nor six numbers")
    }
    try checkFinite(stress, "stress \(quoted(key))", perAtom: false)
    if stress.count == 9 { return stress }
    // Voigt's order: xx yy zz yz xz xy.
    return [0, 5, 4, 5, 1, 3, 4, 3, 2].map { stress[$0] }
  }
}
