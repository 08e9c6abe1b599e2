import E3xEngine
import E3xFiles
import E3xNN
import Foundation
import OrderedCollections
import Testing

/// Calls `body` with the path of a new folder, which is removed afterwards.
private func withFolder<R>(_ body: (String) throws -> R) throws -> R {
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

@Suite struct ParameterFileTests {
  private static let kernel = SafetensorsTensor([0.1, -0.25, 3] as [Double], shape: [3, 1])
  private static let bias = SafetensorsTensor([1.5] as [Float], shape: [1])
  private static let file = ParameterFile(
    ["query/0+/kernel": kernel, "query/0+/bias": bias], metadata: ["config": "{}"])

  @Test(arguments: ParameterFileFormat.allCases, [true, false])
  func readsWhatItWrites(format: ParameterFileFormat, hasRoot: Bool) throws {
    try withFolder { folder in
      let path = "\(folder)/parameters.\(format.rawValue)"
      try Self.file.write(to: path, hasRoot: hasRoot)
      let read = try ParameterFile(contentsOf: path)
      #expect(Set(read.tensors.keys) == Set(Self.file.tensors.keys))
      for (name, tensor) in Self.file.tensors { #expect(read.tensors[name] == tensor) }
      #expect(read.metadata == (format == .safetensors ? ["config": "{}"] : [:]))
      #expect(read.others == [])
      // An unknown extension is read by its contents.
      try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/checkpoint_0")
      #expect(try ParameterFile(contentsOf: "\(folder)/checkpoint_0").tensors == read.tensors)
    }
  }

  @Test func writesTheRootAsE3xHasIt() throws {
    try withFolder { folder in
      try Self.file.write(to: "\(folder)/p.msgpack")
      #expect(
        try FlaxCheckpoint.read("\(folder)/p.msgpack").keys
          == ["params/query/0+/kernel", "params/query/0+/bias"])
      try Self.file.write(to: "\(folder)/p.npz", hasRoot: false)
      #expect(
        try NumPyArchive.read("\(folder)/p.npz").keys == ["query/0+/kernel", "query/0+/bias"])
      try Self.file.write(to: "\(folder)/p.safetensors")
      #expect(
        Set(try SafetensorsFile(contentsOf: "\(folder)/p.safetensors").names)
          == ["params.query/0+/kernel", "params.query/0+/bias"])
    }
  }

  @Test func tellsParametersFromTheRest() throws {
    try withFolder { folder in
      let path = "\(folder)/state.msgpack"
      try FlaxCheckpoint.write(["step": Self.bias, "params/gamma": Self.bias], to: path)
      let file = try ParameterFile(contentsOf: path)
      #expect(file.tensors == ["gamma": Self.bias])
      #expect(file.others == ["step"])
    }
  }

  /// What is beside the parameters may be anything; the parameters may not.
  @Test func selectsBeforeItJudges() throws {
    func tree(_ parameters: [String: MessagePack], _ rest: [String: MessagePack] = [:]) -> Data {
      let packed = MessagePack.array([
        .array([.integer(1)]), .string("<f4"), .binary(Self.bias.bytes),
      ])
      var map: OrderedDictionary<String, MessagePack> = [
        "gamma": .extended(type: 1, payload: packed.serialized())
      ]
      for (key, value) in parameters { map[key] = value }
      var root: OrderedDictionary<String, MessagePack> = ["params": .map(map)]
      for (key, value) in rest { root[key] = value }
      return MessagePack.map(root).serialized()
    }
    try withFolder { folder in
      let path = "\(folder)/state.msgpack"
      try tree([:], ["name": .string("adam")]).write(to: URL(fileURLWithPath: path))
      var file = try ParameterFile(contentsOf: path)
      #expect(file.tensors == ["gamma": Self.bias])
      #expect(file.reasons == ["name": "text instead of an array"])
      try tree(["name": .string("adam")]).write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: FileError.self) { try ParameterFile(contentsOf: path) }
      #expect(error?.place == "tensor \"params/name\"")
      // A root below the root, in every format.
      for format in ParameterFileFormat.allCases {
        let path = "\(folder)/twice.\(format.rawValue)"
        let separator = format == .safetensors ? "." : "/"
        try ParameterFile(["params\(separator)gamma": Self.bias]).write(to: path)
        file = try ParameterFile(contentsOf: path)
        #expect(file.tensors == ["gamma": Self.bias] && file.others == [])
      }
      // Below the root a name like it is a name, where there are others beside it.
      try ParameterFile(["params/gamma": Self.bias, "beta": Self.bias]).write(
        to: "\(folder)/named.npz")
      file = try ParameterFile(contentsOf: "\(folder)/named.npz")
      #expect(file.tensors.keys == ["params/gamma", "beta"])
    }
  }

  @Test func convertsElementTypes() throws {
    let half = SafetensorsTensor(dtype: .bf16, shape: [1], bytes: Data([0xC0, 0x3F]))
    let steps = SafetensorsTensor([7] as [Int64], shape: [])
    let file = ParameterFile(["a": Self.kernel, "b": half, "c": steps])
    let single = try file.converted(to: .float32)
    #expect(single.tensors["a"] == SafetensorsTensor([0.1, -0.25, 3] as [Float], shape: [3, 1]))
    #expect(single.tensors["b"] == Self.bias)
    #expect(single.tensors["c"] == steps)
    let narrow = try file.converted(to: .float16)
    #expect(narrow.tensors["a"]?.dtype == .f16)
    #expect(try narrow.tensors["a"]?.floats() == [0x1.998p-4, -0.25, 3])
    #expect(try file.converted(to: .bfloat16).tensors["b"] == half)
    let double = try file.converted(to: .float64)
    #expect(double.tensors["a"] == Self.kernel)
    // Rounded once: through float32 it would become the middle of two neighbours.
    let above = SafetensorsTensor([1 + 0x1p-11 + 0x1p-30] as [Double], shape: [1])
    let rounded = try ParameterFile(["a": above]).converted(to: .float16)
    #expect(rounded.tensors["a"]?.bytes == Data([0x01, 0x3C]))
    #expect(throws: ArgumentError.self) { try file.converted(to: .int32) }
    #expect(double.tensors["b"] == SafetensorsTensor([1.5] as [Double], shape: [1]))
  }

  @Test(arguments: ParameterFileFormat.allCases) func keepsParameters(
    format: ParameterFileFormat
  ) throws {
    try withFolder { folder in
      let path = "\(folder)/p.\(format.rawValue)"
      let parameters = Parameters([
        "energy/kernel": try Tensor([1.5, -2] as [Float], shape: [2, 1]),
        "gamma": try Tensor([0.1] as [Double], shape: []),
      ])
      try parameters.write(to: path)
      let read = try Parameters(contentsOf: path)
      #expect(read.count == 2)
      #expect(read["energy/kernel"]?.dtype == .float32)
      #expect(try read["energy/kernel"]?.scalars(as: Float.self) == [1.5, -2])
      #expect(read["energy/kernel"]?.shape == [2, 1])
      #expect(try read["gamma"]?.scalars(as: Double.self) == [0.1])
      #expect(read["gamma"]?.shape == [])
      let double = try Parameters(contentsOf: path, dtype: .float64)
      #expect(try double["energy/kernel"]?.scalars(as: Double.self) == [1.5, -2])
      #expect(try Parameters(contentsOf: path, dtype: .float32)["gamma"]?.dtype == .float32)
    }
  }

  /// Every finite number of both formats, and the infinite ones.
  @Test(arguments: [ParameterFileFormat.safetensors, .msgpack]) func keepsHalves(
    format: ParameterFileFormat
  ) throws {
    for (type, last) in [(DType.float16, UInt16(0x7C00)), (.bfloat16, 0x7F80)] {
      let stored: SafetensorsDType = type == .float16 ? .f16 : .bf16
      let patterns = (0...last).flatMap { [$0, $0 | 0x8000] }
      let bytes = patterns.map(\.littleEndian).withUnsafeBytes { Data($0) }
      let tensor = SafetensorsTensor(dtype: stored, shape: [patterns.count], bytes: bytes)
      try withFolder { folder in
        let path = "\(folder)/p.\(format.rawValue)"
        try ParameterFile(["a": tensor]).write(to: path)
        let read = try Parameters(contentsOf: path)
        #expect(read["a"]?.dtype == type)
        try read.write(to: path)
        #expect(try ParameterFile(contentsOf: path).tensors["a"] == tensor)
        #expect(try Parameters(contentsOf: path, dtype: .float32)["a"]?.dtype == .float32)
      }
    }
  }

  @Test func saysWhatIsWrong() throws {
    try withFolder { folder in
      func refuses(_ reason: String, _ body: () throws -> Void) {
        let error = #expect(throws: FileError.self) { try body() }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
      }
      refuses("names no format") { try Self.file.write(to: "\(folder)/p.pickle") }
      refuses("no such file") { _ = try ParameterFile(contentsOf: "\(folder)/absent.npz") }
      try Data("hello".utf8).write(to: URL(fileURLWithPath: "\(folder)/p"))
      refuses("tell the format") { _ = try ParameterFile(contentsOf: "\(folder)/p") }
      try ParameterFile().write(to: "\(folder)/empty.npz")
      refuses("no parameters") { _ = try ParameterFile(contentsOf: "\(folder)/empty.npz") }
      try Self.file.write(to: "\(folder)/zip", format: .npz)
      refuses("follow the value") {
        _ = try ParameterFile(contentsOf: "\(folder)/zip", format: .msgpack)
      }
    }
  }

  /// An empty tensor whose other extents overflow would trap where strides are computed.
  @Test(arguments: [[0, 1 << 62, 4], [0, .max, .max], [1 << 62, 4, 0]])
  func refusesHugeExtentsBesideZero(shape: [Int]) throws {
    try withFolder { folder in
      let extents = shape.map(String.init).joined(separator: ",")
      let header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[\(extents)],\"data_offsets\":[0,0]}}"
      var data = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      data.append(contentsOf: header.utf8)
      let path = "\(folder)/p.safetensors"
      try data.write(to: URL(fileURLWithPath: path))
      let error = #expect(throws: FileError.self) { try Parameters(contentsOf: path) }
      #expect(error?.reason.contains("overflows") == true)
      let huge = ParameterFile(["a": SafetensorsTensor([] as [Float], shape: shape)])
      for format in ParameterFileFormat.allCases {
        #expect(throws: FileError.self) { try huge.write(to: "\(folder)/p.\(format.rawValue)") }
      }
    }
  }

  /// Empty tensors themselves are fine.
  @Test(arguments: ParameterFileFormat.allCases) func keepsEmptyTensors(
    format: ParameterFileFormat
  ) throws {
    try withFolder { folder in
      let path = "\(folder)/p.\(format.rawValue)"
      try ParameterFile(["a": SafetensorsTensor([] as [Float], shape: [3, 0, 2])]).write(to: path)
      #expect(try Parameters(contentsOf: path)["a"]?.shape == [3, 0, 2])
    }
  }
}
