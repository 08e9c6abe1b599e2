import E3xCommandLine
import E3xFiles
import E3xPotentials
import Foundation

/// What a server of the i-PI protocol sends to `e3x serve`.
struct IPITarget: FuzzTarget {
  let name = "ipi"
  private let calculator: Calculator
  private static let frame = LabelledFrame(
    atomicNumbers: Samples.frames[0].atomicNumbers, positions: Samples.frames[0].positions,
    cell: [4, 0, 0, 0, 4, 0, 0, 0, 4], pbc: [true, true, true])

  init(samples: Samples) throws {
    let folder = try ScratchFolder()
    try samples.model.write(to: URL(fileURLWithPath: folder.path("model")))
    calculator = try Calculator(Potential(contentsOf: folder.path("model")))
  }

  func input(with dice: inout Dice) throws -> Data {
    var data = Data()
    for _ in 0...dice.roll(6) { data += message(with: &dice) }
    return dice.once(in: 3) ? ByteMutation.mutate(data, with: &dice) : data
  }

  /// A message, often what would come next.
  private func message(with dice: inout Dice) -> Data {
    func header(_ word: String) -> Data {
      Data(word.padding(toLength: 12, withPad: " ", startingAt: 0).utf8)
    }
    func bytes(_ value: some BitwiseCopyable) -> Data { withUnsafeBytes(of: value) { Data($0) } }
    switch dice.roll(8) {
    case 0: return header(dice.pick(["STATUS", "EXIT", "status", "", "HAVEDATA"]))
    case 1:
      let text = dice.pick(["", "x", "{\"batch_size\": 4}", "é"])
      let count = dice.once(in: 4) ? Int32(clamping: dice.pick(WildNumbers.integers)) : nil
      return header("INIT") + bytes(Int32(0)) + bytes(count ?? Int32(text.utf8.count))
        + Data(text.utf8)
    case 2, 3: return header("STATUS") + header("GETFORCE")
    default:
      var numbers = Self.frame.cell! + Self.frame.cell! + Self.frame.positions
      for _ in 0..<dice.roll(3) {
        numbers[dice.roll(numbers.count)] = dice.pick(WildNumbers.reals)
      }
      let count = dice.once(in: 8) ? Int32(clamping: dice.pick(WildNumbers.integers)) : 3
      var data = header("POSDATA")
      for number in numbers[..<18] { data += bytes(number) }
      data += bytes(count)
      for number in numbers[18...] { data += bytes(number) }
      return data + (dice.once(in: 4) ? Data() : header("GETFORCE"))
    }
  }

  /// All answers begin with a word of the protocol.
  func use(_ path: String) throws {
    let connection = RecordedConnection([UInt8](try FileBytes.read(path)))
    var session = IPISession(connection, name: path, calculator: calculator, frame: Self.frame)
    let result = Result { try session.run() }
    try check(connection.answers)
    _ = try result.get()
  }

  private func check(_ answers: [[UInt8]]) throws(Finding) {
    let words = ["NEEDINIT    ", "READY       ", "HAVEDATA    ", "FORCEREADY  "]
    for answer in answers {
      let word = String(decoding: answer.prefix(12), as: UTF8.self)
      guard words.contains(word), word != words[3] || answer.count == 12 + 8 + 4 + 72 + 72 + 4
      else { throw Finding(description: "an answer of \(answer.count) bytes: \(word)") }
    }
  }
}

/// A server that has said all it will.
private final class RecordedConnection: ByteConnection {
  private var rest: ArraySlice<UInt8>
  var answers: [[UInt8]] = []

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func read(_ count: Int) throws -> [UInt8]? {
    if rest.isEmpty { return nil }
    guard rest.count >= count else { throw FileError(file: "ipi", reason: "ended in the middle") }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  func write(_ bytes: [UInt8]) { answers.append(bytes) }
}
