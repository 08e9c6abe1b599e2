import E3xFiles
import Foundation
import TestSupport
import Testing

@Suite struct InflateTests {
  @Test func decodesBlocksOfEveryKind() throws {
    // Fixed codes, of zlib: compressobj(9, zlib.DEFLATED, -15) of 100 times "a".
    #expect(
      try Inflate.inflate([0x4B, 0x4C, 0xA4, 0x3D, 0x00, 0x00], size: 100)
        == [UInt8](repeating: 0x61, count: 100))
    // A stored block of "abc".
    #expect(try Inflate.inflate([1, 3, 0, 0xFC, 0xFF, 97, 98, 99], size: 3) == [97, 98, 99])
    // An empty block of fixed codes.
    #expect(try Inflate.inflate([3, 0], size: 0) == [])
  }

  @Test(
    arguments: [
      ([], 0, "truncated"), ([7], 0, "type 3"), ([1, 3, 0, 0, 0], 3, "unclear length"),
      ([1, 3, 0, 0xFC, 0xFF, 97], 3, "truncated"), ([3, 0, 0], 0, "1 bytes after"),
      ([1, 3, 0, 0xFC, 0xFF, 97, 98, 99], 2, "more than the 2"),
      ([1, 3, 0, 0xFC, 0xFF, 97, 98, 99], 4, "gives 3 bytes where 4"),
      ([0x4B, 0x4C, 0xA4, 0x3D, 0x00, 0x00], 99, "more than the 99"),
      // A length before any literal: code 257 and distance 1.
      ([0x03, 0x02, 0x00], 10, "beyond the beginning"),
      // Dynamic codes whose code lengths are all 0, and all 1.
      ([0x05, 0, 0, 0, 0, 0, 0, 0], 10, "no code"),
      ([0x05, 0xE0, 0x93, 0x24, 0x49, 0x92, 0x24, 0x49, 0x92, 0x24], 10, "bad code"),
    ] as [([UInt8], Int, String)])
  func saysWhatIsWrong(input: [UInt8], size: Int, reason: String) {
    let error = #expect(throws: Inflate.Failure.self) {
      try Inflate.inflate(input, size: size)
    }
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "")")
  }

  /// Random input decodes or is refused, and never gives more than was asked for.
  @Test(arguments: 0..<4 as Range<UInt64>) func survivesRandomInput(seed: UInt64) {
    var random = Dice(seed: seed)
    for _ in 0..<20_000 {
      var input = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
        UInt8.random(in: .min ... .max, using: &random)
      }
      // Mostly blocks of codes, which random bits seldom are.
      if !input.isEmpty { input[0] = input[0] & 0xF8 | UInt8.random(in: 0..<8, using: &random) }
      do throws(Inflate.Failure) {
        #expect(try Inflate.inflate(input, size: 1000).count == 1000)
      } catch {
        #expect(error.offset <= input.count)
      }
    }
  }
}

@Suite struct ZipTests {
  private static func archive() throws -> Data {
    var writer = ZipWriter()
    try writer.append(Data("first".utf8), as: "a")
    try writer.append(Data(), as: "b/c")
    return try writer.finished()
  }

  @Test func checksumsAsTheStandardDoes() {
    #expect(CRC32.checksum(Data("123456789".utf8)) == 0xCBF4_3926)
    #expect(CRC32.checksum(Data()) == 0)
  }

  @Test func readsWhatItWrites() throws {
    let data = try Self.archive()
    let zip = try ZipReader(data: data)
    #expect(zip.entries.map(\.name) == ["a", "b/c"])
    #expect(try zip.entries.map { try zip.contents(of: $0) } == [Data("first".utf8), Data()])
    // A comment at the end, and a slice that does not begin at index 0.
    var commented = data
    commented[data.count - 2] = 3
    commented.append(contentsOf: [1, 2, 3])
    #expect(try ZipReader(data: (Data([0]) + commented)[1...]).entries == zip.entries)
    #expect(throws: FileError.self) {
      var writer = ZipWriter()
      try writer.append(Data(), as: "a")
      try writer.append(Data(), as: "a")
    }
  }

  /// One entry "a" of five bytes with all sizes in 64-bit fields.
  private static func archive64(size: UInt64 = 5) -> Data {
    func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
      withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
    }
    let contents = Data("first".utf8)
    let unknown = bytes(UInt32.max)
    let common: [UInt8] =
      bytes(UInt16(45)) + [0, 0, 0, 0, 0, 0, 0x21, 0] + bytes(CRC32.checksum(contents))
      + unknown + unknown + bytes(UInt16(1))
    var data = Data([0x50, 0x4B, 3, 4] + common + [0, 0, 0x61])
    data.append(contents)
    let start = data.count
    data.append(contentsOf: [0x50, 0x4B, 1, 2, 45, 0] + common + bytes(UInt16(28)))
    data.append(contentsOf: [UInt8](repeating: 0, count: 10) + unknown + [0x61])
    data.append(contentsOf: bytes(UInt16(1)) + bytes(UInt16(24)))
    data.append(contentsOf: bytes(size) + bytes(UInt64(5)) + bytes(UInt64(0)))
    let end = data.count
    data.append(contentsOf: [0x50, 0x4B, 6, 6] + bytes(UInt64(44)) + bytes(UInt32(45)))
    data.append(contentsOf: bytes(UInt64(0)) + bytes(UInt64(1)) + bytes(UInt64(1)))
    data.append(contentsOf: bytes(UInt64(end - start)) + bytes(UInt64(start)))
    data.append(contentsOf: [0x50, 0x4B, 6, 7, 0, 0, 0, 0] + bytes(UInt64(end)) + [1, 0, 0, 0])
    data.append(contentsOf: [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF])
    data.append(contentsOf: unknown + unknown + [0, 0])
    return data
  }

  @Test func reads64BitSizes() throws {
    let zip = try ZipReader(data: Self.archive64())
    #expect(zip.entries.map(\.name) == ["a"])
    #expect(try zip.contents(of: zip.entries[0]) == Data("first".utf8))
    for size in [4, 1 << 40, .max] as [UInt64] {
      #expect(throws: FileError.self) { try ZipReader(data: Self.archive64(size: size)) }
    }
  }

  /// Bytes of the archive (62 bytes of local parts, then the directory) set to others.
  @Test(arguments: [
    (31, 0x67, "checksum does not fit"), (0, 0, "there is no header"),
    (30, 0x62, "has another name"), (70 + 8, 1, "is encrypted"),
    (70 + 10, 9, "method 9 is not supported"), (70 + 20, 6, "is stored in 6 bytes"),
    (70 + 46, 0xFF, "UTF-8"), (70 + 42, 36, "header"), (70, 0, "no record of the directory"),
    (70 + 28, 200, "beyond the directory"), (70 + 47 + 42, 0, "another name"),
    (70 + 96 + 10, 3, "several parts"), (70 + 96 + 12, 1, "does not end"),
    (70 + 96 + 20, 1, "no end record"),
  ]) func saysWhatIsWrong(offset: Int, value: UInt8, reason: String) throws {
    var data = try Self.archive()
    // Where the directory begins: 30 + 1 + 5 and 30 + 3 bytes precede it.
    let shift = offset >= 70 ? 69 - 70 : 0
    #expect(data.count == 69 + 47 + 49 + 22)
    data[offset + shift] = value
    let error = #expect(throws: FileError.self) {
      let zip = try ZipReader(data: data, name: "x.zip")
      for entry in zip.entries { _ = try zip.contents(of: entry) }
    }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
  }

  /// Two records of the directory for the same bytes: what zip bombs that overlap do.
  @Test func refusesOverlapsAndDuplicates() throws {
    var data = try Self.archive()
    // The second record names the first entry: the same name twice.
    let record = data[69..<69 + 47]
    var twice = data[..<69] + record + record
    var end = Data(data.suffix(22))
    end[end.startIndex + 12] = 94
    twice.append(end)
    var error = #expect(throws: FileError.self) { try ZipReader(data: twice) }
    #expect(error?.reason.contains("occurs twice") == true)
    // An entry whose bytes hold another.
    var inner = ZipWriter()
    try inner.append(Data("first".utf8), as: "a")
    let local = try inner.finished().prefix(36)
    var outer = ZipWriter()
    try outer.append(local, as: "o")
    try outer.append(Data("first".utf8), as: "a")
    data = try outer.finished()
    let directory = 31 + 36 + 36
    data[directory + 47 + 42] = 31
    error = #expect(throws: FileError.self) { try ZipReader(data: data) }
    #expect(error?.reason.contains("lies inside") == true, "\(error?.reason ?? "")")
  }

  /// Sizes are checked against what the bytes could hold, and against the limit, before anything
  /// is decoded.
  @Test func refusesBombs() throws {
    let data = try checkpoint("compressed.npz")
    let sizes = try ZipReader(data: data).entries.map(\.size)
    #expect(try ZipReader(data: data, limit: sizes.reduce(0, +)).entries.count == 4)
    var error = #expect(throws: FileError.self) {
      try ZipReader(data: data, limit: sizes.reduce(0, +) - 1)
    }
    #expect(error?.reason.contains("would take more than") == true)
    var bomb = data
    let size = withUnsafeBytes(of: UInt32(sizes[1]).littleEndian) { Data($0) }
    let place = try #require(bomb.range(of: size, options: .backwards))
    bomb.replaceSubrange(place, with: Data([0xFF, 0xFF, 0xFF, 0x3F]))
    error = #expect(throws: FileError.self) { try ZipReader(data: bomb) }
    #expect(error?.reason.contains("cannot hold") == true, "\(error?.reason ?? "")")
  }

  @Test(arguments: ["arrays.npz", "compressed.npz"]) func refusesTruncations(name: String) throws {
    let data = try checkpoint(name)
    for count in stride(from: 0, to: data.count, by: name == "arrays.npz" ? 1 : 13) {
      #expect(throws: FileError.self) { try NumPyArchive.arrays(data: data.prefix(count)) }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func survivesMutations(seed: UInt64) throws {
    survivesMutationsOf(try checkpoint("arrays.npz"), seed: seed, rounds: 2000) { data in
      _ = try NumPyArchive.arrays(data: data)
    }
    survivesMutationsOf(try checkpoint("compressed.npz"), seed: seed, rounds: 1000) { data in
      _ = try NumPyArchive.arrays(data: data)
    }
  }

  /// Deflated bytes that change are decoded without the checksum to save them.
  @Test(arguments: 0..<4 as Range<UInt64>) func inflatesMutations(seed: UInt64) throws {
    // The deflated array "steps": its local header has a name of 9 bytes and an extra field of 20.
    let data = try checkpoint("compressed.npz")
    let entry = try #require(try ZipReader(data: data).entries.first { $0.name == "steps.npy" })
    let name = try #require(data.range(of: Data("steps.npy".utf8)))
    let input = [UInt8](data[(name.upperBound + 20)...])
    var random = Dice(seed: seed)
    for _ in 0..<500 {
      var mutated = input
      for _ in 0..<3 {
        mutated[Int.random(in: 0..<mutated.count, using: &random)] =
          random.next() % 256 < 128
          ? 0 : UInt8.random(in: .min ... .max, using: &random)
      }
      let output = try? Inflate.inflate(mutated, size: entry.size)
      #expect(output == nil || output?.count == entry.size)
    }
  }
}
