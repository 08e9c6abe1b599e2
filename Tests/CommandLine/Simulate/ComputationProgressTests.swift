import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// Commands that compute for long tell how far they are, in the line of a terminal.
@Suite struct ComputationProgressTests {
  @Test(arguments: [
    (["frequencies"], "water.xyz", "of 9 rows"),
    (["phonons", "--supercell", "2", "--mesh", "3"], "crystal.xyz", "of 12 rows"),
    (["phonons", "--supercell", "1", "--mesh", "3"], "crystal.xyz", "of 27 wave vectors"),
    (["elastic", "--no-relax-atoms"], "crystal.xyz", " structures"),
    (["eos"], "crystal.xyz", " structures"),
  ])
  func theLineOfATerminal(command: [String], start: String, expected: String) throws {
    let model = try TrainedModel()
    _ = try model.write([TrainedModel.frame()], "water.xyz")
    var crystal = XYZFrame(
      numbers: [8, 1, 1, 8], positions: [0, 0, 0, 1, 0, 0, 0, 1, 0, 2, 2.1, 1.9])
    crystal.lattice = [4, 0, 0, 0.3, 4, 0, 0, 0, 4]
    crystal.pbc = [true, true, true]
    _ = try model.write([crystal], "crystal.xyz")
    var arguments = [command[0], model.path, model.folder.path(start)] + command.dropFirst()
    if command[0] == "phonons" {
      arguments += [
        "--output", model.folder.path("phonons"), "--path", "G 0 0 0, X 1/2 0 0", "--max-force",
        "1000",
      ]
    } else if command[0] == "frequencies" {
      arguments += ["--max-force", "1000"]
    }
    let (_, text) = try Program.e3x.runInTerminal(arguments, columns: 100)
    #expect(text.contains(expected), "\(text)")
    // Where there is no terminal there is no such line.
    let outcome = try Program.e3x.run(arguments)
    #expect(!outcome.output.contains(expected) && !outcome.errors.contains(expected), "\(outcome)")
  }
}
