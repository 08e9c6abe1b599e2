import E3xFiles
import Foundation
import TestSupport
import Testing

/// Files for what memory does not hold.
@Suite struct ScratchFileTests {
  @Test func whatWasWrittenIsRead() throws {
    let folder = try TemporaryFolder()
    let file = try ScratchFile(folder: folder.path)
    // Nothing is left, not even while it is used.
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    try file.write(Array(bytes[..<40_000]), at: 0)
    try file.write(Array(bytes[40_000...]), at: 40_000)
    for range in [0..<100_000, 0..<1, 39_999..<40_001, 70_000..<99_999, 5..<5] {
      let read = try file.read(at: range.lowerBound, count: range.count)
      #expect(read == Array(bytes[range]), "\(range)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func whatWasNotWrittenIsAnError() throws {
    let folder = try TemporaryFolder()
    let file = try ScratchFile(folder: folder.path)
    try file.write([1, 2, 3], at: 0)
    for (position, count) in [(0, 4), (3, 1), (1000, 1)] {
      let error = #expect(throws: FileError.self) {
        try file.read(at: position, count: count)
      }
      #expect(error?.file == "temporary file in \(folder.path)")
      #expect(error?.reason == "cannot be read: it ends before byte \(position + count)")
    }
  }

  @Test func theFolderIsNamed() throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: FileError.self) {
      try ScratchFile(folder: folder.path("missing"))
    }
    #expect(
      error?.description == "temporary file in \(folder.path("missing")): cannot be made: no such "
        + "file or folder; the variable TMPDIR names another folder")
  }

  /// The digest of a file is that of its bytes as they are there, however many were asked for.
  @Test func digestsAreOfRawBytes() throws {
    let folder = try TemporaryFolder()
    let text = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 % 251) })
    let archive = Data(
      base64Encoded: "H4sIHgAAAAAAAwMAeHl6bmFtZQBjb21tZW50AKS7S0xKBgDCQSQ1AwAAAA==")
    for (name, bytes) in [("a", text), ("b", try #require(archive)), ("c", Data())] {
      try bytes.write(to: folder.url(name))
      for reads in [false, true] {
        let input = try ByteInput(folder.path(name), digests: true)
        if reads { while try !input.read().isEmpty {} }
        let contents = try input.contents()
        #expect(contents.bytes == bytes.count && contents.sha256 == SHA256.hexadecimal(bytes))
      }
      #expect(try ByteInput(folder.path(name)).contents().sha256 == nil)
    }
  }
}
