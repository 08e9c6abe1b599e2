import E3xFiles
import E3xPotentials
import Foundation

/// Extended XYZ files, with the labels that training takes.
struct FrameTarget: FuzzTarget {
  let name = "xyz"

  func input(with dice: inout Dice) throws -> Data {
    var lines = dice.pick(Samples.extendedXYZ).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    for _ in 0...dice.roll(3) { change(&lines, with: &dice) }
    let data = Data(lines.joined(separator: dice.once(in: 8) ? "\r\n" : "\n").utf8)
    return dice.once(in: 4) ? ByteMutation.mutate(data, with: &dice) : data
  }

  private func change(_ lines: inout [String], with dice: inout Dice) {
    let at = dice.roll(lines.count)
    switch dice.roll(8) {
    case 0: lines.remove(at: at)
    case 1: lines.insert(dice.pick(lines), at: at)
    case 2: lines[at] = dice.pick(WildNumbers.texts)
    case 3: lines[at] = String(lines[at].prefix(dice.roll(lines[at].count + 1)))
    default:
      // One word of a line; words of comment lines end at marks, too.
      let marks: Set<Character> = [" ", "=", ":", "\"", "[", "]", ",", "'"]
      var words = lines[at].split(omittingEmptySubsequences: false) { marks.contains($0) }
        .map(String.init)
      let separators = lines[at].filter { marks.contains($0) }
      let word = dice.roll(words.count)
      words[word] = dice.pick([
        dice.pick(WildNumbers.texts), dice.pick(Self.words), words[word] + dice.pick(Self.words),
      ])
      lines[at] = zip(words, separators.map(String.init) + [""]).map { $0 + $1 }.joined()
    }
    if lines.isEmpty { lines = [""] }
  }

  private static let words = [
    "Lattice", "lattice", "pbc", "Properties", "species", "pos", "forces", "energy", "S", "I", "R",
    "L", "Z", "numbers", "T", "[[1", "]]", "\"", "'", "{", "}", "\\", "_JSON", "_JSON {\"a\":", "é",
    "\u{0}", "\t", "=", ":", "R:3:R:3",
  ]

  /// What can be read can be written, and reads back the same.
  func use(_ path: String) throws { try Self.use(path, copy: path + ".copy") }

  static func use(_ path: String, copy: String) throws {
    let frames = try XYZReader.read(path)
    try XYZWriter.write(frames, to: copy)
    let again = try XYZReader.read(copy)
    guard areEqual(frames, again) else {
      throw Finding(description: "frames differ after they were written and read again")
    }
    for keys in [LabelKeys(), LabelKeys(forces: nil), LabelKeys(energy: nil, forces: nil)] {
      _ = try? LabelledFrame.read(path, keys: keys)
    }
    try useLenient(path)
    _ = try LabelledFrame.read(path, keys: LabelKeys(energy: nil, forces: nil, stress: nil))
  }

  /// Reads on behind frames that cannot be used.
  static func useLenient(_ path: String) throws {
    var reader = try LabelledFrameReader(path, keys: LabelKeys(required: []))
    reader.skipsBadFrames = true
    reader.check = FrameCheck(elements: [1, 2, 8, 29], knower: "the fuzzer")
    var count = 0
    // What is not a bad frame but no frame ends it.
    while (try? reader.next()) != nil { count += 1 }
    guard count + reader.bad.total == reader.count else {
      throw Finding(
        description: "\(count) good and \(reader.bad.total) bad frames of \(reader.count)")
    }
  }

  /// As descriptions, in which not a number is equal to itself.
  private static func areEqual(_ frames: [XYZFrame], _ others: [XYZFrame]) -> Bool {
    frames.count == others.count
      && zip(frames, others).allSatisfy { $0 == $1 || "\($0)" == "\($1)" }
  }
}
