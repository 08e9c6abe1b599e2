internal import ArgumentParser
internal import E3xEngine
internal import E3xFiles
public import E3xPotentials
internal import Foundation

/// The program `e3x`, for executables that add models of their own to it:
///
///     E3xProgram.main(models: [PairModel.self])
public enum E3xProgram {
  /// Parses the command line, runs the command and ends the program with its exit code unless all
  /// went well.
  ///
  /// - Parameter models: the kinds of models that `train --model` and files may name, beside
  ///   ``PotentialModels/builtIn``.
  public static func main(models: [any PotentialModel.Type] = []) {
    // A reader that went away needs no word; commands that have something to save do otherwise.
    signal(SIGPIPE) { _ in _exit(1) }
    do {
      _ = try PotentialModels(models)
    } catch {
      E3xCommand.exit(withError: PlainError("\(error)"))
    }
    CommandModels.$others.withValue(models) { E3xCommand.runCommandLine() }
  }
}

/// The models of a program beside the built-in ones.
enum CommandModels {
  @TaskLocal static var others: [any PotentialModel.Type] = []

  /// All kinds by name.
  static var all: PotentialModels {
    get throws(ArgumentError) { try PotentialModels(others) }
  }

  /// The names of all kinds as the command line has them: `message-passing`.
  static var names: [String] {
    (PotentialModels.builtIn + others).map { $0.kind.replacing("_", with: "-") }
  }

  /// The kind that a name on the command line means.
  /// - Throws: `ValidationError` that lists the kinds.
  static func kind(_ name: String) throws -> any PotentialModel.Type {
    guard let kind = try all.kind(name.replacing("-", with: "_")) else {
      throw ValidationError(
        "expected one of \(names.joined(separator: ", ")), received '\(name)'")
    }
    return kind
  }
}
