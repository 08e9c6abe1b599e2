/// Compresses pieces into a member of gzip (RFC 1952), in memory that does not grow with them.
package struct GzipWriter {
  private var deflate = Deflate()
  /// What fills no block yet.
  private var pending: [UInt8] = []
  private var checksum = CRC32()
  private var count: UInt32 = 0
  private var isBegun = false

  /// A member without contents yet.
  package init() {}

  /// Magic number, deflate, no flags, no time, no hint, an unknown system.
  private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

  /// Takes a piece.
  /// - Returns: Bytes to write, if there are any yet.
  package mutating func append(_ piece: [UInt8]) -> [UInt8] {
    var result = isBegun ? [] : Self.header
    isBegun = true
    piece.withUnsafeBytes { checksum.add($0) }
    count &+= UInt32(truncatingIfNeeded: piece.count)
    pending += piece
    var start = 0
    while pending.count - start > Deflate.blockLength {
      deflate.append(pending[start..<start + Deflate.blockLength], isLast: false)
      start += Deflate.blockLength
    }
    pending.removeFirst(start)
    result += deflate.take()
    return result
  }

  /// Ends the member; another may begin.
  /// - Returns: The bytes that are left.
  package mutating func finish() -> [UInt8] {
    var result = append([])
    deflate.append(pending[...], isLast: true)
    result += deflate.take()
    for number in [checksum.value, count] {
      for index in 0..<4 as Range<UInt32> {
        result.append(UInt8(truncatingIfNeeded: number >> (8 * index)))
      }
    }
    self = GzipWriter()
    return result
  }
}
