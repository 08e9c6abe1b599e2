import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Messages of a server of the i-PI protocol.
enum IPIMessage {
  static let bohr = 0.529177210903
  static let hartree = 27.211386245988

  static func header(_ word: String) -> [UInt8] {
    Array(word.padding(toLength: 12, withPad: " ", startingAt: 0).utf8)
  }

  static func bytes(_ value: some BitwiseCopyable) -> [UInt8] {
    withUnsafeBytes(of: value) { Array($0) }
  }

  static func initialization(_ text: String = "x", length: Int32? = nil) -> [UInt8] {
    header("INIT") + bytes(Int32(0)) + bytes(length ?? Int32(text.utf8.count)) + Array(text.utf8)
  }

  /// - Parameter count: of atoms, as the message says.
  static func positions(_ frame: LabelledFrame, count: Int32? = nil) -> [UInt8] {
    let cell = frame.cell ?? [20, 0, 0, 0, 20, 0, 0, 0, 20]
    // Vectors are columns.
    let columns = (0..<9).map { cell[3 * ($0 % 3) + $0 / 3] / bohr }
    var message = header("POSDATA")
    for number in columns + columns { message += bytes(number) }
    message += bytes(count ?? Int32(frame.count))
    for number in frame.positions { message += bytes(number / bohr) }
    return message
  }
}

/// What FORCEREADY has, in eV and Å.
struct IPIReply {
  var energy: Double
  var forces: [Double]
  /// Row by row.
  var virial: [Double]
  var text: String

  /// Of a reply without a text.
  static func bytes(atoms: Int) -> Int { 12 + 8 + 4 + 24 * atoms + 72 + 4 }

  /// Reads an answer, which must be as long as it says.
  init(_ bytes: [UInt8], atoms: Int) throws {
    try #require(bytes.count >= Self.bytes(atoms: atoms))
    #expect(Array(bytes[..<12]) == IPIMessage.header("FORCEREADY"))
    func number<Number: BitwiseCopyable>(_ place: Int, _ type: Number.Type) -> Number {
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: type) }
    }
    func numbers(_ place: Int, _ count: Int) -> [Double] {
      (0..<count).map { number(place + 8 * $0, Double.self) }
    }
    energy = number(12, Double.self) * IPIMessage.hartree
    #expect(number(20, Int32.self) == Int32(atoms))
    forces = numbers(24, 3 * atoms).map { $0 * IPIMessage.hartree / IPIMessage.bohr }
    let columns = numbers(24 + 24 * atoms, 9).map { $0 * IPIMessage.hartree }
    virial = (0..<9).map { columns[3 * ($0 % 3) + $0 / 3] }
    let place = Self.bytes(atoms: atoms)
    #expect(Int(number(place - 4, Int32.self)) == bytes.count - place)
    text = String(decoding: bytes[place...], as: UTF8.self)
  }
}

/// A socket that waits for a program to connect.
final class Listener {
  private let descriptor: Int32
  /// As `--ipi` has it.
  let address: String

  #if os(Linux)
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #else
    private static let stream = SOCK_STREAM
  #endif

  /// At a path in the file system.
  init(path: String) throws {
    (descriptor, address) = (socket(AF_UNIX, Self.stream, 0), "unix:\(path)")
    var place = sockaddr_un()
    place.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8) + [0]
    try #require(bytes.count <= MemoryLayout.size(ofValue: place.sun_path))
    withUnsafeMutableBytes(of: &place.sun_path) { $0.copyBytes(from: bytes) }
    let status = withUnsafePointer(to: place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(status == 0 && listen(descriptor, 1) == 0)
  }

  private init(descriptor: Int32, address: String) {
    (self.descriptor, self.address) = (descriptor, address)
  }

  /// At a free port of this machine.
  static func port() throws -> Listener {
    let descriptor = socket(AF_INET, stream, 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &place) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(status)
    return Listener(
      descriptor: descriptor, address: "127.0.0.1:\(UInt16(bigEndian: place.sin_port))")
  }

  deinit { close(descriptor) }

  /// The next that connects; fails after a minute.
  func accept() throws -> ServerConnection {
    var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    try #require(poll(&event, 1, 60_000) == 1, "nobody connected")
    let accepted = Foundation.accept(descriptor, nil, nil)
    try #require(accepted >= 0)
    return ServerConnection(descriptor: accepted)
  }
}

/// The server's side of a connection; closed with its owner.
final class ServerConnection {
  private let descriptor: Int32

  init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    try #require(Foundation.send(descriptor, bytes, bytes.count, 0) == bytes.count)
  }

  func receive(_ count: Int) throws -> [UInt8] {
    var received: [UInt8] = []
    while received.count < count {
      var event = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      try #require(poll(&event, 1, 60_000) == 1, "nothing came")
      var buffer = [UInt8](repeating: 0, count: count - received.count)
      let more = recv(descriptor, &buffer, buffer.count, 0)
      try #require(more > 0, "ended after \(received.count) bytes")
      received += buffer[..<more]
    }
    return received
  }
}
