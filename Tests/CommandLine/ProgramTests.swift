import Testing
import TestSupport

/// The program as a whole.
@Suite struct ProgramTests {
  @Test func helpNamesAllCommands() throws {
    let outcome = try Program.e3x.run(["--help"])
    #expect(outcome.code == 0, "\(outcome)")
    for command in [
      "train", "config", "evaluate", "predict", "convert", "verify", "run", "bench", "explain",
    ] {
      #expect(outcome.output.contains("  \(command)  "), "\(outcome)")
    }
  }

  @Test func aFolderWithoutCasesIsSaid() throws {
    let folder = try TemporaryFolder()
    let outcome = try Program.e3x.run(["verify", folder.path])
    #expect(outcome.code == 1, "\(outcome)")
    #expect(outcome.errors.contains("\(folder.path): holds no cases"), "\(outcome)")
  }

  @Test func unknownCommandsAreAUsageError() throws {
    let outcome = try Program.e3x.run(["no-such-command"])
    #expect(outcome.code == 64, "\(outcome)")
  }
}
