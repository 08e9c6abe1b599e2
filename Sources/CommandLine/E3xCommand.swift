internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// All commands.
struct E3xCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "e3x",
    abstract: "E(3)-equivariant deep learning: train, evaluate, simulate and verify.",
    discussion: """
      Computes with as many threads as there are processor cores, or as the environment variable \
      E3X_THREADS says.

      Exit codes: 0 done; 1 failed; 64 the command line is wrong; 130 interrupted (a training is \
      saved and can go on).
      """,
    version: E3xVersion.current,
    subcommands: [
      Train.self, Config.self, Evaluate.self, Predict.self, Convert.self, Verify.self,
      RunCase.self, Bench.self, Explain.self, Serve.self, MolecularDynamicsCommand.self,
      RelaxCommand.self, EquationOfStateCommand.self, ElasticCommand.self,
      FrequenciesCommand.self, PhononsCommand.self,
      AttentionCommand.self,
    ])

  /// Parses the command line, runs the command and ends the program with its exit code unless all
  /// went well.
  static func runCommandLine() {
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      let syntax = try CommandSyntax(of: E3xCommand.self)
      var command = try parseAsRoot(syntax.normalized(words))
      try command.run()
    } catch {
      if (error as? FileError)?.isOfClosedPipe == true { _exit(1) }
      // Help and version are errors to the parser; they are printed as any output is.
      guard exitCode(for: error) == .success else { end(with: error, words) }
      print(fullMessage(for: error))
    }
    // What could not be written is a failure, if a quiet one where the reader went away.
    let failure = fflush(nil) == 0 ? StandardOutput.failure : String(cString: strerror(errno))
    guard let failure else { return }
    if failure == String(cString: strerror(EPIPE)) { _exit(1) }
    exit(withError: PlainError("standard output: cannot be written: \(failure)"))
  }

  /// Says what is wrong, with the usage of the command that it is about, and ends the program.
  private static func end(with error: any Error, _ words: [String]) -> Never {
    let command = configuration.subcommands.first { $0._commandName == words.first }
    guard error is ValidationError, let command else { exit(withError: PlainError.shown(error)) }
    StandardError.print(
      """
      Error: \(message(for: error))
      Usage: \(usageString(for: command))
        See 'e3x \(command._commandName) --help' for more information.
      """)
    Foundation.exit(exitCode(for: error).rawValue)
  }
}
