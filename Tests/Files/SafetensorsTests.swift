import E3xFiles
import Foundation
import Testing

/// `safetensors.numpy.save` 0.8.0 of: b/kernel F32 [2, 3] = i - 0.5; a F64 scalar 3.25;
/// i I32 [-1, 2]; mask BOOL [1, 0, 1]; h F16 [1.5, -2]; e I64 [0, 4]; and U8 [7] under a name with
/// an accent, a line feed and a quote; metadata format = `e3x "1"` and a line feed.
let goldenBase64 = """
  uAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJlM3ggXCIxXCJcbiJ9LCJlIjp7ImR0eXBlIjoiSTY0Iiwic2\
  hhcGUiOlswLDRdLCJkYXRhX29mZnNldHMiOlswLDBdfSwiYSI6eyJkdHlwZSI6IkY2NCIsInNoYXBlIjpbXSwiZGF0YV9v\
  ZmZzZXRzIjpbMCw4XX0sImIva2VybmVsIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOl\
  s4LDMyXX0sImkiOnsiZHR5cGUiOiJJMzIiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlszMiw0MF19LCJoIjp7ImR0\
  eXBlIjoiRjE2Iiwic2hhcGUiOlsyXSwiZGF0YV9vZmZzZXRzIjpbNDAsNDRdfSwiw6lcblwiIjp7ImR0eXBlIjoiVTgiLC\
  JzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOls0NCw0NV19LCJtYXNrIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbM10s\
  ImRhdGFfb2Zmc2V0cyI6WzQ1LDQ4XX19IAAAAAAAAApAAAAAvwAAAD8AAMA/AAAgQAAAYEAAAJBA/////wIAAAAAPgDABw\
  EAAQ==
  """

let golden = Data(base64Encoded: goldenBase64) ?? Data()

let goldenTensors: [String: SafetensorsTensor] = [
  "b/kernel": SafetensorsTensor([-0.5, 0.5, 1.5, 2.5, 3.5, 4.5] as [Float], shape: [2, 3]),
  "a": SafetensorsTensor([3.25] as [Double], shape: []),
  "i": SafetensorsTensor([-1, 2] as [Int32], shape: [2]),
  "mask": SafetensorsTensor([true, false, true], shape: [3]),
  "h": SafetensorsTensor(dtype: .f16, shape: [2], bytes: Data([0x00, 0x3E, 0x00, 0xC0])),
  "e": SafetensorsTensor([] as [Int64], shape: [0, 4]),
  "é\n\"": SafetensorsTensor(dtype: .u8, shape: [1], bytes: Data([7])),
]

@Suite struct SafetensorsTests {
  @Test func readsTheReferenceImplementation() throws {
    let file = try SafetensorsFile(data: golden)
    #expect(file.names == ["e", "a", "b/kernel", "i", "h", "é\n\"", "mask"])
    #expect(file.metadata == ["format": "e3x \"1\"\n"])
    for (name, expected) in goldenTensors { #expect(file[name] == expected) }
    #expect(try file.tensor("b/kernel").floats() == [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5])
    #expect(try file.tensor("a").doubles() == [3.25])
    #expect(try file.tensor("i").int32s() == [-1, 2])
    #expect(try file.tensor("h").floats() == [1.5, -2])
    #expect(try file.tensor("mask").bools() == [true, false, true])
    #expect(try file.tensor("e").int64s() == [])
    #expect(file["absent"] == nil)
    let error = #expect(throws: FileError.self) { try file.tensor("absent") }
    #expect(error?.description.contains("b/kernel") == true)
  }

  @Test func writesTheBytesOfTheReferenceImplementation() throws {
    let metadata = ["format": "e3x \"1\"\n"]
    #expect(try SafetensorsFile.serialized(goldenTensors, metadata: metadata) == golden)
  }

  /// A slice does not begin at index 0, and its bytes need not be aligned.
  @Test func readsASliceOfAnyAlignment() throws {
    for offset in 0..<9 {
      let slice = (Data(repeating: 1, count: offset) + golden)[offset...]
      let file = try SafetensorsFile(data: slice)
      #expect(try file.tensor("a").doubles() == [3.25])
      #expect(try file.tensor("b/kernel").doubles() == [-0.5, 0.5, 1.5, 2.5, 3.5, 4.5])
    }
  }

  @Test(arguments: SafetensorsDType.allCases)
  func convertsEveryType(dtype: SafetensorsDType) throws {
    // One, in the representation of each type.
    let one: [UInt8] =
      switch dtype {
      case .f16: [0x00, 0x3C]
      case .bf16: [0x80, 0x3F]
      case .f32: [0, 0, 0x80, 0x3F]
      case .f64: [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
      default: [1] + [UInt8](repeating: 0, count: dtype.size - 1)
      }
    let zero = [UInt8](repeating: 0, count: dtype.size)
    let tensor = SafetensorsTensor(dtype: dtype, shape: [3, 1], bytes: Data(one + zero + one))
    let isReal = [.f16, .bf16, .f32, .f64].contains(dtype)
    if dtype == .bool {
      #expect(try tensor.bools() == [true, false, true])
      #expect(throws: FileError.self) { try tensor.doubles() }
      #expect(throws: FileError.self) { try tensor.floats() }
    } else {
      #expect(try tensor.floats() == [1, 0, 1])
      #expect(try tensor.doubles() == [1, 0, 1])
      #expect(throws: FileError.self) { try tensor.bools() }
    }
    if isReal || dtype == .bool {
      #expect(throws: FileError.self) { try tensor.int32s() }
    } else {
      #expect(try tensor.int32s() == [1, 0, 1])
      #expect(try tensor.int64s() == [1, 0, 1])
    }
    let data = try SafetensorsFile.serialized(["x": tensor])
    #expect(try SafetensorsFile(data: data)["x"] == tensor)
  }

  @Test func refusesIntegersThatDoNotFit() throws {
    let tensor = SafetensorsTensor([Int64(Int32.max) + 1], shape: [1])
    #expect(throws: FileError.self) { try tensor.int32s() }
    #expect(try tensor.int64s() == [2_147_483_648])
    let unsigned = SafetensorsTensor(
      dtype: .u64, shape: [1], bytes: Data(repeating: 0xFF, count: 8))
    #expect(throws: FileError.self) { try unsigned.int64s() }
    #expect(try unsigned.doubles() == [0x1p64])
  }

  #if !(os(macOS) && arch(x86_64))
    @Test func widensEveryHalf() {
      for bits in UInt16.min...UInt16.max {
        let expected = Float(Float16(bitPattern: bits))
        let value = HalfPrecision.float(binary16: bits)
        if expected.isNaN {
          #expect(value.isNaN)
        } else if value.bitPattern != expected.bitPattern {
          Issue.record("\(bits): \(value), expected \(expected)")
        }
      }
    }
  #endif

  @Test func writesAndReadsFiles() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "model.safetensors").path
    for value in [1.0, 2.0] {
      let tensor = SafetensorsTensor([value], shape: [1])
      try SafetensorsFile.write(["x": tensor], metadata: ["a": "b"], to: path)
      let file = try SafetensorsFile(contentsOf: path)
      #expect(try file.tensor("x").doubles() == [value])
      #expect(file.metadata == ["a": "b"])
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(left == ["model.safetensors"])
    let missing = folder.appending(path: "none/model.safetensors").path
    let write = #expect(throws: FileError.self) { try SafetensorsFile.write([:], to: missing) }
    #expect(write?.file == missing)
    let read = #expect(throws: FileError.self) { try SafetensorsFile(contentsOf: missing) }
    #expect(read?.description.contains("no such file") == true, "\(String(describing: read))")
    #expect(throws: FileError.self) { try SafetensorsFile(contentsOf: folder.path) }
  }

  @Test func refusesToWriteWhatCannotBeRead() {
    let short = SafetensorsTensor([1, 2] as [Float], shape: [3])
    #expect(throws: FileError.self) { try SafetensorsFile.serialized(["x": short]) }
    #expect(throws: FileError.self) { try short.floats() }
    let negative = SafetensorsTensor([] as [Float], shape: [-1])
    #expect(throws: FileError.self) { try SafetensorsFile.serialized(["x": negative]) }
    let fine = SafetensorsTensor([1] as [Float], shape: [])
    #expect(throws: FileError.self) { try SafetensorsFile.serialized(["__metadata__": fine]) }
  }
}
