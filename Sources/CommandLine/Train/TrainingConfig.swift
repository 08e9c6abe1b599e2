internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import E3xYAML
internal import Foundation

/// The file of `e3x train --config`: options of a training that need not stand on the command line,
/// which wins where it has them too.
///
/// Relative paths in it begin at its folder; of standard input, at the present one.
struct TrainingConfig {
  private let file: String
  /// What the file says, by option.
  private var origins: [String: Origin] = [:]

  private struct Origin {
    let key: String
    let line: Int
  }

  /// Reads a file, and takes over what the command line does not say.
  /// - Throws: `FileError` with the line, for what is no YAML, a key that is none, and a value of
  ///   another kind.
  init(_ path: String, into train: inout Train) throws {
    var members = try YAMLMembers(contentsOf: path)
    file = members.file
    let folder = path == "-" ? "" : Self.folder(of: path)
    let settings = TrainingSetting.all
    let given = Set(settings.filter { $0.isGiven(train) }.map(\.key))
    let pairs = TrainingSetting.alternatives
    let instead = (pairs + pairs.map { ($1, $0) }).filter { given.contains($0.0) }.map(\.1)
    for setting in settings {
      let takes = !given.contains(setting.key) && !instead.contains(setting.key)
      try setting.read(&members, &train, folder, takes)
      if takes, let line = members.line(of: setting.key) {
        origins[setting.option] = Origin(key: setting.key, line: line)
      }
    }
    try members.finish(others: Self.others(settings))
    try FileIdentity.checkStandardInput([path] + train.train + train.valid + train.test)
    if train.resume { resolvePreset(&train) }
  }

  /// Whether the file says what holds for an option.
  func says(_ option: String) -> Bool { origins[option] != nil }

  /// The network of a run that goes on must be that of the preset; its other options it has.
  private mutating func resolvePreset(_ train: inout Train) {
    guard let origin = origins["--preset"], let preset = train.numbers.preset else { return }
    train.numbers.preset = nil
    for setting in TrainingSetting.all
    where setting.part == .network && setting.key != "preset" && !setting.isGiven(train) {
      setting.takeUsual(&train, TrainingSetting.Usual(preset: preset))
      origins[setting.option] = origin
    }
  }

  /// What is to be said of names that may be taken for keys.
  private static func others(_ settings: [TrainingSetting]) -> [String: String] {
    var others: [String: String] = [:]
    for setting in settings {
      let name = String(setting.option.dropFirst(2)).replacing("-", with: "_")
      if name != setting.key { others[name] = "its name in files is \(quoted(setting.key))" }
    }
    for name in Train.acts {
      others[name.replacing("-", with: "_")] =
        "what is done with a run stands on the command line (--\(name))"
    }
    return others
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// An error about options, as one about the file where they come from it.
  func located(_ error: any Error) -> any Error {
    let text =
      switch error {
      case let error as ValidationError: error.message
      case let error as PlainError: error.description
      default: ""
      }
    var first: Origin?
    var result = ""
    var rest = text[...]
    while let dashes = rest.range(of: "--") {
      let name = rest[dashes.upperBound...].prefix { $0.isLetter || $0 == "-" }
      result += rest[..<dashes.lowerBound]
      rest = rest[name.endIndex...]
      if let origin = origins["--\(name)"] {
        first = first ?? origin
        result += quoted(origin.key)
      } else {
        result += "--\(name)"
      }
    }
    guard let first else { return error }
    return FileError(file: file, place: "line \(first.line)", reason: result + rest)
  }
}
