internal import E3xFiles
internal import Foundation

/// Where a server of the i-PI protocol listens: `unix:NAME`, or `HOST:PORT`.
package enum IPIAddress: Equatable, CustomStringConvertible {
  /// The path of a socket in the file system.
  case unix(String)
  /// A host and a port; this machine if no host is named.
  case network(host: String, port: UInt16)

  static let forms = "unix:NAME, unix:/PATH, PORT or HOST:PORT"

  /// Reads an address. A name without slashes is the socket /tmp/ipi_NAME, as i-PI and ASE have it.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let name = text.dropFirst(5)
      guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
      self = .unix(name.contains("/") ? String(name) : "/tmp/ipi_\(name)")
      return
    }
    let colon = text.lastIndex(of: ":")
    let digits = colon.map { text[text.index(after: $0)...] } ?? text[...]
    guard let port = UInt16(digits), port > 0, digits.allSatisfy(\.isNumber) else { return nil }
    var host = colon.map { String(text[..<$0]) } ?? ""
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    self = .network(host: host.isEmpty ? "localhost" : host, port: port)
  }

  package var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .network(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
  }
}
