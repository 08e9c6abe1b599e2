import E3xPotentials
import E3xFiles
import Foundation
import TestSupport
import Testing

/// What the program as a whole understands, and how it says what it does not.
@Suite struct CommandSyntaxTests {
  /// A command's option or flag, as the program describes itself.
  struct Argument: Decodable, Sendable {
    struct Name: Decodable, Sendable {
      let kind: String
      let name: String
    }
    let kind: String
    let names: [Name]?
    let isRepeating: Bool
    let isOptional: Bool
    let defaultValue: String?
    let abstract: String?

    var name: String? {
      names.flatMap { names in names.first { $0.kind == "long" }.map { "--" + $0.name } }
    }
  }
  struct Command: Decodable, Sendable {
    let commandName: String
    let arguments: [Argument]?
    let subcommands: [Command]?
  }
  struct Description: Decodable { let command: Command }

  static let commands: [Command] = {
    guard let outcome = try? Program.e3x.run(["--experimental-dump-help"]),
      let description = try? JSONDecoder().decode(
        Description.self, from: Data(outcome.output.utf8))
    else { return [] }
    return description.command.subcommands?.filter { $0.commandName != "help" } ?? []
  }()

  /// All options of all commands that take a value.
  private var options: [(command: String, option: Argument)] {
    Self.commands.flatMap { command in
      (command.arguments ?? []).filter { $0.kind == "option" && $0.name != nil }
        .map { (command.commandName, $0) }
    }
  }

  @Test func theProgramDescribesItself() {
    #expect(Self.commands.count == 17)
    #expect(options.count > 20)
  }

  @Test func version() throws {
    let outcome = try Program.e3x.run(["--version"])
    #expect(outcome.code == 0 && outcome.output == "\(E3xVersion.current)\n", "\(outcome)")
  }

  @Test func helpTellsOfThreadsAndExitCodes() throws {
    let text = try Program.e3x.run(["--help"]).output
    for word in ["E3X_THREADS", "0 done", "1 failed", "64", "130"] {
      #expect(text.contains(word), "\(word)")
    }
  }

  /// Help of each option states its default, or what holds without it.
  @Test func helpShowsEveryDefault() {
    for (command, option) in options where !option.isRepeating {
      let isRequired = !option.isOptional && option.defaultValue == nil
      let text = option.abstract ?? ""
      let words = ["default", "not given", "Only the", "both", "to copy"]
      #expect(
        isRequired || option.defaultValue != nil || words.contains { text.contains($0) },
        "\(command) \(option.name ?? "")")
    }
  }

  @Test func optionsThatTakeOneValueAreGivenOnce() throws {
    for (index, (command, option)) in options.enumerated() where !option.isRepeating {
      let name = option.name ?? ""
      let forms = [[name, "1", name, "2"], ["\(name)=1", name, "2"], [name, "1", "\(name)=2"]]
      let outcome = try Program.e3x.run([command] + forms[index % 3])
      #expect(outcome.code == 64, "\(command): \(outcome)")
      #expect(
        outcome.errors.hasPrefix("Error: The option '\(name)' is given twice, with '1' and '2'."),
        "\(outcome)")
    }
  }

  @Test func flagsDoNotContradictEachOther() throws {
    let outcome = try Program.e3x.run(["train", "--smooth", "--no-smooth"])
    #expect(outcome.code == 64 && outcome.errors.contains("Both '--smooth' and '--no-smooth'"))
  }

  /// A value below zero reaches the option; what is wrong with it is another matter.
  @Test func negativeNumbersAreValues() throws {
    let values = ["-1", "-0.5", "-1e3", "-inf", "-nan"]
    for (index, (command, option)) in options.enumerated() {
      let (name, value) = (option.name ?? "", values[index % values.count])
      let outcome = try Program.e3x.run([command, name, value, "--no-such-option"])
      #expect(outcome.code == 64, "\(outcome)")
      #expect(!outcome.errors.contains("Missing value for '\(name)"), "\(outcome)")
    }
  }

  @Test(
    arguments: [
      ("trian", "train"), ("eval", nil), ("evalute", "evaluate"), ("Predict", "predict"),
      ("benhc", "bench"), ("qqqqqqq", nil),
    ] as [(String, String?)])
  func mistypedCommands(name: String, meant: String?) throws {
    let outcome = try Program.e3x.run([name, "--train", "x"])
    let hint = meant.map { " Did you mean '\($0)'?" } ?? ""
    #expect(outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.hasPrefix("Error: Unknown command '\(name)'.\(hint)\n"), "\(outcome)")
  }

  @Test func mistypedOptions() throws {
    let outcome = try Program.e3x.run(["train", "--featurs", "8"])
    #expect(outcome.code == 64 && outcome.errors.contains("Did you mean '--features'?"))
  }

  @Test func wordsAfterTwoDashesAreNoOptions() throws {
    let outcome = try Program.e3x.run(["evaluate", "--", "--energy-key", "--energy-key"])
    #expect(
      outcome.code == 1 && outcome.errors.contains("--energy-key: cannot be read"), "\(outcome)")
  }

  /// Whether the parser, the checks before it or the command itself finds what is wrong, the usage
  /// shown is that of the command.
  @Test(arguments: [
    ["train", "--no-such-option"], ["train", "--steps", "1", "--steps", "2"],
    ["train", "--accept-changed-data"], ["bench", "--workloads", "none", "--repeats", "0"],
  ])
  func wrongUsageShowsTheUsageOfTheCommand(words: [String]) throws {
    let outcome = try Program.e3x.run(words)
    #expect(outcome.code == 64 && outcome.output.isEmpty, "\(outcome)")
    #expect(outcome.errors.contains("\nUsage: e3x \(words[0]) "), "\(outcome)")
    #expect(outcome.errors.hasSuffix("  See 'e3x \(words[0]) --help' for more information.\n"))
  }

  #if os(Linux)
    /// What was printed but could not be written is a failure.
    @Test(arguments: ["verify /nowhere", "--help", "help train", "train --help", "--version"])
    func aFullDisk(words: String) throws {
      let outcome = try Program(path: "/bin/sh").run(
        ["-c", "\"$0\" \(words) > /dev/full", Program.e3x.path])
      #expect(outcome.code == 1, "\(outcome)")
    }
  #endif
}
