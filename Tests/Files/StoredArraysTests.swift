import E3xFiles
import Foundation
import OrderedCollections
import Testing

/// What is needed is selected before the rest is judged.
@Suite struct StoredArraysTests {
  /// An array as Flax packs it.
  private static func packed(
    _ type: MessagePack, shape: [Int] = [2], bytes: Data = Data([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0]),
    code: Int8 = 1
  ) -> MessagePack {
    let parts = MessagePack.array([.array(shape.map(MessagePack.integer)), type, .binary(bytes)])
    return .extended(type: code, payload: parts.serialized())
  }

  private static let good = packed(.string("float32"))
  private static let expected = SafetensorsTensor([1, -2] as [Float], shape: [2])

  private static func contents(
    _ leaf: MessagePack, key: String = "x"
  ) throws -> StoredArrays {
    let tree: MessagePack = .map(["params": .map(["k": good]), "state": .map([key: leaf])])
    return try FlaxCheckpoint.contents(data: tree.serialized(), name: "c.msgpack")
  }

  @Test(arguments: [
    (MessagePack.string("adam"), "text instead of an array"),
    (.binary(Data([1])), "bytes instead of an array"),
    (.extended(type: 2, payload: Data([0x92, 0, 1])), "a complex number instead of an array"),
    (.extended(type: 9, payload: Data([1])), "extension type 9 instead of an array"),
    (packed(.string("complex64")), "\"complex64\" is not supported"),
    (packed(.string("object")), "\"object\" is not supported"),
    (packed(.string("<U2")), "\"<U2\" is not supported"),
    (packed(.string("V4")), "\"V4\" is not supported"),
    (packed(.integer(3)), "expected a list of shape, element type and bytes"),
    (packed(.string("float32"), shape: [3]), "takes 12 bytes, but there are 8"),
    (packed(.string("float32"), shape: [1 << 62, 1 << 62]), "has no size"),
    (packed(.string("float32"), shape: [-2]), "no extent"),
    (.extended(type: 1, payload: Data([0x93])), "truncated"),
  ]) func oddLeavesAreLeftOut(leaf: MessagePack, reason: String) throws {
    let contents = try Self.contents(leaf)
    #expect(contents.arrays == ["params/k": Self.expected])
    let error = try #require(contents.others["state/x"])
    #expect(error.description.contains(reason), "\(error)")
    #expect(error.description.hasPrefix("c.msgpack: tensor \"state/x\": "))
    #expect(throws: error) { try contents.onlyArrays() }
  }

  @Test(arguments: ["", "a/b"]) func oddKeysAreLeftOut(key: String) throws {
    let contents = try Self.contents(Self.good, key: key)
    #expect(contents.arrays == ["params/k": Self.expected])
    #expect(contents.others.count == 1)
  }

  @Test(arguments: [
    ("float32", SafetensorsDType.f32, false), ("<f4", .f32, false), (">f4", .f32, true),
    ("=f4", .f32, false), ("|f4", .f32, false), ("f4", .f32, false), ("f", .f32, false),
    ("single", .f32, false), ("i4", .i32, false), (">i2", .i16, true), ("<e", .f16, false),
    ("|b1", .bool, false), ("?", .bool, false), (">u1", .u8, false), ("double", .f64, false),
    (">f8", .f64, true), ("bfloat16", .bf16, false), ("V2", .bf16, false), ("<V2", .bf16, false),
    ("long", .i64, false), ("uint", .u64, false),
  ]) func elementTypesAreThoseOfNumPy(
    name: String, type: SafetensorsDType, isSwapped: Bool
  ) throws {
    let bytes = Data((0..<8).map { type == .bool ? $0 % 2 : $0 })
    let swapped =
      isSwapped
      ? Data(
        stride(from: 0, to: 8, by: type.size).flatMap { bytes[$0..<$0 + type.size].reversed() })
      : bytes
    for text in [MessagePack.string(name), .binary(Data(name.utf8))] {
      let leaf = Self.packed(text, shape: [8 / type.size], bytes: bytes)
      #expect(
        try Self.contents(leaf).arrays["state/x"]
          == SafetensorsTensor(dtype: type, shape: [8 / type.size], bytes: swapped))
    }
  }

  @Test func numbersListsAndNumberedMapsAreArrays() throws {
    let list = MessagePack.array([Self.good, .integer(7), .null, .map([:])])
    #expect(
      try Self.contents(list).arrays == [
        "params/k": Self.expected, "state/x/0": Self.expected,
        "state/x/1": SafetensorsTensor([7] as [Int64], shape: []),
      ])
    // Integers as keys: {"params": {0: 1.5}}.
    let numbered = Data([0x81, 0xA1, 0x61, 0x81, 0x00, 0xCB, 0x3F, 0xF8, 0, 0, 0, 0, 0, 0])
    #expect(
      try FlaxCheckpoint.arrays(data: numbered) == [
        "a/0": SafetensorsTensor([1.5] as [Double], shape: [])
      ])
    let large = try Self.contents(.unsigned(.max)).arrays["state/x"]
    #expect(
      large == SafetensorsTensor(dtype: .u64, shape: [], bytes: Data(repeating: 255, count: 8)))
    let scalar = Self.packed(.string("float64"), shape: [], bytes: Data(count: 8), code: 3)
    #expect(try Self.contents(scalar).arrays["state/x"]?.doubles() == [0])
    let real = try Self.contents(.real(.nan)).arrays["state/x"]?.doubles()
    #expect(real?.first?.isNaN == true)
  }

  @Test func archivesMayHoldFoldersAndOtherFiles() throws {
    var writer = ZipWriter()
    try writer.append(Data(), as: "params/")
    try writer.append(try NumPyFile.serialized(kernelTensor), as: "params/k.npy")
    try writer.append(try NumPyFile.serialized(kernelTensor), as: "plain")
    try writer.append(Data("notes".utf8), as: "README")
    try writer.append(Data("notes".utf8), as: "broken.npy")
    try writer.append(try checkpoint("objects.npy"), as: "objects.npy")
    try writer.append(try checkpoint("complex.npy"), as: "complex.npy")
    try writer.append(try checkpoint("record.npy"), as: "record.npy")
    try writer.append(try NumPyFile.serialized(kernelTensor), as: "../k.npy")
    try writer.append(try NumPyFile.serialized(kernelTensor), as: "params/k")
    let contents = try NumPyArchive.contents(data: try writer.finished(), name: "c.npz")
    #expect(contents.arrays == ["params/k": kernelTensor, "plain": kernelTensor])
    let reasons = [
      "README": "no .npy file", "broken": "magic number", "objects": "Python objects",
      "complex": "\"<c16\" is not supported", "record": "records", "../k": "no path",
      "params/k": "occurs twice",
    ]
    #expect(Set(contents.others.keys) == Set(reasons.keys))
    for (name, reason) in reasons {
      let text = contents.others[name]?.description ?? ""
      #expect(text.contains(reason) && text.hasPrefix("c.npz: "), "\(text)")
    }
  }

  /// Entries that cannot be read are left out like others, and bytes after the sizes a data
  /// descriptor has are passed over.
  @Test(arguments: [(8, UInt8(1), "is encrypted"), (10, 12, "method 12 is not supported")])
  func archivesMayHoldEntriesThatCannotBeRead(offset: Int, value: UInt8, reason: String) throws {
    var writer = ZipWriter()
    try writer.append(try NumPyFile.serialized(kernelTensor), as: "a.npy")
    try writer.append(Data("secret".utf8), as: "b.npy")
    var data = try writer.finished()
    let record = try #require(
      data.range(of: Data([0x50, 0x4B, 1, 2]), options: .backwards)?.lowerBound)
    data[record + offset] = value
    let contents = try NumPyArchive.contents(data: data)
    #expect(contents.arrays == ["a": kernelTensor])
    #expect(contents.others["b"]?.reason.contains(reason) == true)
  }

  private static func safetensors(_ header: String, _ count: Int) -> Data {
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8)
      + Data(count: count)
  }

  /// As the reference implementation (safetensors 0.8.0) takes them.
  @Test(arguments: [
    "{\"__metadata__\":null,TENSOR}", "{TENSOR,\"__metadata__\":null}",
    "{\"__metadata__\":{},TENSOR}", " {TENSOR}",
    "\n\t{TENSOR}\n ", "{ TENSOR }",
    "{\"a\":{\"data_offsets\":[0,8],\"device\":null,\"shape\":[2],\"dtype\":\"F32\"}}",
    "{\"\\u0061\":{\"dty\\u0070e\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
  ]) func headersOfTheReferenceAreTaken(header: String) throws {
    let tensor = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}"
    let data = Self.safetensors(header.replacing("TENSOR", with: tensor), 8)
    let file = try SafetensorsFile(data: data)
    #expect(file.names == ["a"] && file.metadata == [:])
    #expect(try file.tensor("a").floats() == [0, 0])
  }

  @Test(arguments: [("C64", 1), ("F8_E4M3", 8), ("F8_E5M2", 8), ("F4", 16), ("F8_E8M0", 8)])
  func tensorsOfOtherTypesAreLeftOut(type: String, count: Int) throws {
    let header =
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
      + "\"b\":{\"dtype\":\"\(type)\",\"shape\":[\(count)],\"data_offsets\":[8,16]}}"
    let file = try SafetensorsFile(data: Self.safetensors(header, 16), name: "c.safetensors")
    #expect(file.names == ["a", "b"])
    #expect(file["b"] == nil && file.contents.arrays.keys == ["a"])
    #expect(file.contents.others["b"]?.reason.contains("\"\(type)\" is not supported") == true)
    expectRefusal("\"\(type)\" is not supported", of: "c.safetensors") { _ = try file.tensor("b") }
  }
}
