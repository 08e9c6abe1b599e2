import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// A frame with a value of every kind, and those that are hard to write.
let everything = XYZFrame(
  numbers: [1, 118, 0],
  positions: [
    0.1, 1.0 / 3, -0.0, 1e-300, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1, 2, 3,
  ],
  lattice: [1, 0, 0.1, 0, 2, 0, 0, 0, 3], pbc: [true, false, true],
  info: [
    "energy": .real(-309.76837415866487), "whole": .real(2), "big": .real(1e22),
    "n": .integer(-5), "yes": .bool(true), "text": .string("some words, \"quoted\" = 'so' \\ {}"),
    "empty": .string(""), "numeric": .string("12"), "truthful": .string("T"),
    "lines": .string("a\nb"), "accent": .string("é 😀"), "json": .string("_JSON {\"a\": [1]}"),
    "ints": .integers([1, 2]), "one": .integers([1]), "none": .integers([]),
    "reals": .reals([1, 2.5]), "onereal": .reals([0.1]), "bools": .bools([true, false]),
    "onebool": .bools([false]), "strings": .strings(["a b", "c"]), "infinite": .real(.infinity),
    "comment": .string("5"), "uid": .string("0012"),
  ],
  arrays: [
    "forces": XYZColumn(.reals([0.1, 0.2, 0.3, 1, 2, 3, -1, -2, -3]), width: 3),
    "tag": XYZColumn(.integers([1, -2, 3])), "fix": XYZColumn(.bools([true, false, true])),
    "label": XYZColumn(.strings(["a", "b", "c", "d", "e", "f"]), width: 2),
  ])

@Suite struct ExtendedXYZWriterTests {
  @Test func roundTripsEverything() throws {
    let text = try XYZWriter.text([everything, everything])
    var reader = XYZReader(data: Data(text.utf8))
    let frames = try reader.frames()
    #expect(frames.count == 2)
    for frame in frames {
      for (key, value) in everything.info { #expect(frame.info[key] == value, "\(key)") }
      #expect(frame == everything)
      #expect(frame.positions[2].sign == .minus)
    }
  }

  @Test func roundTripsRandomDoubles() throws {
    var random = Dice(seed: 7)
    var values: [Double] = []
    while values.count < 3000 {
      let value = Double(bitPattern: random.next())
      if value.isFinite { values.append(value) }
      values.append(Double(Int.random(in: -9_999_999...9_999_999, using: &random)) / 1e6)
    }
    values = Array(values.prefix(3000))
    let frame = XYZFrame(numbers: [Int32](repeating: 1, count: 1000), positions: values)
    var reader = XYZReader(data: Data(try XYZWriter.text([frame]).utf8))
    #expect(try reader.next()?.positions.map(\.bitPattern) == values.map(\.bitPattern))
  }

  /// Swift's own conversion is the reference for the fast one.
  @Test func parsesDecimalsExactly() {
    var random = Dice(seed: 11)
    for digits in 1...18 {
      for _ in 0..<200 {
        var text = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
        let point = Int.random(in: 0...digits, using: &random)
        text.insert(".", at: text.index(text.startIndex, offsetBy: point))
        if Bool.random(using: &random) { text = "-" + text }
        let expected = Double(text.hasSuffix(".") ? String(text.dropLast()) : text)
        #expect(DecimalParsing.real(text)?.bitPattern == expected?.bitPattern, "\(text)")
      }
    }
    for text in ["", ".", "-", "+-1", "1e", "e5", "1 2", "0x1", "nan(1)", "--1", "1.2.3", "infd"] {
      #expect(DecimalParsing.real(text) == nil, "\(text)")
    }
  }

  @Test func writesFiles() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).xyz").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try XYZWriter.write([everything], to: path)
    #expect(try XYZReader.read(path) == [everything])
    let writer = try XYZWriter(path: path)
    for _ in 0..<3 { try writer.append(everything) }
    #expect(try XYZReader.read(path) == [everything, everything, everything])
    let error = #expect(throws: FileError.self) { try XYZReader.read(path + ".none") }
    #expect(error?.reason.contains("no such file") == true)
  }

  /// Longer than the pieces in which files are read.
  @Test func readsFilesInPieces() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).xyz").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    var frames: [XYZFrame] = []
    for index in 0..<3000 {
      var frame = everything
      frame.info["index"] = .integer(index)
      frames.append(frame)
    }
    try XYZWriter.write(frames, to: path)
    #expect(try XYZReader.read(path) == frames)
  }

  static let unwritable: [(String, @Sendable (inout XYZFrame) -> Void)] = [
    ("positions", { $0.positions.removeLast() }), ("numbers", { $0.numbers[0] = 119 }),
    ("lattice", { $0.lattice = [1] }), ("pbc", { $0.pbc = [] }),
    ("reserved key", { $0.info["pbc"] = .bool(true) }),
    ("reserved column", { $0.arrays["Z"] = XYZColumn(.integers([1, 2, 3])) }),
    ("column name", { $0.arrays["a:b"] = XYZColumn(.integers([1, 2, 3])) }),
    ("column length", { $0.arrays["a"] = XYZColumn(.integers([1, 2])) }),
    ("column width", { $0.arrays["a"] = XYZColumn(.integers([]), width: 0) }),
    ("column text", { $0.arrays["a"] = XYZColumn(.strings(["a", "b c", ""])) }),
    ("key", { $0.info["a\nb"] = .bool(true) }),
  ]

  @Test(arguments: unwritable.indices) func refusesWhatCannotBeRead(index: Int) {
    var frame = everything
    Self.unwritable[index].1(&frame)
    let error = #expect(throws: FileError.self, "\(Self.unwritable[index].0)") {
      try XYZWriter.text([everything, frame])
    }
    #expect(error?.place == "frame 2")
  }

  @Test func knowsTheElements() {
    #expect(ChemicalElements.symbols.count == 119)
    for (symbol, number) in [
      ("X", 0), ("H", 1), ("C", 6), ("Ar", 18), ("Fe", 26), ("Xe", 54), ("La", 57), ("Lu", 71),
      ("Au", 79), ("Rn", 86), ("Lr", 103), ("Og", 118), ("cl", 17), ("CL", 17),
    ] as [(String, Int32)] {
      #expect(ChemicalElements.number(of: symbol) == number)
    }
    #expect(ChemicalElements.symbol(of: 29) == "Cu")
    #expect(ChemicalElements.symbol(of: 119) == nil)
    #expect(ChemicalElements.symbol(of: -1) == nil)
    #expect(ChemicalElements.number(of: "") == nil)
  }
}
