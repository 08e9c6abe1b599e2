internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// `e3x config`: a file with all options of a training.
struct Config: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print a file with all options of a training, for 'e3x train --config'.",
    discussion: """
      The file is YAML, and means the same as none: each option has its default, and a comment. \
      What depends on the data is null, which is as good as leaving the line out. Options on the \
      command line win over the file; relative paths in it begin at its folder.
      """)

  @Option(
    help: "The preset whose values are printed: \(TrainingNumbers.presetNames).",
    transform: TrainingNumbers.preset)
  var preset = PotentialPreset.default

  func run() throws {
    let arguments = try CommandSyntax(of: E3xCommand.self).commands[Train._commandName] ?? []
    StandardOutput.print(
      try Self.text(TrainingSetting.Usual(preset: preset)) { option in
        arguments.first { $0.names.contains(option) }?.help
      })
  }

  /// The text of a file.
  /// - Parameter help: of an option, with its dashes.
  private static func text(
    _ usual: TrainingSetting.Usual, help: (String) -> String?
  ) throws -> String {
    var lines = ["# A training of swift-e3x: e3x train --config FILE"]
    for part in TrainingSetting.Part.allCases {
      lines += ["", "# \(part.rawValue)"]
      for setting in TrainingSetting.all where setting.part == part {
        guard let help = help(setting.option) else {
          throw PlainError("\(setting.option): there is no such option")
        }
        let value = setting.usualText(usual)
        // The default stands below, if it is known.
        let text = value == nil ? help : help.replacing(#/ \(default: .*\)$/#, with: "")
        lines += [""] + wrapped(text).map { "# \($0)" }
        lines.append("\(setting.key): \(value ?? "null")")
      }
    }
    return lines.joined(separator: "\n")
  }

  /// Lines of at most 98 characters.
  private static func wrapped(_ text: String) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      if let last = lines.last, last.count + 1 + word.count <= 98 {
        lines[lines.count - 1] = "\(last) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
