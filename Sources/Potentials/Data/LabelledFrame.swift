public import E3xEngine
public import E3xFiles

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
  /// How much its errors count in a training.
  public var weight = 1.0
  /// The group that it belongs to, such as `config_type` in extended XYZ.
  public var group: String?

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

  /// The cell along whose vectors the frame repeats; nil for a molecule, whatever box is around it.
  /// - Throws: `ArgumentError` naming `pbc` or `cell`: flags that are not three, a periodic frame
  ///   without a cell, a cell that is none.
  public func periodicCell() throws(ArgumentError) -> Cell? {
    guard pbc.contains(true) else { return nil }
    guard let cell else {
      throw ArgumentError("LabelledFrame", "cell", "is not there, but the frame is periodic")
    }
    return try Cell(cell, periodic: pbc)
  }

  /// Whether the frame has a label.
  public func has(_ label: Label) -> Bool {
    switch label {
    case .energy: energy != nil
    case .forces: forces != nil
    case .stress: stress != nil
    }
  }

  /// Reads all frames of an extended XYZ file, compressed by gzip or not, or of an archive of MD17 or
  /// rMD17 (`.npz`).
  /// - Throws: `FileError` for a malformed file; with the frame, for labels that are required and
  ///   missing (it lists the keys that are there), for numbers that are not finite and for atoms at
  ///   one place; and for a file in which no frame has a label, if labels have a key.
  public static func read(
    _ path: String, keys: LabelKeys = LabelKeys()
  ) throws(FileError) -> [LabelledFrame] {
    var reader = try LabelledFrameReader(path, keys: keys)
    var result: [LabelledFrame] = []
    while let frame = try reader.next() { result.append(frame) }
    try reader.finish()
    return result
  }

  /// Takes the labels of one frame.
  /// - Parameters:
  ///   - file: For error messages.
  ///   - frameNumber: For error messages, from 1.
  /// - Throws: `FileError` for labels that are required and missing (it lists the keys that are
  ///   there), for labels of another kind and for numbers that are not finite.
  public init(
    _ frame: XYZFrame, keys: LabelKeys = LabelKeys(), file: String = "data", frameNumber: Int = 1
  ) throws(FileError) {
    try self.init(frame, keys: keys, file: file, place: "frame \(frameNumber)")
  }

  init(_ frame: XYZFrame, keys: LabelKeys, file: String, place: String) throws(FileError) {
    let labels = LabelSource(frame: frame, keys: keys, file: file, place: place)
    try labels.checkStructure()
    self.init(
      atomicNumbers: frame.numbers, positions: frame.positions,
      energy: try labels.energy(), forces: try labels.forces(),
      cell: frame.lattice, pbc: frame.pbc, stress: try labels.stress())
    weight = try labels.weight()
    group = labels.group()
  }
}
