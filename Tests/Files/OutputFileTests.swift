import E3xFiles
import Foundation
import Testing

/// A folder that goes when its owner does.
final class ScratchFolder {
  let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func callAsFunction(_ name: String) -> String { path + "/" + name }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: self(name))), as: UTF8.self)
  }

  /// All names in the folder, hidden ones too.
  var names: Set<String> {
    get throws { Set(try FileManager.default.contentsOfDirectory(atPath: path)) }
  }
}

func status(_ path: String) -> stat {
  var result = stat()
  #expect(lstat(path, &result) == 0, "\(path)")
  return result
}

private func isKind(_ path: String, _ kind: mode_t) -> Bool {
  status(path).st_mode & S_IFMT == kind
}

/// Requires an error of one line in the style of the others.
func expectRefusal(
  _ words: String, of file: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> Void
) {
  let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try body() }
  let text = error?.description ?? ""
  #expect(text.contains(words), "\(text)", sourceLocation: sourceLocation)
  if let file { #expect(error?.file == file, sourceLocation: sourceLocation) }
  for word in ["\n", "NSError", "Domain", "Error("] {
    #expect(!text.contains(word), "\(text)", sourceLocation: sourceLocation)
  }
}

/// Work on a thread of its own: what waits for the other end of a pipe must not take one of the few
/// threads that tests share.
final class Background<R: Sendable>: @unchecked Sendable {
  private let end = DispatchSemaphore(value: 0)
  private var result: Result<R, any Error>?

  init(_ body: @escaping @Sendable () throws -> R) {
    let thread = Thread {
      self.result = Result { try body() }
      self.end.signal()
    }
    thread.start()
  }

  /// Waits for the end; once.
  func value() throws -> R {
    end.wait()
    return try result!.get()
  }
}

@Suite struct OutputFileTests {
  @Test func newFilesGetTheUsualMode() throws {
    let folder = try ScratchFolder()
    try FileBytes.write("hello", to: folder("a"))
    try Data().write(to: URL(fileURLWithPath: folder("b")))
    #expect(try folder.text("a") == "hello")
    let mask = umask(0)
    umask(mask)
    #expect(status(folder("a")).st_mode & 0o7777 == 0o666 & ~mask)
    #expect(try folder.names == ["a", "b"])
  }

  @Test(arguments: [0o600, 0o644, 0o640, 0o755, 0o660] as [mode_t])
  func keepsModeAndOwner(mode: mode_t) throws {
    let folder = try ScratchFolder()
    try FileBytes.write("old", to: folder("a"))
    #expect(chmod(folder("a"), mode) == 0)
    let before = status(folder("a"))
    try FileBytes.write("new", to: folder("a"))
    let after = status(folder("a"))
    #expect(after.st_mode == before.st_mode)
    #expect(after.st_uid == before.st_uid && after.st_gid == before.st_gid)
    #expect(after.st_ino != before.st_ino, "replaced, not overwritten")
    #expect(try folder.text("a") == "new")
  }

  @Test func followsLinks() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: folder("inner"), withIntermediateDirectories: true)
    try FileBytes.write("old", to: folder("inner/target"))
    #expect(symlink("inner/target", folder("near")) == 0)
    #expect(symlink(folder("near"), folder("far")) == 0)
    #expect(symlink("inner/none", folder("dangling")) == 0)
    #expect(symlink("/dev/null", folder("device")) == 0)
    for (link, target) in [
      ("near", "inner/target"), ("far", "inner/target"), ("dangling", "inner/none"),
    ] {
      try FileBytes.checkWritable(folder(link))
      try FileBytes.write("by \(link)", to: folder(link))
      #expect(isKind(folder(link), S_IFLNK))
      #expect(isKind(folder(target), S_IFREG))
      #expect(try folder.text(target) == "by \(link)")
    }
    try FileBytes.write("gone", to: folder("device"))
    #expect(isKind(folder("device"), S_IFLNK) && isKind("/dev/null", S_IFCHR))
    #expect(symlink("b", folder("a")) == 0 && symlink("a", folder("b")) == 0)
    expectRefusal("in a circle", of: folder("a")) { try FileBytes.write("x", to: folder("a")) }
    #expect(symlink("nowhere/x", folder("lost")) == 0)
    expectRefusal("there is no folder") { try FileBytes.checkWritable(folder("lost")) }
  }

  @Test func writesThroughPipes() throws {
    let folder = try ScratchFolder()
    let pipe = folder("pipe")
    #expect(mkfifo(pipe, 0o600) == 0)
    // More than a pipe holds at a time.
    let data = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
    let reader = Background { try FileBytes.read(pipe) }
    try FileBytes.write(data, to: pipe)
    #expect(try reader.value() == data)
    #expect(isKind(pipe, S_IFIFO))
  }

  @Test func writesThroughDescriptors() throws {
    let folder = try ScratchFolder()
    let file = open(folder("a"), O_RDWR | O_CREAT, 0o600)
    defer { close(file) }
    try FileBytes.write("one ", to: "/dev/fd/\(file)")
    try FileBytes.write("two", to: "/dev/fd/\(file)")
    #expect(try folder.text("a") == "one two")
    #expect(try folder.names == ["a"])
    let reading = open(folder("a"), O_RDONLY)
    defer { close(reading) }
    expectRefusal("not open for that") { try FileBytes.checkWritable("/dev/fd/\(reading)") }
    expectRefusal("not open") { try FileBytes.write("x", to: "/dev/fd/\(reading)") }
    expectRefusal("not open") { try FileBytes.checkWritable("/dev/fd/999999") }
    #expect(lseek(reading, 4, SEEK_SET) == 4)
    #expect(try FileBytes.read("/dev/fd/\(file)").count == 7)
  }

  @Test func aClosedPipeIsAnError() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    close(ends[0])
    defer { close(ends[1]) }
    expectRefusal("closed") { try FileBytes.write("x", to: "/dev/fd/\(ends[1])") }
  }

  @Test func aPipeThatDoesNotBlockIsWaitedFor() throws {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    let (input, output) = (ends[0], ends[1])
    #expect(fcntl(output, F_SETFL, O_NONBLOCK) == 0)
    let data = Data(repeating: 7, count: 1 << 20)
    let reader = Background { () -> Data in
      usleep(50_000)
      return try FileBytes.read("/dev/fd/\(input)")
    }
    try FileBytes.write(data, to: "/dev/fd/\(output)")
    close(output)
    #expect(try reader.value() == data)
    close(input)
  }

  #if os(Linux)
    @Test func afullDeviceIsAnError() throws {
      expectRefusal("no space left on device", of: "/dev/full") {
        try FileBytes.write("x", to: "/dev/full")
      }
      let folder = try ScratchFolder()
      #expect(symlink("/dev/full", folder("a")) == 0)
      expectRefusal("no space left", of: folder("a")) {
        try XYZWriter(path: folder("a")).append(XYZFrame(numbers: [1], positions: [0, 0, 0]))
      }
      #expect(isKind("/dev/full", S_IFCHR))
    }
  #endif

  /// Neither while it is written nor afterwards does anything but the file itself have a name.
  @Test func anAbandonedFileLeavesNothing() throws {
    let folder = try ScratchFolder()
    try FileBytes.write("old", to: folder("a"))
    do {
      let file = try OutputFile(folder("a"))
      try file.write("part")
      #expect(try folder.text("a") == "old")
    }
    #expect(try folder.names == ["a"] && folder.text("a") == "old")
    let file = try OutputFile(folder("a"))
    try file.write("new ")
    try file.write("text")
    #expect(try folder.text("a") == "old")
    try file.commit()
    #expect(try folder.names == ["a"] && folder.text("a") == "new text")
    expectRefusal("not open") { try file.write("more") }
    let lost = try OutputFile(folder("b"))
    try lost.write("part")
    lost.abandon()
    #expect(try folder.names == ["a"])
  }

  /// What a program that was ended has left goes with the next save; what one still writes stays.
  @Test func removesWhatWasLeftBehind() throws {
    let folder = try ScratchFolder()
    try FileBytes.write("stale", to: folder(".a.e3x-save"))
    try FileBytes.write("mine", to: folder(".b.e3x-save"))
    try FileBytes.write("new", to: folder("a"))
    #expect(try folder.names == ["a", ".b.e3x-save"])
    let busy = open(folder(".b.e3x-save"), O_RDWR)
    defer { close(busy) }
    #expect(flock(busy, LOCK_EX) == 0)
    try FileBytes.write("new", to: folder("b"))
    #expect(try folder.names == ["a", "b", ".b.e3x-save"])
    #expect(try folder.text("b") == "new" && folder.text(".b.e3x-save") == "mine")
  }

  @Test func manyMaySaveAtOnce() async throws {
    let folder = try ScratchFolder()
    let path = folder("a")
    let texts = (0..<8).map { String(repeating: "\($0)", count: 20_000) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for text in texts {
        group.addTask { for _ in 0..<5 { try FileBytes.write(text, to: path) } }
      }
      try await group.waitForAll()
    }
    #expect(try folder.names == ["a"])
    #expect(texts.contains(try folder.text("a")))
  }

  @Test func savesNamesOfAnyLength() throws {
    let folder = try ScratchFolder()
    let name = String(repeating: "é", count: 127)
    try FileBytes.write("x", to: folder(name))
    try FileBytes.write("y", to: folder(name))
    #expect(try folder.text(name) == "y")
    #expect(try folder.names.count == 1)
    expectRefusal("too long") { try FileBytes.checkWritable(folder(name + "éé")) }
  }

  @Test(arguments: [
    ("none/a", "there is no folder"), ("", "the path is empty"), ("folder", "it is a folder"),
    ("folder/", "it is a folder"), ("file/a", "no folder"), ("new/", "no such file or folder"),
    ("a\u{0}b", "invalid argument"), (".", "it is a folder"),
  ]) func saysBeforeTheWorkWhatIsWrong(name: String, reason: String) throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: folder("folder"), withIntermediateDirectories: true)
    try FileBytes.write("x", to: folder("file"))
    let path = name.isEmpty ? "" : folder(name)
    expectRefusal(reason) { try FileBytes.checkWritable(path) }
    expectRefusal(reason) { try FileBytes.write("x", to: path) }
    expectRefusal(reason) { _ = try XYZWriter(path: path) }
    #expect(try folder.names == ["folder", "file"])
  }

  @Test func checkingChangesNothing() throws {
    let folder = try ScratchFolder()
    try FileBytes.write("x", to: folder("a"))
    let before = status(folder("a"))
    try FileBytes.checkWritable(folder("a"))
    try FileBytes.checkWritable(folder("new"))
    for path in ["/dev/null", "-", "/dev/stderr"] { try FileBytes.checkWritable(path) }
    #expect(try folder.names == ["a"])
    #expect(status(folder("a")).st_ino == before.st_ino)
    #expect(try folder.text("a") == "x")
    try FileBytes.checkWritable(folder("a"), bytes: 1)
    expectRefusal("are needed") { try FileBytes.checkWritable(folder("a"), bytes: .max) }
  }

  /// Permissions do not bind the administrator.
  @Test(.enabled(if: geteuid() != 0)) func permissionsAreFoundBeforeTheWork() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: folder("closed"), withIntermediateDirectories: true)
    try FileBytes.write("x", to: folder("read-only"))
    #expect(chmod(folder("closed"), 0o555) == 0 && chmod(folder("read-only"), 0o444) == 0)
    expectRefusal("permission denied") { try FileBytes.checkWritable(folder("closed/a")) }
    expectRefusal("permission denied") { try FileBytes.write("y", to: folder("read-only")) }
  }

  @Test func tellsWhetherPathsAreTheSame() throws {
    let folder = try ScratchFolder()
    try FileBytes.write("x", to: folder("a"))
    try FileBytes.write("x", to: folder("b"))
    #expect(symlink("a", folder("link")) == 0)
    #expect(FileBytes.isSame(folder("a"), folder("link")))
    #expect(!FileBytes.isSame(folder("a"), folder("b")))
    #expect(!FileBytes.isSame(folder("none"), folder("none")))
    #expect(OutputFile.name("-") == "standard output" && OutputFile.name("x") == "x")
    #expect(OutputFile.isStandardOutput("/dev/stdout") && !OutputFile.isStandardOutput("/dev/null"))
  }
}

@Suite struct InputFileTests {
  @Test func readsFromPipes() throws {
    let folder = try ScratchFolder()
    let pipe = folder("frames.xyz")
    #expect(mkfifo(pipe, 0o600) == 0)
    let text = try XYZWriter.text([XYZFrame](repeating: everything, count: 3000))
    let writer = Background { try FileBytes.write(text, to: pipe) }
    let frames = try XYZReader.read(pipe)
    try writer.value()
    #expect(frames == [XYZFrame](repeating: everything, count: 3000))
    let file = Background { try FileBytes.write(golden, to: pipe) }
    #expect(try SafetensorsFile(contentsOf: pipe).names.count == 7)
    _ = try file.value()
  }

  @Test func saysWhatIsWrong() throws {
    let folder = try ScratchFolder()
    for path in ["none.xyz", "none/none.npz"] {
      expectRefusal("no such file or folder", of: folder(path)) {
        _ = try XYZReader(contentsOf: folder(path))
      }
      expectRefusal("no such file or folder", of: folder(path)) {
        _ = try FileBytes.read(folder(path))
      }
    }
    expectRefusal("it is a folder", of: folder.path) { _ = try FileBytes.read(folder.path) }
    expectRefusal("the path is empty") { _ = try FileBytes.read("") }
    expectRefusal("invalid argument") { _ = try FileBytes.read("a\u{0}b") }
  }

  @Test func messagesAreOneLineWhateverThePath() {
    expectRefusal("\"none\\nfile\": cannot be read") { _ = try FileBytes.read("none\nfile") }
  }

  /// Devices without an end are refused from their first bytes.
  @Test func refusesWhatNeverEnds() {
    expectRefusal("does not begin with '{'") { _ = try SafetensorsFile(contentsOf: "/dev/zero") }
    expectRefusal("no zip archive") { _ = try NumPyArchive.read("/dev/zero") }
    expectRefusal("follow the value") { _ = try FlaxCheckpoint.read("/dev/zero") }
    expectRefusal("longer than") { _ = try XYZReader.read("/dev/zero") }
  }
}
