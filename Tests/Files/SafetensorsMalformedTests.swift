import E3xFiles
import Foundation
import TestSupport
import Testing

/// A file with this header and so many bytes of data.
private func file(_ header: String, data: Int) -> Data {
  let bytes = [UInt8](header.utf8)
  var result = withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { Data($0) }
  result.append(contentsOf: bytes)
  result.append(Data(count: data))
  return result
}

private func entry(_ name: String, _ dtype: String, _ shape: String, _ offsets: String) -> String {
  "\"\(name)\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
}

@Suite struct SafetensorsMalformedTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var header: String
    var data: Int
    var reason: String
    var testDescription: String { reason + ": " + header.prefix(60) }
  }

  static let cases: [Case] = [
    Case(header: "", data: 0, reason: "does not begin"),
    Case(header: "\u{FEFF}{}", data: 0, reason: "does not begin"),
    Case(header: "{\(entry("a", "F32", "[-0]", "[0,0]"))}", data: 0, reason: "whole numbers"),
    Case(header: "{\"__metadata__\":{\"a\":null}}", data: 0, reason: "not a string"),
    Case(header: "{\"a\":null}", data: 0, reason: "is not a JSON object"),
    Case(header: "{\(entry("a", "F4", "[3]", "[0,2]"))}", data: 2, reason: "whole number of bytes"),
    Case(header: "{", data: 0, reason: "expected '\"'"),
    Case(header: "{} x", data: 0, reason: "unexpected text"),
    Case(header: "{\"a\":1}", data: 0, reason: "is not a JSON object"),
    Case(header: "{\"a\":{}}", data: 0, reason: "dtype"),
    Case(header: "{\"a\":{\"dtype\":\"F32\"}}", data: 0, reason: "shape"),
    Case(header: "{\(entry("a", "F31", "[1]", "[0,4]"))}", data: 4, reason: "\"F31\""),
    Case(header: "{\(entry("a", "F32", "[-1]", "[0,4]"))}", data: 4, reason: "whole numbers"),
    Case(header: "{\(entry("a", "F32", "[1.0]", "[0,4]"))}", data: 4, reason: "whole numbers"),
    Case(header: "{\(entry("a", "F32", "[01]", "[0,4]"))}", data: 4, reason: "begins with zero"),
    Case(header: "{\(entry("a", "F32", "[1]", "[0]"))}", data: 4, reason: "two whole"),
    Case(header: "{\(entry("a", "F32", "[1]", "[4,0]"))}", data: 4, reason: "ends before"),
    Case(header: "{\(entry("a", "F32", "[2]", "[0,4]"))}", data: 4, reason: "takes 8 bytes"),
    Case(header: "{\(entry("a", "F32", "[1]", "[0,4]"))}", data: 3, reason: "truncated"),
    Case(header: "{\(entry("a", "F32", "[1]", "[0,4]"))}", data: 5, reason: "belong to none"),
    Case(header: "{}", data: 1, reason: "belong to none"),
    Case(header: "{\(entry("a", "F32", "[1]", "[4,8]"))}", data: 8, reason: "ends at 0"),
    Case(
      header: "{\(entry("a", "F32", "[4611686018427387904,4]", "[0,4]"))}", data: 4,
      reason: "overflows"),
    Case(
      header: "{\(entry("a", "F32", "[4]", "[9223372036854775800,9223372036854775807]"))}",
      data: 4, reason: "takes 16 bytes"),
    Case(
      header: "{\(entry("a", "F32", "[99999999999999999999]", "[0,4]"))}", data: 4,
      reason: "whole numbers"),
    Case(
      header: "{\(entry("a", "F32", "[1]", "[0,4]")),\(entry("a", "F32", "[1]", "[4,8]"))}",
      data: 8, reason: "\"a\" occurs twice"),
    Case(
      header: "{\(entry("a", "F32", "[2]", "[0,8]")),\(entry("b", "F32", "[1]", "[4,8]"))}",
      data: 8, reason: "inside another"),
    Case(
      header: "{\(entry("a", "F32", "[1]", "[8,12]")),\(entry("b", "F32", "[1]", "[0,4]"))}",
      data: 12, reason: "the one before ends at 4"),
    Case(header: "{\"__metadata__\":[]}", data: 0, reason: "__metadata__"),
    Case(header: "{\"__metadata__\":{\"a\":1}}", data: 0, reason: "not a string"),
    Case(header: "{\"a\":\"\\ud800\"}", data: 0, reason: "surrogate"),
    Case(header: "{\"a\":\"\\x\"}", data: 0, reason: "unknown escape"),
    Case(header: "{\"a\":\"\n\"}", data: 0, reason: "control character"),
    Case(header: "{\"a\":tru}", data: 0, reason: "'true'"),
    Case(header: "{\"a\":-}", data: 0, reason: "expected a value"),
    Case(
      header: "{\"a\":" + String(repeating: "[", count: 100_000), data: 0, reason: "nested deeper"),
    Case(
      header: "{\"a\":" + String(repeating: "{\"a\":", count: 100_000), data: 0,
      reason: "nested deeper"),
  ]

  @Test(arguments: cases) func saysWhatIsWrong(_ malformed: Case) {
    let error = #expect(throws: FileError.self) {
      try SafetensorsFile(data: file(malformed.header, data: malformed.data), name: "x.st")
    }
    let text = error?.description ?? ""
    #expect(text.contains(malformed.reason), "\(text)")
    #expect(text.hasPrefix("x.st: "))
  }

  @Test func acceptsWhatTheFormatAllows() throws {
    let reversed =
      "{\(entry("a", "F32", "[1]", "[8,12]")),\(entry("b", "F64", "[1]", "[0,8]"))}   "
    #expect(try SafetensorsFile(data: file(reversed, data: 12)).names == ["a", "b"])
    let empty = "{\(entry("a", "F32", "[0]", "[4,4]")),\(entry("b", "F32", "[1]", "[0,4]"))}"
    #expect(try SafetensorsFile(data: file(empty, data: 4)).tensor("a").floats() == [])
    #expect(try SafetensorsFile(data: file("{}", data: 0)).names == [])
    let escaped = "{\"__metadata__\":{\"\\u00e9\\ud83d\\ude00\":\"\\/\\b\"}}"
    let metadata = try SafetensorsFile(data: file(escaped, data: 0)).metadata
    #expect(metadata == ["é😀": "/\u{8}"])
  }

  @Test func refusesTextThatIsNotUTF8() {
    var data = file("{\"ab\":{}}", data: 0)
    data[10] = 0xFF
    let error = #expect(throws: FileError.self) { try SafetensorsFile(data: data) }
    #expect(error?.reason.contains("UTF-8") == true)
  }

  @Test(arguments: [UInt64.max, 1 << 63, 100_000_001, 441])
  func refusesAHeaderBeyondTheFile(length: UInt64) {
    var data = golden.prefix(440)
    withUnsafeBytes(of: length.littleEndian) { data.replaceSubrange(0..<8, with: $0) }
    #expect(throws: FileError.self) { try SafetensorsFile(data: data) }
  }

  @Test func refusesEveryTruncation() {
    for count in 0..<golden.count {
      #expect(throws: FileError.self) { try SafetensorsFile(data: golden.prefix(count)) }
    }
  }

  /// Whatever bytes change, reading ends with tensors that convert or with a `FileError`.
  @Test(arguments: 0..<8 as Range<UInt64>) func survivesMutations(seed: UInt64) {
    var random = Dice(seed: seed)
    var parsed = 0
    var refused = 0
    for _ in 0..<3000 {
      var data = golden
      for _ in 0..<Int.random(in: 1...4, using: &random) { mutate(&data, using: &random) }
      do throws(FileError) {
        let file = try SafetensorsFile(data: data)
        for name in file.names {
          let tensor = try file.tensor(name)
          if tensor.dtype == .bool { _ = try tensor.bools() } else { _ = try tensor.doubles() }
        }
        parsed += 1
      } catch {
        #expect(!error.reason.isEmpty)
        refused += 1
      }
    }
    #expect(parsed > 0 && refused > 0)
  }
}

/// Changes, inserts, removes or repeats a few bytes.
func mutate(_ data: inout Data, using random: inout Dice) {
  guard !data.isEmpty else { return }
  let index = Int.random(in: 0..<data.count, using: &random)
  switch Int.random(in: 0..<5, using: &random) {
  case 0: data[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
  case 1: data[index] = UInt8.random(in: .min ... .max, using: &random)
  case 2: data.insert(UInt8.random(in: 0x20..<0x7F, using: &random), at: index)
  case 3: data.remove(at: index)
  default:
    let end = min(data.count, index + Int.random(in: 1..<20, using: &random))
    data.insert(contentsOf: Data(data[index..<end]), at: index)
  }
}
