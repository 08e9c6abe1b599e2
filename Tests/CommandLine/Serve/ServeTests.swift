import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// `e3x serve` as its users see it, with a server that says what it likes. What messages mean is
/// tested in ``IPISessionTests``, without a process for each.
@Suite struct ServeTests {
  private let model: TrainedModel
  private let structure: String

  init() throws {
    model = try TrainedModel()
    structure = try model.write([TrainedModel.frame()], "structure.xyz")
  }

  private func start(_ address: String, _ options: String...) throws -> RunningProgram {
    try Program.e3x.start(["serve", model.path, structure, "--ipi", address] + options)
  }

  /// A structure is asked for, at a port and at a socket in the file system.
  @Test(arguments: [true, false]) func aServerAsks(atPort: Bool) throws {
    let listener =
      atPort ? try Listener.port() : try Listener(path: model.folder.path("socket"))
    let program = try start(listener.address)
    let connection = try listener.accept()
    let frame = LabelledFrame(
      atomicNumbers: TrainedModel.water.numbers, positions: TrainedModel.water.positions)
    try connection.send(
      IPIMessage.header("STATUS") + IPIMessage.initialization() + IPIMessage.header("STATUS"))
    #expect(
      try connection.receive(24) == IPIMessage.header("NEEDINIT") + IPIMessage.header("READY"))
    for _ in 0..<2 {
      try connection.send(IPIMessage.positions(frame) + IPIMessage.header("GETFORCE"))
      let reply = try IPIReply(connection.receive(IPIReply.bytes(atoms: 3)), atoms: 3)
      let expected = try Potential(contentsOf: model.path).predict([frame])[0]
      #expect(abs(reply.energy - expected.energy) < 1e-5)
      for (a, b) in matched(reply.forces, expected.forces) { #expect(abs(a - b) < 1e-5) }
    }
    try connection.send(IPIMessage.header("EXIT"))
    let outcome = try program.wait(seconds: 60)
    #expect(outcome.code == 0 && outcome.output.isEmpty, "\(outcome)")
    #expect(
      outcome.errors == """
        connected to \(listener.address)
        computed 2 structures; \(listener.address) is done

        """)
  }

  /// What is no message ends the connection with a line, and a code that says so.
  @Test(arguments: [
    ("HELLO       ", "sent \"HELLO       \", which is no message"),
    ("STAT", "ended in the middle of a message: 4 of 12 bytes came"),
    ("GETFORCE    ", "asked for forces before it sent positions"),
  ])
  func messagesThatAreNone(message: String, words: String) throws {
    let listener = try Listener.port()
    let program = try start(listener.address)
    try listener.accept().send(Array(message.utf8))
    let outcome = try program.wait(seconds: 60)
    #expect(outcome.code == 1 && outcome.output.isEmpty, "\(outcome)")
    #expect(
      outcome.errors
        == "connected to \(listener.address)\nError: \(listener.address): \(words)\n")
  }

  @Test func serversThatGoAway() throws {
    let listener = try Listener.port()
    let program = try start(listener.address)
    _ = try listener.accept()
    let outcome = try program.wait(seconds: 60)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(outcome.errors.hasSuffix("computed 0 structures; \(listener.address) went away\n"))
  }

  /// A server that begins to listen only then is waited for.
  @Test func serversThatAreLate() throws {
    let path = model.folder.path("late")
    let program = try start("unix:\(path)", "--wait", "60")
    usleep(300_000)
    let listener = try Listener(path: path)
    try listener.accept().send(IPIMessage.header("EXIT"))
    #expect(try program.wait(seconds: 60).code == 0)
  }

  @Test(arguments: [
    ("unix:", "expected unix:NAME"), ("0", "expected unix:NAME"),
    ("host:99999", "expected unix:NAME"), ("host:port", "expected unix:NAME"),
    ("unix:/nowhere/socket", "Error: unix:/nowhere/socket: cannot be connected to: no such file"),
    ("unix:/" + String(repeating: "x", count: 200), "is longer than a socket's path may be"),
  ])
  func addressesThatAreNone(address: String, words: String) throws {
    let outcome = try start(address, "--wait", "0").wait(seconds: 60)
    #expect(outcome.code == (words.hasPrefix("expected") ? 64 : 1), "\(outcome)")
    #expect(outcome.errors.contains(words), "\(outcome)")
  }

  @Test(arguments: [
    (["--wait", "-1"], "--wait: expected 0 to 1000000"),
    (["--skin", "-1"], "--skin: expected a number that is not negative"),
    (["--skin", "inf"], "--skin: expected a number that is not negative"),
  ])
  func numbersThatAreNone(options: [String], words: String) throws {
    // With an equals sign, a number that begins with a minus is no option.
    let outcome = try start("1", options.joined(separator: "=")).wait(seconds: 60)
    #expect(outcome.code == 64 && outcome.errors.contains(words), "\(outcome)")
  }
}
