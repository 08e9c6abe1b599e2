import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

private func read(_ text: String) throws -> [XYZFrame] {
  var reader = XYZReader(data: Data(text.utf8), name: "x.xyz")
  return try reader.frames()
}

/// Forms of frames that are rare, but that `ase.io.read` (ASE 3.29.0) reads.
@Suite struct ExtendedXYZFormsTests {
  private static let water = "O 0 0 0\nH 0.96 0 0\nH -0.24 0.93 0\n"

  @Test func readsCellsBehindTheAtoms() throws {
    let text =
      "3\nproduced by QMPOT\n\(Self.water)VEC1 10 0 0\nVEC2 0 11.5 0\nVEC3 0 0 12\n"
      + "3\n E=5 a\n\(Self.water)  VEC1 1 2 3\n\n3\n\n\(Self.water)VEC1 1 0 0\nVEC2 0 1 0"
    let frames = try read(text)
    #expect(frames.map(\.numbers) == [[8, 1, 1], [8, 1, 1], [8, 1, 1]])
    #expect(
      frames.map(\.lattice) == [
        [10, 0, 0, 0, 11.5, 0, 0, 0, 12], [1, 2, 3, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, 0],
      ])
    #expect(
      frames.map(\.pbc) == [[true, true, true], [true, false, false], [true, true, false]])
    #expect(
      frames.map(\.info) == [
        ["comment": .string("produced by QMPOT")], ["comment": .string("E=5 a")], [:],
      ])
    #expect(try read(try XYZWriter.text(frames)) == frames)
  }

  @Test(arguments: [
    ("VEC2 1 0 0\n", 6, "expected VEC1, found \"VEC2\""),
    ("VEC1 1 0 0\nVEC1 1 0 0\n", 7, "expected VEC2"), ("VEC1 1 0\n", 6, "three numbers"),
    ("VEC1 1 0 0 0\n", 6, "three numbers"), ("VEC1 a b c\n", 6, "three numbers"),
    ("VEC1 1 0 0\nVEC2 0 1 0\nVEC3 0 0 1\nVEC4 0 0 1\n", 9, "a fourth vector"),
    ("VEC 1 0 0\n", 6, "expected VEC1"),
  ]) func saysWhatIsWrongWithVectors(vectors: String, line: Int, reason: String) {
    let error = #expect(throws: FileError.self) { try read("3\n\n\(Self.water)\(vectors)") }
    #expect(error?.place == "line \(line)" && error?.reason.contains(reason) == true, "\(error!)")
  }

  @Test(arguments: ["Lattice=\"1 0 0 0 1 0 0 0 1\"", "Properties=species:S:1:pos:R:3"])
  func refusesTwoCells(comment: String) {
    expectRefusal("line 6: lines VEC where", of: "x.xyz") {
      _ = try read("3\n\(comment)\n\(Self.water)VEC1 1 0 0\n")
    }
  }

  @Test(arguments: [
    ("0", [false, false, false]), ("1", [true, true, true]), ("F", [false, false, false]),
    ("[1]", [true, true, true]), ("2", [true, true, true]), ("0.0", [false, false, false]),
    ("[1,0,1]", [true, false, true]),
    ("{T T F}", [true, true, false]), ("\"1.0 0.0 1.0\"", [true, false, true]),
    ("'True FALSE true'", [true, false, true]),
    ("\"_JSON [true, false, true]\"", [true, false, true]),
  ]) func readsPeriodicityInAnyForm(text: String, expected: [Bool]) throws {
    for lattice in ["", "Lattice=\"1 0 0 0 1 0 0 0 1\" "] {
      #expect(try read("0\n\(lattice)pbc=\(text)\n").first?.pbc == expected)
    }
  }

  @Test(arguments: ["\"1 1\"", "\"T T F T\"", "t", "TTT", "\"\"", "nan", "\"nan 0 1\"", "yes"])
  func refusesOtherPeriodicity(text: String) {
    expectRefusal("line 2: pbc") { _ = try read("0\npbc=\(text)\n") }
  }

  private static let cell = "4 0 0 0 4 0 0 0 4"

  /// ASE would read these as molecules, or drop columns.
  @Test(arguments: [
    ("lattice=\"\(cell)\"", "Lattice"), ("LATTICE=\"\(cell)\"", "Lattice"),
    ("Latice=\"\(cell)\"", "Lattice"), ("lattices={\(cell)}", "Lattice"),
    ("lattice=[[4,0,0],[0,4,0],[0,0,4]]", "Lattice"), ("lattice=5.43", "Lattice"),
    ("lattice=\"_JSON [[4, 0, 0], [0, 4, 0], [0, 0, 4]]\"", "Lattice"),
    ("cell=\"\(cell)\"", "Lattice"), ("lattice_vectors=\"\(cell)\"", "Lattice"),
    ("properties=species:S:1:pos:R:3", "Properties"),
    ("Propertis=species:S:1:pos:R:3", "Properties"), ("PBC=\"T T T\"", "pbc"), ("Pbc=T", "pbc"),
  ]) func refusesMisspeltKeys(text: String, meant: String) {
    expectRefusal("did you mean \"\(meant)\"?", of: "x.xyz") {
      _ = try read("1\n\(text) energy=1\nH 0 0 0\n")
    }
  }

  @Test(arguments: [
    "Lattice \"\(cell)\"", "Lattice: \(cell)", "lattice \(cell)",
    "Lattice:\"\(cell)\" Properties=species:S:1:pos:R:3",
  ]) func refusesALatticeWithoutASign(text: String) {
    expectRefusal("has no value: write Lattice=", of: "x.xyz") {
      _ = try read("1\n\(text)\nH 0 0 0\n")
    }
  }

  @Test func readsWholeNumbersAsPositions() throws {
    let frames = try read("1\nProperties=species:S:1:pos:I:3\nH 1 -2 3\n")
    #expect(frames.first?.positions == [1, -2, 3])
    #expect(try read(try XYZWriter.text(frames)) == frames)
  }

  @Test func keepsOtherKeys() throws {
    let text =
      "1\nLattice=\"\(Self.cell)\" lattice=\"\(Self.cell)\" cell=fcc box=3 lattice_constant=5\nH 0 0 0"
    let frame = try #require(try read(text).first)
    #expect(frame.info["lattice"]?.doubles?.count == 9)
    #expect(Array(frame.info.keys) == ["lattice", "cell", "box", "lattice_constant"])
    #expect(try read("1\nlattice=fcc cell=big\nH 0 0 0").first?.lattice == nil)
  }

  @Test(arguments: [
    ("species:S:1:pos:R:3:Z:I:1:numbers:I:1", "O 0 0 0 8 8", ["species"]),
    ("numbers:I:1:Z:I:1:pos:R:3", "8 8 0 0 0", []),
    ("symbols:S:1:pos:R:3:Z:I:1", "O 0 0 0 8", ["species"]),
    ("species:S:1:symbols:S:1:pos:R:3", "O O 0 0 0", []),
    ("species:S:1:pos:R:3:positions:R:3", "O 0 0 0 0 0 0", []),
    ("species:S:1:pos:R:3:\"a b\":R:1", "O 0 0 0 1", ["a b"]),
  ]) func propertiesMayHaveTwoNames(properties: String, line: String, arrays: [String]) throws {
    let frames = try read("1\nProperties=\(properties)\n\(line)\n")
    #expect(frames.first?.numbers == [8] && frames.first?.positions == [0, 0, 0])
    #expect(frames.first.map { Array($0.arrays.keys) } == arrays)
    #expect(try read(try XYZWriter.text(frames)) == frames)
  }

  @Test(arguments: [
    ("species:S:1:pos:R:3:Z:I:1:numbers:I:1", "O 0 0 0 8 7", "\"Z\" and \"numbers\" disagree"),
    ("species:S:1:symbols:S:1:pos:R:3", "O H 0 0 0", "\"species\" and \"symbols\" disagree"),
    ("species:S:1:pos:R:3:positions:R:3", "O 0 0 0 0 0 1", "\"pos\" and \"positions\" disagree"),
  ]) func propertiesOfTwoNamesMustAgree(properties: String, line: String, reason: String) {
    expectRefusal("line 3: the properties \(reason)") {
      _ = try read("1\nProperties=\(properties)\n\(line)\n")
    }
  }

  @Test func refusesCarriageReturnsInside() {
    expectRefusal("line 2: bad comment line") { _ = try read("1\na=1\rb=2\nH 0 0 0\n") }
  }

  /// A number of atoms that the file does not hold takes no memory.
  @Test(arguments: ["1000000000", "9223372036854775807"]) func countsTakeNoMemory(count: String) {
    expectRefusal("after 1 of \(count)") {
      _ = try read(
        "\(count)\nProperties=species:S:1:pos:R:3:a:R:1000\nH 0 0 0"
          + String(repeating: " 1", count: 1000))
    }
  }

  /// Whatever the reader accepts, the writer writes, and it reads back equal.
  @Test(arguments: 0..<8 as Range<UInt64>) func whatIsReadCanBeWritten(seed: UInt64) throws {
    var random = Dice(seed: seed)
    let pieces = [
      "a=1", "a=\"1 2\"", "b=x", "b='x y'", "c={1.5 2}", "d=\"_JSON [1e999]\"", "d=\"_JSON {}\"",
      "e", "e=\"\"", "comment", "uid", "\"f g\"=2", "f\\ g=3", "h=\"_JSON [-1e999]\"",
      "h=\"_JSON [\\\"x\\\"]\"",
      "i=\"_JSON \\\"a\\u000db\\\"\"", "comment=5", "uid=0012", "j=\u{2028}", "\u{2028}k=1",
      "l=nan",
      "l=\"inf -inf\"", "pbc=0", "pbc=\"T F T\"", "Lattice=\"1 0 0 0 1 0 0 0 1\"", "m=\"_JSON []\"",
      "n=\u{A0}", "o=\"\u{B}\"", "p=_JSON", "q=\"_JSON \"", "r=\"_JSON [-0]\"", "s=\"a\\\\\"",
      "t=b=c",
      "u=1D5", "v=\"T T\"", "w=\"_JSON [true]\"", "x=99999999999999999999", "y=\u{85}", "é=😀",
      "z=\"_JSON [1, 2.5]\"", "=5", "aa=-0", "bb=\"-0 1\"",
    ]
    let columns = [
      ("species:S:1", ["O", "h", "Cu_a", "8", "X"]), ("symbols:S:1", ["O", "H"]),
      ("Z:I:1", ["8", "1", "0"]), ("numbers:I:1", ["8", "1"]),
      ("a:R:1", ["1", "inf", "-0", "1e-320"]),
      ("b:I:1", ["-5", "7"]), ("c:S:1", ["\u{A0}", "x", "T", "1"]), ("d:L:1", ["T", "False"]),
      ("e f:R:1", ["2"]), ("\u{2028}:S:1", ["y"]), ("\"g:S:1", ["y"]), ("pbc:L:1", ["T"]),
      ("positions:R:3", ["0 0 0", "1 2 3"]), ("\u{C}:I:1", ["1"]),
    ]
    var (accepted, refused) = (0, 0)
    for _ in 0..<1500 {
      var chosen = columns.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
      chosen.insert(
        ("pos:R:3", ["0 0 0", "1 2 3"]), at: Int.random(in: 0...chosen.count, using: &random))
      var parts = pieces.filter { _ in Int.random(in: 0..<6, using: &random) == 0 }
      let properties = chosen.map(\.0).joined(separator: ":").replacing("\"", with: "\\\"")
      parts.append("Properties=\"\(properties)\"")
      parts.shuffle(using: &random)
      let count = Int.random(in: 0...2, using: &random)
      var text = "\(count)\n\(parts.joined(separator: " "))\n"
      for _ in 0..<count {
        text += chosen.map { $0.1.randomElement(using: &random)! }.joined(separator: " ") + "\n"
      }
      let frames: [XYZFrame]
      do {
        frames = try read(text)
      } catch {
        refused += 1
        continue
      }
      accepted += 1
      let written = try XYZWriter.text(frames)
      let again = try read(written)
      // Not a number is unequal to itself; its description is equal.
      #expect("\(again)" == "\(frames)", "\(text)\(written)")
    }
    #expect(accepted > 100 && refused > 100, "\(accepted) \(refused)")
  }
}
