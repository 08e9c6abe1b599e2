import Foundation
import TestSupport
import Testing

/// A minute of damaged files and command lines; `swift run -c release Fuzz --seconds 3600 --seed 1`
/// looks longer, and at others.
@Suite struct FuzzTests {
  @Test func nothingIsFound() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().path
    let kept = try TemporaryFolder()
    let outcome = try Program.fuzz.run(
      ["--seconds", "60", "--kept", kept.path("kept")], in: root, seconds: 300)
    #expect(outcome.code == 0, "\(outcome)")
  }

  /// The fuzzer itself sees what it is there for.
  @Test func aFindingIsReported() throws {
    let folder = try TemporaryFolder()
    try Data("not a number\n".utf8).write(to: folder.url("bad.xyz"))
    let refused = try Program.fuzz.run(["--use", "xyz", folder.path("bad.xyz")])
    #expect(refused.code == 0, "bad input that is refused is no finding: \(refused)")
    let missing = try Program.fuzz.run(["--use", "command", folder.path("no-such-file")])
    #expect(missing.code == 3, "an error of a foreign type is a finding: \(missing)")
  }
}
