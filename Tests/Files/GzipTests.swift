import E3xFiles
import Foundation
import TestSupport
import Testing

@Suite struct GzipTests {
  /// Written by Python's gzip: twenty frames under the name `water.xyz`, with codes of their own.
  private static let water = data(
    """
    H4sICAEAAAAC/3dhdGVyLnh5egCF0TEKwjEMxeG9p/AEktcmaTu4u3kGB91cvP+ghT99LvIohAZ+U75Wnu/763Gx\
    cjvZemcr1++cuZb1PZbSjhK7bF2kdafdRdp2CkC0ztaHaIPtCNHmbmutou1sY4p2sJ0p2snrtqYk7IdCstHNTcGB\
    cu6KDrTzoexAvIDCA/UilB7IF1PxgX5ZlR8ImKkAQcFu/wQ/rqRpqnYDAAA=
    """)
  private static let waterText = (0..<20).map { index in
    "3\nframe=\(index)\nO 0 0 0.\(index * 37 % 1000)\nH 0.96 0 0\nH 0 0.96 0\n"
  }.joined()

  private static func data(_ base64: String) -> Data { Data(base64Encoded: base64) ?? Data() }

  private func decompressed(_ data: Data) throws(FileError) -> Data {
    try ByteInput(data: data, name: "x.gz").rest()
  }

  @Test func readsWhatGzipWrites() throws {
    #expect(try decompressed(Self.water) == Data(Self.waterText.utf8))
    // Two members, one of a fixed code, one stored.
    let two = Self.data(
      "H4sIAHSODWsE/8tIzcnJVwAA9vmB7QYAAAAfiwgAdI4NawD/AQYA+f93b3JsZAqoYTjdBgAAAA==")
    #expect(try decompressed(two) == Data("hello world\n".utf8))
    #expect(try decompressed(two + Data(count: 700)) == Data("hello world\n".utf8))
    // A header with everything that it may have.
    let full = Self.data(
      "H4sIHgAAAAAAAwMAeHl6bmFtZQBjb21tZW50AKS7S0xKBgDCQSQ1AwAAAA==")
    #expect(try decompressed(full) == Data("abc".utf8))
    // What does not begin as gzip does stays as it is.
    for text in ["", "\u{1F}", "3\n"] {
      #expect(try decompressed(Data(text.utf8)) == Data(text.utf8))
    }
  }

  @Test func framesAreKnownByTheirFirstBytes() throws {
    let folder = try TemporaryFolder()
    try Self.water.write(to: folder.url("plain.xyz"))
    let frames = try XYZReader.read(folder.path("plain.xyz"))
    var reader = XYZReader(data: Data(Self.waterText.utf8))
    #expect(try reader.frames() == frames)
    #expect(frames.count == 20)
  }

  /// Cut anywhere, all whole frames before the cut come out, and then an error that says how much
  /// was read.
  @Test func truncated() throws {
    for count in 2..<Self.water.count {
      let error = #expect(throws: FileError.self) { try decompressed(Self.water.prefix(count)) }
      #expect(error?.reason.hasPrefix("is truncated: ") == true, "\(count): \(error!)")
      #expect(error?.reason.contains("after \(count) bytes (") == true, "\(count): \(error!)")
    }
    var reader = XYZReader(data: Self.water.prefix(Self.water.count - 9), name: "x")
    var frames = 0
    let error = #expect(throws: FileError.self) {
      while try reader.next() != nil { frames += 1 }
    }
    #expect(error?.reason.contains("is truncated") == true)
    #expect(frames >= 18)
  }

  @Test(arguments: 0..<4) func damageIsFound(seed: Int) {
    var dice = Dice(seed: seed)
    var found = 0
    for _ in 0..<500 {
      var data = Self.water
      // Behind the header.
      let at = 20 + dice.roll(data.count - 20)
      data[at] ^= 1 << UInt8(dice.roll(8))
      do throws(FileError) {
        // Another distance may lead to the same bytes.
        #expect(try decompressed(data) == Data(Self.waterText.utf8))
      } catch {
        found += 1
        #expect(error.file == "x.gz")
      }
    }
    #expect(found > 480)
  }

  @Test(
    arguments: [
      ([0x1F, 0x8B, 7, 0, 0, 0, 0, 0, 0, 0], "compression method 7"),
      ([0x1F, 0x8B, 8, 0x20, 0, 0, 0, 0, 0, 0], "flags"),
      ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0, 7], "type 3"),
    ] as [([UInt8], String)])
  func saysWhatIsWrong(bytes: [UInt8], reason: String) {
    let error = #expect(throws: FileError.self) { try decompressed(Data(bytes)) }
    #expect(error?.reason.contains(reason) == true, "\(error!)")
  }

  @Test func bytesBehindTheEnd() throws {
    for (behind, reason) in [("x", "no gzip"), ("\u{1F}x", "no gzip"), ("\0\0x", "padding")] {
      let error = #expect(throws: FileError.self) {
        try decompressed(Self.water + Data(behind.utf8))
      }
      #expect(error?.reason.contains(reason) == true, "\(error!)")
    }
    let last = Self.water.count - 1
    for (index, reason) in [(last, "bytes came out"), (last - 4, "checksum")] {
      var data = Self.water
      data[index] ^= 1
      let error = #expect(throws: FileError.self) { try decompressed(data) }
      #expect(error?.reason.contains(reason) == true, "\(error!)")
    }
  }

  /// Texts of many kinds, lengths around that of a block, in pieces of any size.
  @Test(arguments: 0..<24) func whatIsWrittenReadsBack(seed: Int) throws {
    var dice = Dice(seed: seed)
    let count = dice.pick([0, 1, 5, 1000, 131_071, 131_072, 131_073, 400_000])
    let bytes: [UInt8] =
      switch seed % 4 {
      case 0: (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
      case 1: [UInt8](repeating: 7, count: count)
      case 2: (0..<count).map { _ in UInt8(ascii: "0") + UInt8(dice.roll(10)) }
      // Rare symbols make long words, which must be cut.
      default: (0..<count).map { _ in UInt8(dice.next().leadingZeroBitCount) }
      }
    var (writer, written) = (GzipWriter(), [UInt8]())
    var at = 0
    while at < bytes.count {
      let end = min(bytes.count, at + 1 + dice.roll(100_000))
      written += writer.append(Array(bytes[at..<end]))
      at = end
    }
    written += writer.finish()
    #expect(try decompressed(Data(written)) == Data(bytes))
    // Another member may follow.
    written += writer.append([1, 2, 3]) + writer.finish()
    #expect(try decompressed(Data(written)) == Data(bytes + [1, 2, 3]))
    if seed % 4 > 0 { #expect(written.count < bytes.count * 6 / 10 + 200) }
  }

  /// Another program takes what was written.
  @Test func gzipReadsWhatIsWritten() throws {
    let places = ["/bin/gzip", "/usr/bin/gzip"]
    guard let gzip = places.first(where: FileManager.default.isExecutableFile) else { return }
    let folder = try TemporaryFolder()
    var reader = XYZReader(data: Self.water)
    let frames = try reader.frames()
    try XYZWriter.write(frames, to: folder.path("a.xyz.gz"))
    let replacing = try XYZWriter(replacing: folder.path("b.xyz.gz"))
    let inPlace = try XYZWriter(path: folder.path("c.xyz.gz"))
    for frame in frames {
      try replacing.append(frame)
      try inPlace.append(frame)
    }
    // In place all that was written can be read at once.
    #expect(try XYZReader.read(folder.path("c.xyz.gz")) == frames)
    try replacing.finish()
    try inPlace.finish()
    let text = try XYZWriter.text(frames)
    for name in ["a", "b", "c"] {
      let outcome = try Program(path: gzip).run(["-dc", folder.path("\(name).xyz.gz")])
      #expect(outcome.code == 0 && outcome.output == text, "\(name): \(outcome)")
      #expect(try XYZReader.read(folder.path("\(name).xyz.gz")) == frames)
    }
    // No frames make a whole file, too.
    for write in [{ try XYZWriter(path: $0) }, { try XYZWriter(replacing: $0) }]
      as [(String) throws -> XYZWriter]
    {
      try write(folder.path("d.gz")).finish()
      #expect(try Data(contentsOf: folder.url("d.gz")).starts(with: [0x1F, 0x8B]))
      #expect(try XYZReader.read(folder.path("d.gz")) == [])
    }
  }
}
