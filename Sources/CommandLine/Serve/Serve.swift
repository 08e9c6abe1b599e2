internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// `e3x serve`: energies and forces for programs that ask for them.
struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compute energies, forces and virials for a program that asks by a socket.",
    discussion: """
      Connects to a server of the i-PI protocol, such as i-PI itself or ASE's SocketIOCalculator, and \
      answers until that ends. The protocol has no elements: they are those of STRUCTURE, in its \
      order, as is along which vectors of the server's cell it repeats.

      unix:NAME is the socket /tmp/ipi_NAME, as i-PI and ASE name it; a port without a host is one of \
      this machine.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "A structure of the same atoms (XYZ, extended XYZ); its first frame counts.")
  var structure: String
  @Option(help: "The server: \(IPIAddress.forms).", transform: Self.address)
  var ipi: IPIAddress
  @Option(help: "Seconds to wait for a server that does not listen yet, at most a million.")
  var wait = 10.0
  @Option(
    help: "How far beyond the cutoff pairs are searched, so that they serve several steps (Å).")
  var skin = Calculator.usualSkin

  private static func address(_ text: String) throws -> IPIAddress {
    guard let address = IPIAddress(text) else {
      throw ValidationError("expected \(IPIAddress.forms), received '\(text)'")
    }
    return address
  }

  func validate() throws {
    guard wait >= 0, wait <= 1e6 else {
      throw ValidationError("--wait: expected 0 to 1000000, received \(wait)")
    }
    guard skin >= 0, skin < .infinity else {
      throw ValidationError("--skin: expected a number that is not negative, received \(skin)")
    }
  }

  func run() throws {
    try FileIdentity.checkStandardInput([model, structure])
    let potential = try Potential(contentsOf: model, models: CommandModels.others)
    let frame = try FirstFrame(structure, for: potential).frame
    // What is written to a server that went away is an error and no signal.
    signal(SIGPIPE, SIG_IGN)
    let connection = try SocketConnection(ipi, waiting: wait)
    StandardError.print("connected to \(ipi)")
    var session = IPISession(
      connection, name: "\(ipi)", calculator: try Calculator(potential, skin: skin), frame: frame)
    let saidExit = try session.run()
    let count = session.count == 1 ? "1 structure" : "\(session.count) structures"
    StandardError.print("computed \(count); \(ipi) \(saidExit ? "is done" : "went away")")
  }
}
