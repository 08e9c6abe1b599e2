internal import E3xFiles
internal import Foundation

/// A stream of bytes both ways.
package protocol ByteConnection {
  /// The next bytes, as many as are asked for; nil if it has ended before the first of them.
  /// - Throws: `FileError` for what the system reports, and for an end in the middle.
  func read(_ count: Int) throws -> [UInt8]?
  /// Sends all bytes.
  /// - Throws: `FileError` for what the system reports.
  func write(_ bytes: [UInt8]) throws
}

/// A connection to a server on this machine or in the network.
final class SocketConnection: ByteConnection {
  private let number: Int32
  private let name: String

  /// Connects.
  /// - Parameter seconds: how long it is tried, if nobody listens yet.
  /// - Throws: `FileError` naming the address, for what the system reports.
  init(_ address: IPIAddress, waiting seconds: Double) throws(FileError) {
    name = "\(address)"
    let end = ContinuousClock.now + .seconds(seconds)
    while true {
      do throws(FileError) {
        number = try Self.connected(address)
        break
      } catch {
        guard ContinuousClock.now < end, Interruption.signal == nil else { throw error }
        usleep(100_000)
      }
    }
    // Messages are short and are waited for. Sockets of files have no such option.
    var on: Int32 = 1
    setsockopt(
      number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit { close(number) }

  private static func connected(_ address: IPIAddress) throws(FileError) -> Int32 {
    switch address {
    case .unix(let path): try connected(path: path)
    case .network(let host, let port): try connected(host: host, port: port)
    }
  }

  private static func failure(_ name: String, _ number: Int32 = errno) -> FileError {
    let text = String(cString: strerror(number))
    return FileError(
      file: name,
      reason: "cannot be connected to: \(text.prefix(1).lowercased())\(text.dropFirst())")
  }

  #if os(Linux)
    private static let stream = Int32(SOCK_STREAM.rawValue)
  #else
    private static let stream = SOCK_STREAM
  #endif

  private static func connected(path: String) throws(FileError) -> Int32 {
    let name = "unix:\(path)"
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8) + [0]
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count <= capacity else {
      throw FileError(file: name, reason: "is longer than a socket's path may be, \(capacity - 1)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, stream, 0)
    guard descriptor >= 0 else { throw failure(name) }
    let status = withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else {
      let error = failure(name)
      close(descriptor)
      throw error
    }
    return descriptor
  }

  private static func connected(host: String, port: UInt16) throws(FileError) -> Int32 {
    let name = "\(IPIAddress.network(host: host, port: port))"
    var (hints, found) = (addrinfo(), UnsafeMutablePointer<addrinfo>?.none)
    hints.ai_socktype = stream
    let status = getaddrinfo(host, "\(port)", &hints, &found)
    guard status == 0 else {
      throw FileError(
        file: name, reason: "there is no such host: \(String(cString: gai_strerror(status)))")
    }
    defer { freeaddrinfo(found) }
    var error = failure(name, ECONNREFUSED)
    var next = found
    while let address = next?.pointee {
      next = address.ai_next
      let descriptor = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
      guard descriptor >= 0 else { continue }
      if connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
      error = failure(name)
      close(descriptor)
    }
    throw error
  }

  func read(_ count: Int) throws -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var done = 0
    while done < count {
      let received = bytes.withUnsafeMutableBytes {
        recv(number, $0.baseAddress! + done, count - done, 0)
      }
      if received < 0 {
        if errno == EINTR, Interruption.signal == nil { continue }
        if errno == EINTR { return nil }
        throw FileError(file: name, reason: "cannot be read: \(String(cString: strerror(errno)))")
      }
      if received == 0 {
        if done == 0 { return nil }
        throw FileError(
          file: name, reason: "ended in the middle of a message: \(done) of \(count) bytes came")
      }
      done += received
    }
    return bytes
  }

  func write(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let sent = bytes.withUnsafeBytes { send(number, $0.baseAddress! + done, $0.count - done, 0) }
      if sent < 0 {
        if errno == EINTR { continue }
        throw FileError(
          file: name, reason: "cannot be written: \(String(cString: strerror(errno)))")
      }
      done += sent
    }
  }
}
