internal import E3xFiles
internal import E3xSystem
internal import OrderedCollections

/// Frames of one molecule in an archive of NumPy, as the data sets MD17 and revised MD17 come.
///
/// MD17 (Chmiela et al., Sci. Adv. 3, e1603015, 2017) has the arrays `z` [N], `R` [F, N, 3] in Å, `E`
/// [F] or [F, 1] in kcal/mol and `F` [F, N, 3] in kcal/mol/Å; revised MD17 (Christensen and von
/// Lilienfeld, Mach. Learn.: Sci. Technol. 1, 045018, 2020) has them as `nuclear_charges`, `coords`,
/// `energies` and `forces`, in the same units. Energies and forces may be missing.
struct MoleculeArchive {
  /// 1 kcal/mol in eV: 4184 J over Avogadro's number and the elementary charge of the SI of 2019.
  static let kilocaloriePerMole = 0.0433641042418009

  /// What archives begin with.
  static let magic: [UInt8] = [0x50, 0x4B]

  /// The names of the arrays, one data set after the other.
  private static let names = [
    (numbers: "z", positions: "R", energies: "E", forces: "F"),
    (numbers: "nuclear_charges", positions: "coords", energies: "energies", forces: "forces"),
  ]

  private let numbers: [Int32]
  private let positions: [Double]
  private let energies: [Double]?
  private let forces: [Double]?
  /// The number of frames.
  let count: Int

  /// - Throws: `FileError` naming the array that is missing, of another shape or of other values.
  init(data: Data, file: String) throws(FileError) {
    let contents = try NumPyArchive.contents(data: data, name: file)
    let arrays = contents.arrays
    func failure(_ name: String, _ reason: String) -> FileError {
      FileError(file: file, place: "array \(quoted(name))", reason: reason)
    }
    guard
      let names = Self.names.first(where: {
        arrays[$0.numbers] != nil && arrays[$0.positions] != nil
      })
    else {
      if let names = Self.names.first(where: {
        contents.others[$0.numbers] ?? contents.others[$0.positions] != nil
      }), let error = contents.others[names.numbers] ?? contents.others[names.positions] {
        throw error
      }
      throw FileError(
        file: file,
        reason: "is no data set: expected the arrays z and R (MD17) or nuclear_charges and coords "
          + "(rMD17), found \(arrays.isEmpty ? "none" : arrays.keys.joined(separator: ", "))")
    }
    func array(_ name: String) throws(FileError) -> SafetensorsTensor? {
      if let array = arrays[name] { return array }
      if let error = contents.others[name] { throw error }
      return nil
    }
    guard let numbers = arrays[names.numbers], let positions = arrays[names.positions] else {
      throw failure(names.numbers, "is not there")
    }
    guard numbers.shape.count == 1 else {
      throw failure(names.numbers, "has shape \(numbers.shape), expected [atoms]")
    }
    let atoms = numbers.shape[0]
    // Of no atoms there may be any number of frames in no bytes.
    guard atoms > 0 else { throw failure(names.numbers, "holds no atoms") }
    self.numbers = try numbers.int32s()
    if let number = self.numbers.first(where: { ChemicalElements.symbol(of: $0) == nil }) {
      throw failure(names.numbers, "no element has the atomic number \(number)")
    }
    guard positions.shape.count == 3, positions.shape[1...] == [atoms, 3] else {
      throw failure(
        names.positions, "has shape \(positions.shape), expected [frames, \(atoms), 3]")
    }
    let frames = positions.shape[0]
    count = frames
    self.positions = try positions.doubles()
    let energies = try array(names.energies)
    if let energies, energies.shape != [frames], energies.shape != [frames, 1] {
      throw failure(
        names.energies, "has shape \(energies.shape), expected [\(frames)] or [\(frames), 1]")
    }
    self.energies = try energies?.doubles()
    let forces = try array(names.forces)
    if let forces, forces.shape != positions.shape {
      throw failure(names.forces, "has shape \(forces.shape), expected \(positions.shape)")
    }
    self.forces = try forces?.doubles()
  }

  /// A frame, in eV and Å, with its labels under `energy` and `forces`.
  /// - Parameter index: below ``count``.
  func frame(_ index: Int) -> XYZFrame {
    let range = (3 * numbers.count * index)..<(3 * numbers.count * (index + 1))
    var frame = XYZFrame(numbers: numbers, positions: Array(positions[range]))
    if let energies { frame.info["energy"] = .real(energies[index] * Self.kilocaloriePerMole) }
    if let forces {
      frame.arrays["forces"] = XYZColumn(
        .reals(forces[range].map { $0 * Self.kilocaloriePerMole }), width: 3)
    }
    return frame
  }
}
