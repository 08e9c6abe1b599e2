internal import ArgumentParser
internal import E3xPotentials

/// Where data files keep their labels.
struct DataOptions: ParsableArguments {
  @Option(help: "Key of the energy of a frame (eV).")
  var energyKey = "energy"

  @Option(help: "Key of the forces on the atoms (eV/Å).")
  var forcesKey = "forces"

  /// The keys, and the options that name others.
  ///
  /// - Parameter required: the labels that every frame must have; others are read where they are.
  func keys(required: Set<Label>) -> LabelKeys {
    LabelKeys(
      energy: energyKey, forces: forcesKey, stress: nil, required: required,
      advice: [
        .energy: "--energy-key names the key of energies",
        .forces: "--forces-key names the column of forces",
      ])
  }

  /// Reads the frames of a file with the labels that they have.
  ///
  /// - Parameters:
  ///   - energies: whether every frame must have an energy.
  ///   - forces: whether every frame must have forces.
  func read(_ path: String, energies: Bool = true, forces: Bool = true) throws -> [LabelledFrame] {
    let required = Set<Label>((energies ? [.energy] : []) + (forces ? [.forces] : []))
    return try LabelledFrame.read(path, keys: keys(required: required))
  }
}
