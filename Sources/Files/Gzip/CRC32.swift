package import E3xSystem

/// The checksum of zip archives and of gzip (ISO 3309, reflected polynomial 0xEDB88320).
package struct CRC32: Sendable {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
  }

  private var state = ~UInt32(0)

  /// That of no bytes.
  package init() {}

  /// The checksum of the bytes so far.
  package var value: UInt32 { ~state }

  /// Takes further bytes in.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    state = Self.table.withUnsafeBufferPointer { table in
      bytes.reduce(state) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    }
  }

  /// The checksum of bytes.
  package static func checksum(_ data: Data) -> UInt32 {
    var result = CRC32()
    data.withUnsafeBytes { result.add($0) }
    return result.value
  }
}
