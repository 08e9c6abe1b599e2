internal import E3xFiles
package import E3xPotentials
internal import Foundation

/// The driver's side of the i-PI protocol (Kapil et al., Comput. Phys. Commun. 236, 214 (2019)): a
/// server sends positions and a cell in atomic units, and gets energy, forces and virial.
///
/// Messages begin with twelve letters: STATUS is answered by NEEDINIT, READY or HAVEDATA; INIT has a
/// number and a text; POSDATA has the cell and its inverse (matrices whose columns are the vectors),
/// the number of atoms and positions; GETFORCE is answered by FORCEREADY, energy, number of atoms, forces, virial
/// and a text; EXIT ends.
package struct IPISession {
  /// eV and Å (CODATA 2018).
  static let (hartree, bohr) = (27.211386245988, 0.529177210903)

  private static let headerBytes = 12
  /// Of the text of INIT; more is nonsense.
  private static let longestText: Int32 = 1 << 20

  private enum State: String { case needsInit = "NEEDINIT", ready = "READY", hasData = "HAVEDATA" }

  private let connection: any ByteConnection
  /// Its errors have it as their file.
  private let name: String
  private var calculator: Calculator
  private var frame: LabelledFrame
  private var prediction: Potential.Prediction?
  private var state = State.needsInit
  /// How many structures were computed.
  package private(set) var count = 0

  /// A session with a server.
  /// - Parameter frame: the elements of the atoms, which the protocol does not have, and along which of
  ///   the server's cell vectors they repeat.
  package init(
    _ connection: any ByteConnection, name: String, calculator: Calculator, frame: LabelledFrame
  ) {
    (self.connection, self.name) = (connection, name)
    (self.calculator, self.frame) = (calculator, frame)
  }

  /// Answers until the server ends.
  /// - Returns: whether it said EXIT; otherwise the connection ended between messages.
  /// - Throws: `FileError` for a message that is none, is out of order or ends in the middle;
  ///   `ArgumentError` for a structure that the potential cannot be asked about.
  package mutating func run() throws -> Bool {
    while let header = try connection.read(Self.headerBytes) {
      let letters = String(decoding: header, as: UTF8.self)
      switch letters.trimmingCharacters(in: .whitespaces) {
      case "STATUS": try answer(state.rawValue)
      case "INIT": try initialize()
      case "POSDATA": try compute()
      case "GETFORCE": try sendForces()
      case "EXIT": return true
      default: throw failure("sent \(letters.debugDescription), which is no message")
      }
    }
    return false
  }

  private func failure(_ reason: String) -> FileError { FileError(file: name, reason: reason) }

  private func answer(_ message: String, _ payload: [UInt8] = []) throws {
    let header = message.padding(toLength: Self.headerBytes, withPad: " ", startingAt: 0)
    try connection.write(Array(header.utf8) + payload)
  }

  /// The next bytes of a message that has begun.
  private func bytes(_ count: Int, of message: String) throws -> [UInt8] {
    if count == 0 { return [] }
    guard let bytes = try connection.read(count) else {
      throw failure("ended in the middle of \(message)")
    }
    return bytes
  }

  private func integer(of message: String) throws -> Int32 {
    try bytes(4, of: message).withUnsafeBytes { $0.loadUnaligned(as: Int32.self) }
  }

  private func numbers(_ count: Int, of message: String) throws -> [Double] {
    try bytes(8 * count, of: message).withUnsafeBytes { bytes in
      (0..<count).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
    }
  }

  private mutating func initialize() throws {
    _ = try integer(of: "INIT")
    let length = try integer(of: "INIT")
    guard (0...Self.longestText).contains(length) else {
      throw failure("sent INIT with a text of \(length) bytes")
    }
    let text = String(decoding: try bytes(Int(length), of: "INIT"), as: UTF8.self)
    guard !text.contains("batch_size") else {
      throw failure("wants batches (batch_size), which e3x does not do: set batch_size to 1")
    }
    state = .ready
  }

  private mutating func compute() throws {
    let columns = try numbers(9, of: "POSDATA")
    _ = try numbers(9, of: "POSDATA")
    let atoms = try integer(of: "POSDATA")
    guard Int(atoms) == frame.count else {
      throw failure("sent \(atoms) atoms, expected the \(frame.count) of the structure")
    }
    let positions = try numbers(3 * frame.count, of: "POSDATA")
    guard state != .hasData else {
      throw failure("sent POSDATA before it asked for the forces of the last")
    }
    if frame.pbc.contains(true) {
      frame.cell = Self.transposed(columns).map { $0 * Self.bohr }
    }
    frame.positions = positions.map { $0 * Self.bohr }
    prediction = try calculator.predict(frame, virials: true)
    count += 1
    state = .hasData
  }

  private mutating func sendForces() throws {
    guard let prediction, state == .hasData else {
      throw failure("asked for forces before it sent positions")
    }
    var virial = [Double](repeating: 0, count: 9)
    for (index, value) in (prediction.atomicVirials ?? []).enumerated() {
      virial[index % 9] += value
    }
    var payload: [UInt8] = []
    func append(_ value: some BitwiseCopyable) {
      withUnsafeBytes(of: value) { payload.append(contentsOf: $0) }
    }
    append(prediction.energy / Self.hartree)
    append(Int32(frame.count))
    for force in prediction.forces { append(force * Self.bohr / Self.hartree) }
    for value in Self.transposed(virial) { append(value / Self.hartree) }
    let extra = try Self.spread(prediction)
    append(Int32(extra.utf8.count))
    payload += Array(extra.utf8)
    try answer("FORCEREADY", payload)
    state = .ready
    self.prediction = nil
  }

  /// Of a committee the spread of its members in JSON: `energy_std` (eV), `forces_std` (eV/Å, by atom).
  private static func spread(_ prediction: Potential.Prediction) throws -> String {
    guard let energy = prediction.energyDeviation, let forces = prediction.forcesDeviation else {
      return ""
    }
    struct Spread: Encodable {
      let energy_std: Double
      let forces_std: [Double]
    }
    return String(
      decoding: try JSONEncoder().encode(Spread(energy_std: energy, forces_std: forces)),
      as: UTF8.self)
  }

  private static func transposed(_ matrix: [Double]) -> [Double] {
    (0..<9).map { matrix[3 * ($0 % 3) + $0 / 3] }
  }
}
