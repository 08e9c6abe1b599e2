import Testing
import TestSupport

/// The program as a whole.
@Suite struct ProgramTests {
  @Test func helpNamesAllCommands() throws {
    let outcome = try Program.e3x.run(["--help"])
    #expect(outcome.code == 0, "\(outcome)")
    for command in ["train", "evaluate", "predict", "convert", "verify", "run", "bench", "explain"] {
      #expect(outcome.output.contains("  \(command)  "), "\(outcome)")
    }
  }

  @Test func unknownCommandsAreAUsageError() throws {
    let outcome = try Program.e3x.run(["no-such-command"])
    #expect(outcome.code == 64, "\(outcome)")
  }
}
