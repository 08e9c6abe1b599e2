import E3xCommandLine
import E3xEngine
import E3xFiles
import E3xNN
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// What `e3x serve` answers, message by message.
@Suite struct IPISessionTests {
  /// A server that has said all it will say.
  private final class RecordedConnection: ByteConnection {
    private var rest: ArraySlice<UInt8>
    private(set) var answers: [UInt8] = []

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    func read(_ count: Int) throws -> [UInt8]? {
      if rest.isEmpty { return nil }
      guard rest.count >= count else {
        throw FileError(file: "server", reason: "ended in the middle of a message")
      }
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }

    func write(_ bytes: [UInt8]) { answers += bytes }
  }

  private static func potential(members: Int = 1) throws -> Potential {
    var configuration = PotentialConfiguration()
    (configuration.features, configuration.numHeads, configuration.numBasis) = (4, 1, 4)
    (configuration.numLayers, configuration.maxDegree, configuration.cutoff) = (1, 1, 4)
    let model = AttentionPotential(configuration)
    var parameters = Parameters()
    for member in 0..<members {
      for (path, tensor) in try model.initialParameters(seed: member) {
        parameters[members == 1 ? path : "member_\(member)/\(path)"] = tensor
      }
    }
    return try Potential(
      model: model, parameters: parameters, elementEnergies: ElementEnergies([1: -13, 8: -2040]),
      members: members)
  }

  private static let molecule = LabelledFrame(
    atomicNumbers: TrainedModel.water.numbers, positions: TrainedModel.water.positions)
  /// Its cell is not symmetric: rows and columns must not be mistaken for each other.
  private static let crystal = LabelledFrame(
    atomicNumbers: TrainedModel.water.numbers, positions: TrainedModel.water.positions,
    cell: [3.5, 0.1, 0, 0.4, 3.7, 0.2, -0.3, 0.5, 3.9], pbc: [true, true, true])

  /// What a session comes to.
  private struct Outcome {
    var answers: [UInt8]
    var saidExit: Bool?
    var count: Int
    var error: (any Error)?
    var words: String { error.map { "\($0)" } ?? "" }
  }

  private static func outcome(
    _ messages: [UInt8], potential: Potential, frame: LabelledFrame
  ) throws -> Outcome {
    let connection = RecordedConnection(messages)
    var session = IPISession(
      connection, name: "server", calculator: try Calculator(potential), frame: frame)
    do {
      let saidExit = try session.run()
      return Outcome(answers: connection.answers, saidExit: saidExit, count: session.count)
    } catch {
      return Outcome(answers: connection.answers, count: session.count, error: error)
    }
  }

  private static let structures = ["molecule": molecule, "crystal": crystal]

  @Test(arguments: ["molecule", "crystal"]) func theProtocol(name: String) throws {
    let potential = try Self.potential()
    let given = try #require(Self.structures[name])
    var frame = given
    frame.positions[3] += 0.1
    // What the server says counts, not what the structure of the file had.
    if frame.cell != nil { frame.cell![1] += 0.2 }
    let header = IPIMessage.header
    let outcome = try Self.outcome(
      header("STATUS") + IPIMessage.initialization() + header("STATUS")
        + IPIMessage.positions(frame) + header("STATUS") + header("GETFORCE") + header("STATUS")
        + header("EXIT") + header("STATUS"), potential: potential, frame: given)
    #expect(outcome.saidExit == true && outcome.count == 1, "\(outcome.words)")
    let expected = ["NEEDINIT", "READY", "HAVEDATA"].flatMap(header)
    #expect(Array(outcome.answers.prefix(36)) == expected)
    #expect(outcome.answers.count == 36 + IPIReply.bytes(atoms: 3) + 12)
    #expect(Array(outcome.answers.suffix(12)) == header("READY"))
    let reply = try IPIReply(Array(outcome.answers.dropFirst(36).dropLast(12)), atoms: 3)
    let prediction = try potential.predict([frame], virials: true)[0]
    #expect(abs(reply.energy - prediction.energy) < 1e-5)
    for (a, b) in matched(reply.forces, prediction.forces) { #expect(abs(a - b) < 1e-5) }
    let virials = try #require(prediction.atomicVirials)
    for (index, value) in reply.virial.enumerated() {
      let sum = stride(from: index, to: virials.count, by: 9).reduce(0.0) { $0 + virials[$1] }
      #expect(abs(value - sum) < 1e-5)
    }
    #expect(reply.virial.contains { abs($0) > 1e-4 } && reply.forces.contains { abs($0) > 1e-4 })
    #expect(reply.text.isEmpty)
  }

  /// The sums of forces and virials of a molecule do not depend on a cell that the server invents.
  @Test func cellsOfMolecules() throws {
    let potential = try Self.potential()
    var boxed = Self.molecule
    boxed.cell = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    let replies = try [Self.molecule, boxed].map { frame in
      let outcome = try Self.outcome(
        IPIMessage.positions(frame) + IPIMessage.header("GETFORCE"), potential: potential,
        frame: Self.molecule)
      return outcome.answers
    }
    #expect(replies[0] == replies[1] && replies[0].count == IPIReply.bytes(atoms: 3))
  }

  /// Of a committee the spread goes with the answer.
  @Test func committees() throws {
    let potential = try Self.potential(members: 2)
    let outcome = try Self.outcome(
      IPIMessage.positions(Self.molecule) + IPIMessage.header("GETFORCE"), potential: potential,
      frame: Self.molecule)
    #expect(outcome.saidExit == false && outcome.count == 1)
    struct Spread: Decodable {
      let energy_std: Double
      let forces_std: [Double]
    }
    let text = try IPIReply(outcome.answers, atoms: 3).text
    let spread = try JSONDecoder().decode(Spread.self, from: Data(text.utf8))
    let expected = try potential.predict([Self.molecule])[0]
    #expect(abs(spread.energy_std - expected.energyDeviation!) < 1e-5)
    for (a, b) in matched(spread.forces_std, expected.forcesDeviation!) {
      #expect(abs(a - b) < 1e-5)
    }
  }

  @Test func manyStructures() throws {
    let potential = try Self.potential()
    var frame = Self.crystal
    var messages = IPIMessage.initialization()
    var expected: [Double] = []
    for step in 0..<5 {
      frame.positions[0] += 0.1
      frame.cell![4] += step == 2 ? 1 : 0
      messages += IPIMessage.positions(frame) + IPIMessage.header("GETFORCE")
      expected.append(try potential.predict([frame])[0].energy)
    }
    let outcome = try Self.outcome(messages, potential: potential, frame: Self.crystal)
    #expect(outcome.count == 5 && outcome.saidExit == false)
    let size = IPIReply.bytes(atoms: 3)
    try #require(outcome.answers.count == 5 * size)
    for (step, energy) in expected.enumerated() {
      let reply = try IPIReply(
        Array(outcome.answers[(size * step)..<(size * (step + 1))]), atoms: 3)
      #expect(abs(reply.energy - energy) < 1e-5)
    }
  }

  /// A message that is none, by its name here, and what is said of it.
  private static let wrong: [String: (message: [UInt8], words: String)] = {
    let positions = IPIMessage.positions(crystal)
    let no = [UInt8](repeating: 0xFF, count: 8)
    func with(_ bytes: [UInt8], at place: Int) -> [UInt8] {
      Array(positions[..<place]) + bytes + Array(positions[(place + bytes.count)...])
    }
    return [
      "half a word": (Array("STAT".utf8), "in the middle"),
      "another word": (IPIMessage.header("HELLO"), #"sent "HELLO       ", which is no message"#),
      "lower case": (IPIMessage.header("status"), "is no message"),
      "an empty word": (IPIMessage.header(""), "is no message"),
      "line ends": (Array("STATUS\n\n\n\n\n\n".utf8), "is no message"),
      "no text": ([UInt8](repeating: 0xFF, count: 12), "is no message"),
      "an early question": (IPIMessage.header("GETFORCE"), "before it sent positions"),
      "a negative text": (IPIMessage.initialization(length: -1), "a text of -1 bytes"),
      "a long text": (IPIMessage.initialization(length: .max), "a text of 2147483647 bytes"),
      "half a text": (IPIMessage.initialization(length: 9), "in the middle"),
      "no text at all": (IPIMessage.initialization("", length: 5), "ended in the middle of INIT"),
      "batches": (IPIMessage.initialization("{\"batch_size\": 4}"), "set batch_size to 1"),
      "no positions": (Array(positions[..<12]), "ended in the middle of POSDATA"),
      "half a cell": (Array(positions[..<100]), "in the middle"),
      "a byte too few": (Array(positions.dropLast()), "in the middle"),
      "fewer atoms": (IPIMessage.positions(crystal, count: 2), "sent 2 atoms, expected the 3"),
      "no atoms": (IPIMessage.positions(crystal, count: 0), "sent 0 atoms, expected the 3"),
      "minus atoms": (IPIMessage.positions(crystal, count: -3), "sent -3 atoms, expected the 3"),
      "too many atoms": (IPIMessage.positions(crystal, count: .max), "sent 2147483647 atoms"),
      "a cell of no numbers": (with(no, at: 12), "finite"),
      "a flat cell": (
        with([UInt8](repeating: 0, count: 72), at: 12), "independent"
      ),
      "a place that is none": (with(no, at: 12 + 144 + 4), "finite"),
      "twice": (positions + positions, "before it asked for the forces of the last"),
    ]
  }()

  @Test(arguments: wrong.keys.sorted()) func messagesThatAreNone(name: String) throws {
    let (message, words) = try #require(Self.wrong[name])
    let before = IPIMessage.header("STATUS")
    let outcome = try Self.outcome(
      before + message, potential: Self.potential(), frame: Self.crystal)
    #expect(outcome.error is FileError || outcome.error is ArgumentError)
    #expect(outcome.words.contains(words), "\(outcome.words)")
    #expect(!outcome.words.contains { $0.isNewline }, "\(outcome.words)")
    // What came before was answered, and nothing after.
    #expect(outcome.answers == IPIMessage.header("NEEDINIT"))
  }

  /// Damaged conversations end with an answer or an error in a line, whatever they are.
  @Test(arguments: 0..<4) func damaged(seed: Int) throws {
    let potential = try Self.potential()
    var dice = Dice(seed: seed)
    let good =
      IPIMessage.initialization() + IPIMessage.positions(Self.crystal)
      + IPIMessage.header("GETFORCE") + IPIMessage.positions(Self.crystal)
      + IPIMessage.header("GETFORCE") + IPIMessage.header("EXIT")
    var (errors, ends) = (0, 0)
    for _ in 0..<100 {
      var bytes = good
      for _ in 0...dice.roll(3) {
        if bytes.isEmpty { break }
        let place = dice.roll(bytes.count)
        switch dice.roll(5) {
        case 0: bytes[place] ^= UInt8(1) << UInt8(dice.roll(8))
        case 1: bytes[place] = UInt8(dice.roll(256))
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + dice.int(1...16)))
        case 3: bytes.insert(contentsOf: bytes[..<min(place, 24)], at: place)
        default: bytes.removeLast(bytes.count - place)
        }
      }
      let outcome = try Self.outcome(bytes, potential: potential, frame: Self.crystal)
      if let error = outcome.error {
        errors += 1
        #expect(error is FileError || error is ArgumentError, "\(type(of: error)): \(error)")
        #expect(!outcome.words.contains { $0.isNewline }, "\(outcome.words)")
      } else {
        ends += 1
      }
    }
    #expect(errors > 10 && ends > 10, "\(errors) errors, \(ends) ends")
  }

  // MARK: Addresses

  @Test func addresses() {
    for (text, address) in [
      ("unix:driver", IPIAddress.unix("/tmp/ipi_driver")),
      ("unix:/run/e3x/socket", .unix("/run/e3x/socket")), ("unix:./here", .unix("./here")),
      ("unix:a:1", .unix("/tmp/ipi_a:1")), ("31415", .network(host: "localhost", port: 31415)),
      (":31415", .network(host: "localhost", port: 31415)),
      ("node7:1", .network(host: "node7", port: 1)),
      ("127.0.0.1:65535", .network(host: "127.0.0.1", port: 65535)),
      ("[::1]:80", .network(host: "::1", port: 80)),
      ("::1:80", .network(host: "::1", port: 80)),
    ] {
      #expect(IPIAddress(text) == address, "\(text)")
    }
    for text in [
      "", "unix:", "unix:a\0b", ":", "host", "host:", "host:0", "0", "65536", "-1", "+1", "host:+1",
      "1.5", "host:port", "1 ", " 1", "host:99999", "٣", "²",
    ] {
      #expect(IPIAddress(text) == nil, "\(text)")
    }
    // What is said is what may be given.
    for text in ["unix:/a", "localhost:2", "[::1]:80"] {
      #expect(IPIAddress(text)?.description == text)
    }
  }
}
