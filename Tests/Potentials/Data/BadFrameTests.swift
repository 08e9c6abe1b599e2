import E3xFiles
import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Frames that cannot be used are named, or passed over and counted.
@Suite struct BadFrameTests {
  static let good = """
    2
    Properties=species:S:1:pos:R:3 energy=-1
    H 0 0 0
    H 0 0 0.74

    """
  /// A frame with a fault, its kind, and what is said of it.
  static let bad: [(text: String, kind: BadFrames.Kind, reason: String)] = [
    ("0\nenergy=1\n", .noAtoms, "frame 2 (line 5): has no atoms"),
    ("1\nenergy=nan\nH 0 0 0\n", .notFinite, "frame 2 (line 5): energy \"energy\": nan"),
    ("2\nenergy=1\nH 0 0 0\nH 0 inf 0\n", .notFinite, "frame 2 (line 5): positions of atom 2"),
    ("2\nenergy=1\nQq 0 0 0\nH 0 0 1\n", .element, "line 7: \"Qq\" is not the symbol"),
    ("2\nenergy=1\nHe 0 0 0\nH 0 0 1\n", .element, "frame 2 (line 5): atom 1 is of the element He"),
    ("2\nenergy=1\nH 0 0 0\nH 0 0 0\n", .coincident, "frame 2 (line 5): atoms 1 and 2 coincide"),
    (
      "1\nLattice=\"1e-5 0 0 0 9 0 0 0 9\" Properties=species:S:1:pos:R:3\nH 0 0 0\n",
      .coincident, "frame 2 (line 5): atom 1 and an image of it coincide"
    ),
    ("3\nenergy=1\nH 0 0 0\nH 0 **** 0\nH 0 1 0\n", .unreadable, "line 8: property \"pos\""),
    ("1\nenergy=low\nH 0 0 0\n", .other, "frame 2 (line 5): energy \"energy\" is no number"),
    (
      "1\nLattice=\"1 0 0 1 0 0 0 0 9\" Properties=species:S:1:pos:R:3\nH 0 0 0\n",
      .other, "frame 2 (line 5): cell: "
    ),
  ]

  private static func reader(
    _ text: String, skips: Bool
  ) throws -> LabelledFrameReader {
    var reader = try LabelledFrameReader(
      data: Data(text.utf8), file: "x.xyz", keys: LabelKeys(required: []))
    reader.skipsBadFrames = skips
    reader.check = FrameCheck(elements: [1], knower: "the potential")
    return reader
  }

  @Test(arguments: bad.indices) func areNamedOrSkipped(index: Int) throws {
    let (text, kind, reason) = Self.bad[index]
    let file = Self.good + text + Self.good
    var strict = try Self.reader(file, skips: false)
    #expect(try strict.next()?.count == 2)
    let error = #expect(throws: FileError.self) { try strict.next() }
    #expect(error?.description.hasPrefix("x.xyz: \(reason)") == true, "\(error!)")

    var lenient = try Self.reader(file, skips: true)
    #expect(try lenient.next() == lenient.next())
    #expect(lenient.count == 3)
    #expect(try lenient.next() == nil)
    try lenient.finish()
    #expect(lenient.bad.total == 1 && lenient.bad.count(of: kind) == 1)
    let summary = lenient.bad.summary ?? ""
    #expect(summary.hasPrefix("1 bad frame: 1 \(kind.rawValue); the first: x.xyz: "), "\(summary)")
  }

  @Test func allKindsTogether() throws {
    let text = Self.bad.map(\.text).joined() + Self.good
    var reader = try Self.reader(text, skips: true)
    #expect(try reader.next()?.count == 2)
    #expect(try reader.next() == nil)
    #expect(reader.bad.total == Self.bad.count && reader.count == Self.bad.count + 1)
    for kind in BadFrames.Kind.allCases {
      #expect(reader.bad.count(of: kind) == Self.bad.count { $0.kind == kind })
    }
    var only = try Self.reader(Self.bad.map(\.text).joined(), skips: true)
    #expect(try only.next() == nil)
    let error = #expect(throws: FileError.self) { try only.finish() }
    #expect(error?.reason.contains("no frames but bad ones (10); the first: ") == true)
  }

  /// After some errors nobody knows where the next frame begins.
  @Test(arguments: [
    "x\n", "2\nenergy=1\nH 0 0 0\n", "1\nenergy=1\nH 0 0\n", "2\nenergy=1\nQ 0 0 0\n",
  ])
  func whatFollowsIsLost(text: String) throws {
    var reader = try Self.reader(Self.good + text, skips: true)
    _ = try reader.next()
    #expect(throws: FileError.self) { try reader.next() }
  }

  @Test func closeAtomsAreCounted() throws {
    let close = Self.good.replacing("0.74", with: "0.0625")
    var reader = try Self.reader(Self.good + close + close, skips: false)
    while try reader.next() != nil {}
    #expect(reader.close?.count == 2)
    #expect(
      reader.close?.first.description
        == "x.xyz: frame 2 (line 5): atoms 1 and 2 are 0.0625 Å apart")
  }
}
