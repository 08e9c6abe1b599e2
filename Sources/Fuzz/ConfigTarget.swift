import E3xFiles
import E3xYAML
import Foundation

/// Settings in YAML, as `e3x train --config` takes them.
struct ConfigTarget: FuzzTarget {
  let name = "config"

  private enum Choice: String, CaseIterable { case fast, accurate }

  private static let text = """
    # A training
    train: [a.xyz, "b.xyz"]
    valid:
      - c.xyz
    preset: fast
    features: 32
    cutoff: 5.0
    attention: false
    learning_rate: 1e-2
    energy_key: 'energy'
    element_energies: {H: -13.6, O: -430.0}
    output: results/run 1
    minutes: null

    """

  private static let words = [
    "---", "...", "&a", "*a", "*a *a", "!!int", "!x", "|", ">", "|+2", "? ", ": ", "- ", "[", "]",
    "{", "}", ",", "\"", "'", "#", "\t", "%YAML 1.2", "@", "`", "\\", "\"\\u0000\"", "<<", "~",
    "null", "true", "é", "\u{2028}", "\u{0}", "\r", "a: &b [*b]", "0o17", "1:30",
  ]

  func input(with dice: inout Dice) throws -> Data {
    var lines = Self.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for _ in 0...dice.roll(3) {
      let at = dice.roll(lines.count)
      switch dice.roll(8) {
      case 0: if lines.count > 1 { lines.remove(at: at) }
      case 1: lines.insert(dice.pick(lines), at: at)
      case 2: lines[at] = String(lines[at].prefix(dice.roll(lines[at].count + 1)))
      case 3: lines[at] = String(repeating: " ", count: dice.roll(4)) + lines[at]
      case 4:
        let word = dice.pick(Self.words)
        lines[at] += String(repeating: word, count: dice.pick([1, 2, 9, 2000]))
      case 5:
        lines[at] = (lines[at].split(separator: ":").first ?? "") + ": " + dice.pick(Self.words)
      default:
        let key = lines[at].split(separator: ":").first ?? ""
        lines[at] = "\(key): \(dice.pick(WildNumbers.texts))"
      }
    }
    let data = Data(lines.joined(separator: dice.once(in: 8) ? "\r\n" : "\n").utf8)
    return dice.once(in: 3) ? ByteMutation.mutate(data, with: &dice) : data
  }

  /// Asks for all keys, as each kind; an error of one is no end.
  func use(_ path: String) throws {
    let members = try YAMLMembers(contentsOf: path)
    var first: FileError?
    func ask(_ read: (inout YAMLMembers) throws(FileError) -> Void) {
      var copy = members
      do throws(FileError) { try read(&copy) } catch { first = first ?? error }
    }
    for key in [
      "train", "valid", "preset", "features", "cutoff", "attention", "learning_rate", "energy_key",
      "element_energies", "output", "minutes",
    ] {
      ask { members throws(FileError) in _ = try members.integer(key) }
      ask { members throws(FileError) in _ = try members.real(key) }
      ask { members throws(FileError) in _ = try members.bool(key) }
      ask { members throws(FileError) in _ = try members.string(key) }
      ask { members throws(FileError) in _ = try members.strings(key) }
      ask { members throws(FileError) in _ = try members.textOrNumbers(key) }
      ask { members throws(FileError) in _ = try members.choice(key, Choice.self) }
    }
    ask { members throws(FileError) in try members.finish() }
    if let first { throw first }
  }
}
