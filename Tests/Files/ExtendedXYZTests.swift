import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

private func read(_ text: String) throws -> [XYZFrame] {
  var reader = XYZReader(data: Data(text.utf8), name: "x.xyz")
  return try reader.frames()
}

@Suite struct ExtendedXYZTests {
  @Test func readsAFrame() throws {
    let frame = try #require(
      try read(
        """
        2
        Lattice="3.0 0.0 0.0 0.5 4.0 0.0 0.0 0.25 5.0" Properties=species:S:1:pos:R:3:forces:R:3 \
        energy=-1.5 step=3 label=bulk fixed=F pbc="T T F" stress="1 2 3 4 5 6 7 8 9"
        Cu 0.0 0.5 -1.25 1e-1 2.0E+1 -3.0D-2
        O  1.0 2.0 3.0   0 0 0
        """
      ).first)
    #expect(frame.numbers == [29, 8])
    #expect(frame.symbols == ["Cu", "O"])
    #expect(frame.positions == [0, 0.5, -1.25, 1, 2, 3])
    #expect(frame.lattice == [3, 0, 0, 0.5, 4, 0, 0, 0.25, 5])
    #expect(frame.pbc == [true, true, false])
    #expect(Array(frame.info.keys) == ["energy", "step", "label", "fixed", "stress"])
    #expect(frame.info["energy"] == .real(-1.5))
    #expect(frame.info["step"] == .integer(3))
    #expect(frame.info["label"] == .string("bulk"))
    #expect(frame.info["fixed"] == .bool(false))
    #expect(frame.info["stress"]?.doubles == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    let forces = XYZColumn(.reals([0.1, 20, -0.03, 0, 0, 0]), width: 3)
    #expect(frame.arrays == ["forces": forces])
  }

  /// The expected values are those of `ase.io.extxyz.key_val_str_to_dict` (ASE 3.29.0), but for the
  /// last three, which ASE reads as empty arrays and text.
  @Test(arguments: [
    ("a=1", XYZValue.integer(1)), ("a=-7", .integer(-7)), ("a=1.0", .real(1)),
    ("a=1e3", .real(1000)), ("a=T", .bool(true)), ("a=False", .bool(false)),
    ("a", .bool(true)), ("a=t", .string("t")), ("a=\"1 2 3\"", .integers([1, 2, 3])),
    ("a=\"1 2 3.5\"", .reals([1, 2, 3.5])), ("a={1, 2}", .integers([1, 2])),
    ("a=[1.5 2]", .reals([1.5, 2])), ("a=1,2", .integers([1, 2])),
    ("a='T F true'", .bools([true, false, true])), ("a=\"x y\"", .string("x y")),
    ("a='x \"y\"'", .string("x \"y\"")), ("a=\"x \\\"y\\\"\"", .string("x \"y\"")),
    ("a=x\\ y", .string("x y")), ("a=\"x\\\\y\"", .string("x\\y")), ("a = 5", .integer(5)),
    ("a=b=c", .string("b=c")), ("a=\"_JSON [\\\"x\\\", \\\"y\\\"]\"", .strings(["x", "y"])),
    ("a=\"_JSON [5]\"", .integers([5])), ("a=99999999999999999999", .real(1e20)),
    ("a=\"_JSON {\\\"b\\\": 1}\"", .string("_JSON {\"b\": 1}")),
    ("a=\"\"", .string("")), ("a=1.5D2", .real(150)), ("a=1D5", .string("1D5")),
  ])
  func readsValues(text: String, expected: XYZValue) throws {
    let line = "Properties=species:S:1:pos:R:3 \(text) last=1"
    let frame = try #require(try read("1\n\(line)\nH 0 0 0\n").first)
    #expect(frame.info["a"] == expected)
    #expect(frame.info["last"] == .integer(1))
  }

  @Test func readsPlainFiles() throws {
    let frames = try read(
      "2\r\nWater, it's 'plain\r\nO 0 0 0 0.5\r\nh 1 0 0\r\n\r\n1\n\n6 1 2 3\n\n \n")
    #expect(frames.count == 2)
    #expect(frames[0].numbers == [8, 1])
    #expect(frames[0].info == ["comment": .string("Water, it's 'plain")])
    #expect(frames[0].pbc == [false, false, false])
    #expect(frames[1].numbers == [6])
    #expect(frames[1].positions == [1, 2, 3])
    #expect(try read("1\nE = -5.5 don't\nH 0 0 0").first?.info["comment"] != nil)
    #expect(try read("") == [])
    #expect(try read("\n\n") == [])
    #expect(try read("\u{FEFF}1\n\nH 0 0 0").count == 1)
  }

  @Test func readsColumnsInAnyOrder() throws {
    let frame = try #require(
      try read("1\nProperties=tag:I:1:pos:R:3:fix:L:2:Z:I:1:species:S:1\n7 1 2 3 T False 29 Cu_a")
        .first)
    #expect(frame.numbers == [29])
    #expect(frame.positions == [1, 2, 3])
    #expect(Array(frame.arrays.keys) == ["tag", "fix", "species"])
    #expect(frame.arrays["tag"] == XYZColumn(.integers([7])))
    #expect(frame.arrays["fix"] == XYZColumn(.bools([true, false]), width: 2))
    #expect(frame.arrays["species"] == XYZColumn(.strings(["Cu_a"])))
  }

  @Test(arguments: [
    ("pbc=T", [true, true, true]), ("pbc=\"1 0 1\"", [true, false, true]),
    ("Lattice=\"1 0 0 0 1 0 0 0 1\"", [true, true, true]), ("a=1", [false, false, false]),
  ])
  func readsPeriodicity(text: String, expected: [Bool]) throws {
    #expect(try read("0\n\(text)\n").first?.pbc == expected)
  }

  static let malformed: [(text: String, line: Int, reason: String)] = [
    ("x\n", 1, "number of atoms"), ("-1\n", 1, "number of atoms"),
    ("1 2\n", 1, "number of atoms"), ("1", 1, "comment line"),
    ("99999999999999999999\n", 1, "number of atoms"),
    ("9223372036854775807\n\nH 0 0 0\n", 3, "after 1 of"),
    ("2\n\nH 0 0 0\n", 3, "after 1 of 2"), ("1\n\nH 0 0\n", 3, "found 3"),
    ("1\n\n\n", 3, "found 0"), ("1\n\nH 0 0 x\n", 3, "\"x\""),
    ("1\n\nH 0 0 0x10\n", 3, "\"0x10\""), ("1\n\nQq 0 0 0\n", 3, "\"Qq\""),
    ("1\n\nH 0 0 0\n1\n\nH 0 0 1..\n", 6, "\"1..\""),
    ("1\nProperties=species:S:1:pos:R:3\nH 0 0 0 0\n", 3, "found more"),
    ("1\nProperties=species:S:1:pos:R\n", 2, "triples"),
    ("1\nProperties=species:S:1:pos:Q:3\n", 2, "\"Q\""),
    ("1\nProperties=species:S:1:pos:R:0\n", 2, "columns"),
    ("1\nProperties=species:S:1:pos:R:99999999999\n", 2, "columns"),
    ("1\nProperties=species:S:1:pos:R:2\n", 2, "expected R:3"),
    ("1\nProperties=species:S:1:pos:R:3:a:I:1:a:I:1\n", 2, "twice"),
    ("1\nProperties=species:S:1\n", 2, "pos:R:3"), ("1\nProperties=pos:R:3\n", 2, "species"),
    ("1\nProperties=Z:I:1:pos:R:3\n200 0 0 0\n", 3, "200"),
    ("1\nProperties=species:S:1:pos:R:3:n:I:1\nH 0 0 0 1.5\n", 3, "whole number"),
    ("1\nProperties=species:S:1:pos:R:3:n:L:1\nH 0 0 0 2\n", 3, "T or F"),
    ("1\nLattice=\"1 2 3\"\n", 2, "nine"), ("1\nLattice=\"1 2 3\n", 2, "closing"),
    ("1\nLattice=\"1 0 0 0 1 0 0 0 1\" pbc=\"T F\"\n", 2, "pbc"),
    ("1\nProperties=species:S:1:pos:R:3 a=1 a=2\n", 2, "twice"),
    ("1\n=5 Properties=species:S:1:pos:R:3\n", 2, "without a key"),
  ]

  @Test(arguments: malformed)
  func saysWhatIsWrong(text: String, line: Int, reason: String) {
    let error = #expect(throws: FileError.self) { try read(text) }
    #expect(error?.file == "x.xyz")
    #expect(error?.place == "line \(line)")
    #expect(error?.reason.contains(reason) == true, "\(String(describing: error))")
  }

  @Test func refusesTextThatIsNotUTF8() {
    var reader = XYZReader(data: Data([0x31, 0x0A, 0x61, 0x3D, 0xFF, 0x0A]))
    #expect(throws: FileError.self) { try reader.next() }
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func survivesMutations(seed: UInt64) throws {
    let text = try XYZWriter.text([everything, everything])
    var random = Dice(seed: seed)
    var parsed = 0
    var refused = 0
    for _ in 0..<2000 {
      var data = Data(text.utf8)
      for _ in 0..<Int.random(in: 1...3, using: &random) { mutate(&data, using: &random) }
      var reader = XYZReader(data: data)
      do throws(FileError) {
        for frame in try reader.frames() {
          #expect(frame.positions.count == 3 * frame.numbers.count)
        }
        parsed += 1
      } catch {
        #expect(error.place.hasPrefix("line "))
        refused += 1
      }
    }
    #expect(parsed > 0 && refused > 0)
  }
}
