/// Decompresses gzip (RFC 1952) piece by piece: members one after the other, each with its checksum
/// and length, in memory that does not grow with them.
final class GzipReader {
  /// The bytes that a member begins with.
  static let magic: [UInt8] = [0x1F, 0x8B]

  /// Bytes of output at a time, about.
  private static let pieceLength = 1 << 18
  /// The longest name or comment in a header, 64 KiB.
  private static let textLimit = 1 << 16

  private let name: String
  private let input: Pieces
  private var decoder: Inflate.Decoder
  private var checksum = CRC32()
  /// Bytes that came out: of this member, and of all.
  private var (count, total) = (0, 0)
  private var isInMember = false
  private var isFirst = true
  private var isDone = false
  /// What is wrong behind the last piece that was given out.
  private var failure: FileError?

  /// The input, and what went wrong in reading it.
  private final class Pieces {
    let next: () throws(FileError) -> [UInt8]
    var failure: FileError?

    init(_ next: @escaping () throws(FileError) -> [UInt8]) { self.next = next }

    func piece() -> [UInt8] {
      do throws(FileError) {
        return try next()
      } catch {
        failure = error
        return []
      }
    }
  }

  /// - Parameters:
  ///   - name: What error messages call the input.
  ///   - next: Gives its pieces; an empty one is the end.
  init(name: String, next: @escaping () throws(FileError) -> [UInt8]) {
    self.name = name
    let input = Pieces(next)
    self.input = input
    decoder = Inflate.Decoder { input.piece() }
  }

  /// The next piece; empty at the end.
  /// - Throws: ``FileError`` for what is malformed, damaged or truncated, after all that came before.
  func read() throws(FileError) -> [UInt8] {
    while true {
      if let failure { throw failure }
      if isDone { return [] }
      if !isInMember {
        try beginMember()
        continue
      }
      var isEnd = false
      do {
        isEnd = try decoder.run(until: Self.pieceLength)
      } catch {
        failure = bad(error.reason)
      }
      let bytes = decoder.take()
      bytes.withUnsafeBytes { checksum.add($0) }
      (count, total) = (count &+ bytes.count, total &+ bytes.count)
      if isEnd { failure = endMember() }
      if !bytes.isEmpty { return bytes }
    }
  }

  private func bad(_ reason: String) -> FileError {
    if let failure = input.failure { return failure }
    if reason.hasPrefix("truncated") { return truncated }
    return FileError(
      file: name, place: "byte \(decoder.offset)", reason: "bad gzip data: \(reason)")
  }

  private var truncated: FileError {
    input.failure
      ?? FileError(
        file: name,
        reason: "is truncated: the gzip data end after \(decoder.offset) bytes (\(total) "
          + "decompressed), before their end")
  }

  private func byte() throws(FileError) -> UInt8 {
    guard let byte = decoder.byteBehind() else { throw truncated }
    return byte
  }

  private func beginMember() throws(FileError) {
    if !isFirst {
      // Padding of zeros may follow the last member, as on tapes.
      var next = decoder.byteBehind()
      if next == 0 {
        while next == 0 { next = decoder.byteBehind() }
        guard next == nil else { throw bad("bytes behind the padding at the end") }
      }
      guard let next else {
        if let failure = input.failure { throw failure }
        isDone = true
        return
      }
      guard next == Self.magic[0] else { throw bad("bytes behind the end that are no gzip") }
    } else if try byte() != Self.magic[0] {
      throw bad("no gzip")
    }
    isFirst = false
    guard try byte() == Self.magic[1] else { throw bad("bytes behind the end that are no gzip") }
    let method = try byte()
    guard method == 8 else { throw bad("the compression method \(method) is not supported") }
    let flags = try byte()
    guard flags & 0xE0 == 0 else { throw bad("flags of no meaning") }
    for _ in 0..<6 { _ = try byte() }
    if flags & 4 != 0 {
      let length = Int(try byte()) | Int(try byte()) << 8
      for _ in 0..<length { _ = try byte() }
    }
    // The name and a comment.
    for flag in [8, 16] as [UInt8] where flags & flag != 0 {
      var length = 0
      while try byte() != 0 {
        length += 1
        guard length <= Self.textLimit else { throw bad("a name of more than 65536 bytes") }
      }
    }
    if flags & 2 != 0 { for _ in 0..<2 { _ = try byte() } }
    (checksum, count, isInMember) = (CRC32(), 0, true)
    decoder.restart()
  }

  /// What is wrong with the end of a member.
  private func endMember() -> FileError? {
    isInMember = false
    var numbers: [UInt32] = []
    for _ in 0..<2 {
      var number: UInt32 = 0
      for index in 0..<4 as Range<UInt32> {
        guard let byte = decoder.byteBehind() else { return truncated }
        number |= UInt32(byte) << (8 * index)
      }
      numbers.append(number)
    }
    guard numbers[0] == checksum.value else {
      return bad("the checksum does not fit: the contents are damaged")
    }
    guard numbers[1] == UInt32(truncatingIfNeeded: count) else {
      return bad("\(count) bytes came out where \(numbers[1]) (modulo 2³²) are promised")
    }
    return nil
  }
}
