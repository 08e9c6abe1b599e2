import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

/// `e3x convert` reads and writes where the user points.
@Suite struct ConvertTests {
  private static let kernel = SafetensorsTensor([0.5, -2, 3] as [Float], shape: [3])

  private static func parameters(_ path: String) throws -> Data {
    try SafetensorsFile.write(["params.k": kernel], metadata: ["a": "b"], to: path)
    return try Data(contentsOf: URL(fileURLWithPath: path))
  }

  private func convert(
    _ arguments: [String], input: Data = Data(), code: Int32 = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Program.Outcome {
    let outcome = try Program.e3x.run(["convert"] + arguments, input: input)
    #expect(outcome.code == code, "\(arguments): \(outcome)", sourceLocation: sourceLocation)
    if code == 1 {
      let lines = outcome.errors.split(separator: "\n")
      #expect(lines.count == 1, "\(outcome)", sourceLocation: sourceLocation)
      #expect(!outcome.errors.contains("NSError"), "\(outcome)", sourceLocation: sourceLocation)
    }
    return outcome
  }

  @Test func aFileMayBecomeItself() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("p.safetensors")
    let data = try Self.parameters(path)
    chmod(path, 0o600)
    _ = try convert([path, path])
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == data)
    _ = try convert([path, path, "--dtype", "float16"])
    let file = try SafetensorsFile(contentsOf: path)
    #expect(try file.tensor("params.k").dtype == .f16 && file.metadata == ["a": "b"])
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["p.safetensors"])
  }

  @Test(arguments: ["-", "/dev/stdin"], ["-", "/dev/stdout"])
  func standardInputAndOutput(input: String, output: String) throws {
    let folder = try TemporaryFolder()
    let data = try Self.parameters(folder.path("p.safetensors"))
    let outcome = try convert([input, output, "--format", "safetensors"], input: data)
    #expect(outcome.errors.contains("wrote 1 tensors of 3 parameters to standard output"))
    // The header is text, and so are these numbers but for bytes that are none: compare the sizes.
    #expect(outcome.output.hasPrefix(String(decoding: data.prefix(60), as: UTF8.self)))
    _ = try convert([input, folder.path("q.npz")], input: data)
    #expect(try NumPyArchive.read(folder.path("q.npz")) == ["params/k": Self.kernel])
  }

  @Test func linksAreFollowedAndDevicesStay() throws {
    let folder = try TemporaryFolder()
    _ = try Self.parameters(folder.path("p.safetensors"))
    #expect(symlink("target.npz", folder.path("link.npz")) == 0)
    _ = try convert([folder.path("p.safetensors"), folder.path("link.npz")])
    #expect(try NumPyArchive.read(folder.path("target.npz")) == ["params/k": Self.kernel])
    var status = stat()
    #expect(lstat(folder.path("link.npz"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
    _ = try convert([folder.path("p.safetensors"), "/dev/null", "--format", "npz"])
    #expect(lstat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    #if os(Linux)
      let full = try convert(
        [folder.path("p.safetensors"), "/dev/full", "--format", "npz"], code: 1)
      #expect(full.errors.contains("/dev/full: cannot be written: no space left on device"))
    #endif
  }

  /// What cannot be written is found before anything is read.
  @Test func outputsAreCheckedFirst() throws {
    let folder = try TemporaryFolder()
    let input = folder.path("none.npz")
    for (output, words) in [
      (folder.path("none/q.npz"), "there is no folder"), (folder.path, "names no format"),
      (folder.path("q.pickle"), "names no format"), ("-", "standard output: the extension names"),
    ] {
      #expect(try convert([input, output], code: 1).errors.contains(words))
    }
    let errors = try convert([input, folder.path("q.npz")], code: 1).errors
    #expect(errors.contains("none.npz: cannot be read: no such file or folder"))
    #expect(try convert(["-", folder.path("q.npz")], code: 1).errors.contains("standard input: "))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func saysWhatIsLeftOut() throws {
    let folder = try TemporaryFolder()
    let packed = MessagePack.array([
      .array([.integer(3)]), .string("<f4"), .binary(Self.kernel.bytes),
    ])
    let leaf = MessagePack.extended(type: 1, payload: packed.serialized())
    let tree: MessagePack = .map([
      "params": .map(["params": .map(["k": leaf])]), "optimizer": .string("adam"),
      "phase": .extended(type: 2, payload: Data([0x92, 0, 1])), "step": .integer(7),
    ])
    try tree.serialized().write(to: folder.url("state.msgpack"))
    let outcome = try convert([folder.path("state.msgpack"), folder.path("p.npz")])
    #expect(try NumPyArchive.read(folder.path("p.npz")) == ["params/k": Self.kernel])
    for words in [
      "left out 3 entries that are no parameters", "\"optimizer\" (text instead of an array)",
      "\"phase\" (a complex number instead of an array)", "\"step\" (outside of params/params)",
    ] {
      #expect(outcome.output.contains(words), "\(outcome)")
    }
    let odd: MessagePack = .map(["params": .map(["k": leaf, "name": .string("x")])])
    try odd.serialized().write(to: folder.url("odd.msgpack"))
    let refused = try convert([folder.path("odd.msgpack"), folder.path("q.npz")], code: 1)
    #expect(refused.errors.contains("tensor \"params/name\": text instead of an array"))
  }

  /// 1 + 2⁻¹¹ + 2⁻³⁰ through float32 would become a tie, and then 1.
  @Test func roundsOnce() throws {
    let folder = try TemporaryFolder()
    let tensor = SafetensorsTensor([1 + 0x1p-11 + 0x1p-30] as [Double], shape: [1])
    try NumPyArchive.write(["k": tensor], to: folder.path("p.npz"))
    _ = try convert([folder.path("p.npz"), folder.path("q.npz"), "--dtype", "float16"])
    #expect(try NumPyArchive.read(folder.path("q.npz"))["params/k"]?.bytes == Data([0x01, 0x3C]))
  }
}
