internal import ArgumentParser
internal import E3xFiles

/// The commands of the program with their options, and what the parser of command lines leaves
/// undone: it takes the last of several values without a word, takes a negative number for an
/// option, and has no hint for a mistyped command.
struct CommandSyntax {
  /// One option or flag.
  struct Argument {
    /// With their dashes: `-o`, `--output`.
    let names: [String]
    let takesValue: Bool
    /// Whether it may be given several times.
    let isRepeating: Bool
    let isOptional: Bool
    /// As help shows it; nil if there is none.
    let defaultValue: String?
    let help: String

    /// The long name, if it has one.
    var name: String { names.first { $0.hasPrefix("--") } ?? names[0] }
  }

  /// Options and flags by command.
  let commands: [String: [Argument]]

  /// The syntax of a program, as it describes itself.
  /// - Throws: `FileError` if the parser's description has another form: never in practice.
  init(of program: any ParsableCommand.Type) throws {
    var description = ""
    do {
      _ = try program.parseAsRoot(["--experimental-dump-help"])
    } catch {
      description = program.fullMessage(for: error)
    }
    var root = try JSONMembers(
      parsing: description, file: program._commandName, place: "description")
    var command = try Self.members(root.value("command"))
    var commands: [String: [Argument]] = [:]
    for entry in Self.array(command.value("subcommands")) {
      var members = try Self.members(entry)
      guard let name = try members.string("commandName") else { continue }
      commands[name] = try Self.array(members.value("arguments")).compactMap(Self.argument)
    }
    self.commands = commands
  }

  private static func members(_ json: JSON?) throws(FileError) -> JSONMembers {
    try JSONMembers(json ?? .null, file: "command line", place: "description")
  }

  private static func array(_ json: JSON?) -> [JSON] {
    if case .array(let values) = json { values } else { [] }
  }

  private static func argument(_ json: JSON) throws(FileError) -> Argument? {
    var members = try members(json)
    let kind = try members.string("kind")
    var names: [String] = []
    for name in array(members.value("names")) {
      var name = try self.members(name)
      let dashes = try name.string("kind") == "long" ? "--" : "-"
      names.append(dashes + (try name.string("name") ?? ""))
    }
    guard !names.isEmpty else { return nil }
    return Argument(
      names: names, takesValue: kind == "option",
      isRepeating: try members.bool("isRepeating") ?? false,
      isOptional: try members.bool("isOptional") ?? false,
      defaultValue: try members.string("defaultValue"),
      help: try members.string("abstract") ?? "")
  }

  /// Checks the words of a command line, and joins negative numbers to their options.
  ///
  /// - Parameter words: without the program's name.
  /// - Returns: the words for the parser.
  /// - Throws: `ValidationError` for a command that is none, with the nearest that is one; for an
  ///   option that takes one value and is given twice; for a flag beside its opposite.
  func normalized(_ words: [String]) throws(ValidationError) -> [String] {
    guard let command = words.first, !command.hasPrefix("-") else { return words }
    guard let arguments = commands[command] else {
      let hint = NearestName.of(command, among: commands.keys.sorted())
      throw ValidationError(
        "Unknown command '\(command)'." + (hint.map { " Did you mean '\($0)'?" } ?? ""))
    }
    var result = [command]
    var given: [String: String?] = [:]
    var rest = words.dropFirst()
    while let word = rest.popFirst() {
      if word == "--" { return result + [word] + rest }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard word.hasPrefix("-"), let argument = arguments.first(where: { $0.names.contains(name) })
      else {
        result.append(word)
        continue
      }
      var value = parts.count > 1 ? String(parts[1]) : nil
      if argument.takesValue, value == nil, let next = rest.first {
        value = next
        if Self.isNegative(next) {
          rest.removeFirst()
          result.append("\(argument.name)=\(next)")
        } else {
          // An option in place of the value is for the parser to complain of.
          result.append(word)
          if !next.hasPrefix("-") || next == "-" { result.append(rest.removeFirst()) }
        }
      } else {
        result.append(word)
      }
      if argument.isRepeating { continue }
      if let earlier = given[argument.name], argument.takesValue {
        let values = [earlier, value].compactMap { $0.map { "'\($0)'" } }.joined(separator: " and ")
        throw ValidationError("The option '\(argument.name)' is given twice, with \(values).")
      }
      if !argument.takesValue, let other = Self.opposite(argument.name), given[other] != nil {
        throw ValidationError("Both '\(other)' and '\(argument.name)' are given.")
      }
      given[argument.name] = .some(value)
    }
    return result
  }

  /// Whether a word is a number below zero, or what is no number with a sign.
  private static func isNegative(_ word: String) -> Bool {
    guard word.hasPrefix("-"), word.count > 1 else { return false }
    return Double(word) != nil || word.dropFirst().allSatisfy { $0.isNumber || $0 == "." }
  }

  /// The flag that says the contrary: `--no-root` of `--root`.
  private static func opposite(_ name: String) -> String? {
    name.hasPrefix("--no-") ? "--" + name.dropFirst(5) : "--no-" + name.dropFirst(2)
  }
}
