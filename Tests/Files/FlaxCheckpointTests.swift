import E3xFiles
import Foundation
import OrderedCollections
import Testing

@Suite struct FlaxCheckpointTests {
  @Test func readsWhatFlaxWrites() throws {
    let arrays = try FlaxCheckpoint.arrays(data: try checkpoint("model.msgpack"))
    let expected: OrderedDictionary<String, SafetensorsTensor> = [
      "params/query/0+/kernel": kernelTensor,
      "params/query/0+/bias": SafetensorsTensor([1.5, -2] as [Float], shape: [2]),
      "params/gamma": SafetensorsTensor([3.25] as [Double], shape: []),
      "params/half": halfTensor,
      "params/brain": SafetensorsTensor(
        dtype: .bf16, shape: [2], bytes: Data([0xC0, 0x3F, 0x00, 0xC0])),
      "params/empty": SafetensorsTensor([] as [Float], shape: [0, 4]),
      "params/long": SafetensorsTensor((0..<70).map { Int64($0 - 1) }, shape: [70]),
      "params/mask": SafetensorsTensor([true, false, true], shape: [3]),
      "step": SafetensorsTensor([70_000] as [Int64], shape: []),
      "rate": SafetensorsTensor([0.25] as [Double], shape: []),
      "done": SafetensorsTensor([false], shape: []),
    ]
    #expect(arrays == expected)
    #expect(try arrays["params/brain"]?.floats() == [1.5, -2])
  }

  @Test func readsChunks() throws {
    let arrays = try FlaxCheckpoint.arrays(data: try checkpoint("chunked.msgpack"))
    #expect(
      arrays == [
        "params/kernel": kernelTensor,
        "params/bias": SafetensorsTensor([1, 2] as [Double], shape: [2]),
      ])
  }

  /// Flax's file, read and written, has the same bytes.
  @Test func writesTheBytesOfFlax() throws {
    let chunked = try checkpoint("chunked.msgpack")
    let arrays = try FlaxCheckpoint.arrays(data: chunked)
    #expect(try FlaxCheckpoint.serialized(arrays, chunkLimit: 16) == chunked)
    // Scalars of Python and NumPy, None and empty maps have no place in arrays by path.
    let model = try checkpoint("model.msgpack")
    var parsed = try MessagePack(parsing: model)
    #expect(parsed.serialized() == model)
    guard case .map(var root) = parsed, case .map(var params)? = root["params"] else {
      Issue.record("no map")
      return
    }
    params["gamma"] = nil
    params["nothing"] = nil
    root = ["params": .map(params)]
    parsed = .map(root)
    let tree = try FlaxCheckpoint.arrays(data: parsed.serialized())
    #expect(try FlaxCheckpoint.serialized(tree) == parsed.serialized())
  }

  @Test func keepsTheOrderAndGroupsMaps() throws {
    let scalar = SafetensorsTensor([1] as [Float], shape: [])
    let data = try FlaxCheckpoint.serialized(["b/x": scalar, "a": scalar, "b/w": scalar])
    #expect(try FlaxCheckpoint.arrays(data: data).keys == ["b/x", "b/w", "a"])
    #expect(try FlaxCheckpoint.arrays(data: FlaxCheckpoint.serialized([:])) == [:])
  }

  @Test(arguments: [["a//b"], ["/a"], ["a/"], [""], ["a", "a/b"], ["a/b", "a"]])
  func refusesPathsThatFormNoTree(paths: [String]) {
    let scalar = SafetensorsTensor([1] as [Float], shape: [])
    #expect(throws: FileError.self) {
      try FlaxCheckpoint.serialized(
        OrderedDictionary(uniqueKeysWithValues: paths.map { ($0, scalar) }))
    }
  }

  @Test(arguments: [
    0, 1, -1, 127, 128, 255, 256, -32, -33, -128, -129, 65535, 65536, -32768,
    -32769, 1 << 31, 1 << 32, -1 << 31, -1 << 31 - 1, .max, .min,
  ])
  func keepsIntegers(value: Int) throws {
    let data = MessagePack.integer(value).serialized()
    #expect(try MessagePack(parsing: data) == .integer(value))
  }

  @Test(arguments: [0, 1, 2, 3, 4, 8, 15, 16, 31, 32, 255, 256, 65535, 65536])
  func keepsLengths(count: Int) throws {
    let values: [MessagePack] = [
      .string(String(repeating: "a", count: count)), .binary(Data(count: count)),
      .array([MessagePack](repeating: .null, count: count)),
      .extended(type: -3, payload: Data(count: count)),
      .map(OrderedDictionary(uniqueKeysWithValues: (0..<count).map { (String($0), .bool(true)) })),
    ]
    for value in values { #expect(try MessagePack(parsing: value.serialized()) == value) }
  }
}

@Suite struct FlaxMalformedTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var bytes: [UInt8]
    var reason: String
    var testDescription: String { reason }
  }

  /// A tree with one array "a": a list of shape, type and bytes.
  private static func tree(_ parts: [MessagePack]) -> [UInt8] {
    let payload = MessagePack.array(parts).serialized()
    return [UInt8](MessagePack.map(["a": .extended(type: 1, payload: payload)]).serialized())
  }

  private static func chunked(
    shape: OrderedDictionary<String, MessagePack>, chunks: OrderedDictionary<String, MessagePack>
  ) -> [UInt8] {
    let array = MessagePack.map([
      "__msgpack_chunked_array__": .bool(true), "shape": .map(shape), "chunks": .map(chunks),
    ])
    return [UInt8](MessagePack.map(["a": array]).serialized())
  }

  static let cases: [Case] = [
    Case(bytes: [], reason: "truncated"),
    Case(bytes: [0xC1], reason: "0xc1 begins no value"),
    Case(bytes: [0x90], reason: "a list instead of a tree"),
    Case(bytes: [0x80, 0x00], reason: "1 bytes follow"),
    Case(bytes: [0xDF, 0xFF, 0xFF, 0xFF, 0xFF], reason: "4294967295 items are promised"),
    Case(bytes: [0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0], reason: "4294967295 items are promised"),
    Case(bytes: [0xC6, 0xFF, 0xFF, 0xFF, 0xFF, 0], reason: "4294967295 bytes are promised"),
    Case(bytes: [0xCF] + [UInt8](repeating: 0xFF, count: 8), reason: "an integer instead of"),
    Case(bytes: [0x81, 0xA1, 0x61], reason: "truncated"),
    Case(bytes: [0x81, 0xC0, 0x02], reason: "nil where a key was expected"),
    Case(bytes: [0x82, 0x01, 0x02, 0xA1, 0x31, 0x02], reason: "\"1\" occurs twice"),
    Case(bytes: [0x82, 0xA1, 0x61, 0x01, 0xA1, 0x61, 0x01], reason: "\"a\" occurs twice"),
    Case(bytes: [0x81, 0xA1, 0xFF, 0x01], reason: "UTF-8"),
    Case(bytes: [0x81, 0xA0, 0x01], reason: "cannot be part of a path"),
    Case(bytes: [0x81, 0xA1, 0x2F, 0x01], reason: "cannot be part of a path"),
    Case(bytes: [0x81, 0xA1, 0x61, 0xA0], reason: "text instead of an array"),
    Case(bytes: [0x81, 0xA1, 0x61, 0xD4, 5, 0], reason: "extension type 5 instead of an array"),
    Case(bytes: [0x81, 0xA1, 0x61, 0xD4, 2, 0], reason: "a complex number instead of an array"),
    Case(bytes: [UInt8](repeating: 0x91, count: 100_000), reason: "nested deeper"),
    Case(
      bytes: [UInt8](([[UInt8]](repeating: [0x81, 0xA1, 0x61], count: 100_000)).joined()),
      reason: "nested deeper"),
    Case(bytes: tree([]), reason: "expected a list of shape"),
    Case(
      bytes: tree([.array([.integer(-1)]), .string("float32"), .binary(Data())]),
      reason: "no extent"),
    Case(
      bytes: tree([.array([.integer(2)]), .string("float32"), .binary(Data(count: 4))]),
      reason: "takes 8 bytes, but there are 4"),
    Case(
      bytes: tree([
        .array([.integer(1 << 62), .integer(4)]), .string("float32"), .binary(Data()),
      ]), reason: "has no size"),
    Case(
      bytes: tree([.array([]), .string("complex64"), .binary(Data(count: 8))]),
      reason: "\"complex64\" is not supported"),
    Case(bytes: chunked(shape: [:], chunks: [:]), reason: "has no chunk"),
    Case(bytes: chunked(shape: ["1": .integer(2)], chunks: [:]), reason: "part 0 of 1 is missing"),
    Case(bytes: chunked(shape: [:], chunks: ["0": .integer(2)]), reason: "a chunk is an integer"),
  ]

  @Test(arguments: cases) func saysWhatIsWrong(_ malformed: Case) {
    let error = #expect(throws: FileError.self) {
      try FlaxCheckpoint.arrays(data: Data(malformed.bytes), name: "x.msgpack")
    }
    let text = error?.description ?? ""
    #expect(text.contains(malformed.reason), "\(text)")
    #expect(text.hasPrefix("x.msgpack: ") && error?.place.isEmpty == false)
  }

  @Test func refusesEveryTruncation() throws {
    for name in ["model.msgpack", "chunked.msgpack"] {
      let data = try checkpoint(name)
      for count in 0..<data.count {
        #expect(throws: FileError.self) { try FlaxCheckpoint.arrays(data: data.prefix(count)) }
      }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>) func survivesMutations(seed: UInt64) throws {
    for name in ["model.msgpack", "chunked.msgpack"] {
      survivesMutationsOf(try checkpoint(name), seed: seed, rounds: 3000) { data in
        for tensor in try FlaxCheckpoint.arrays(data: data).values where tensor.dtype != .bool {
          _ = try tensor.doubles()
        }
      }
    }
  }
}
