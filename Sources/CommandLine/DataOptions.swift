internal import ArgumentParser
internal import E3xPotentials

/// Where data files keep their labels.
struct DataOptions: ParsableArguments {
  @Option(help: "Key of the energy of a frame (eV).")
  var energyKey = "energy"

  @Option(help: "Key of the forces on the atoms (eV/Å).")
  var forcesKey = "forces"

  func read(_ path: String, energies: Bool = true, forces: Bool = true) throws -> [LabelledFrame] {
    try LabelledFrame.read(
      path,
      keys: LabelKeys(
        energy: energies ? energyKey : nil, forces: forces ? forcesKey : nil, stress: nil))
  }
}
