import E3xFiles
import Foundation
import OrderedCollections
import TestSupport
import Testing

@Suite struct PredictTests {
  private let model: TrainedModel

  init() throws { model = try TrainedModel() }

  private func run(_ arguments: [String], input: Data = Data()) throws -> Program.Outcome {
    try Program.e3x.run(["predict", model.path] + arguments, input: input)
  }

  private func predict(_ frames: [XYZFrame], _ options: [String] = []) throws -> [XYZFrame] {
    let output = model.folder.path("out.xyz")
    let outcome = try run([try model.write(frames), "--output", output] + options)
    #expect(outcome.code == 0, "\(outcome)")
    #expect(
      outcome.output
        == "wrote \(frames.count) \(frames.count == 1 ? "frame" : "frames") to \(output)\n")
    return try XYZReader.read(output)
  }

  private func forces(_ frame: XYZFrame, _ name: String = "forces") throws -> [Double] {
    try #require(frame.arrays[name]?.doubles)
  }

  @Test func farMoleculesHaveEqualForces() throws {
    let near = TrainedModel.frame()
    let shift = 1048576.0
    var both = near
    both.numbers += near.numbers
    both.positions += near.positions.map { $0 + shift }
    both.positions = both.positions.map { (64 * $0).rounded() / 64 }
    let forces = try forces(try predict([both])[0])
    for index in 0..<9 { #expect(abs(forces[index] - forces[9 + index]) <= 1e-6) }
    #expect(forces.contains { abs($0) > 1e-4 })
  }

  /// More frames than are computed at once, of any sizes, in their order.
  @Test func manyFrames() throws {
    let frames = (0..<70).map { index in
      var frame = TrainedModel.frame()
      frame.numbers = Array(frame.numbers.prefix(1 + index % 3))
      frame.positions = Array(frame.positions.prefix(3 * (1 + index % 3)))
      frame.info["index"] = .integer(index)
      return frame
    }
    let predicted = try predict(frames)
    #expect(predicted.map { $0.info["index"] } == frames.map { $0.info["index"] })
    #expect(predicted.map(\.positions) == frames.map(\.positions))
    for index in 3..<70 {
      let (a, b) = (
        predicted[index].info["energy"]?.double, predicted[index % 3].info["energy"]?.double
      )
      #expect(abs(try #require(a) - #require(b)) <= 1e-5)
    }
  }

  private static let results: [String: XYZValue] = [
    "energy": .real(7), "free_energy": .real(7), "stress": .reals([7, 7, 7, 7, 7, 7.5]),
    "virial": .reals([7.5, 7, 7, 7, 7, 7, 7, 7, 7]), "dipole": .reals([7, 7, 7.5]),
    "magmom": .real(7),
    "Energy": .real(7), "ENERGY": .real(7),
  ]
  private static let columns = ["forces", "charges", "magmoms", "stresses", "energies", "Forces"]
  private static func labelled() -> XYZFrame {
    var frame = TrainedModel.frame()
    for (key, value) in results.sorted(by: { $0.key < $1.key }) { frame.info[key] = value }
    for name in columns {
      frame.arrays[name] = XYZColumn(.reals([Double](repeating: 7, count: 9)), width: 3)
    }
    frame.info["REF_energy"] = .real(7)
    frame.info["note"] = .string("kept")
    frame.arrays["tags"] = XYZColumn(.integers([1, 2, 3]))
    return frame
  }

  @Test func labelsThatContradictGo() throws {
    let frame = try predict([Self.labelled()])[0]
    #expect(Set(frame.info.keys) == ["energy", "REF_energy", "note"])
    #expect(Set(frame.arrays.keys) == ["forces", "tags"])
    #expect(frame.info["energy"] != .real(7))
    #expect(try forces(frame).allSatisfy { $0 != 7 })
  }

  @Test func labelsStayWhenTheyAreAskedFor() throws {
    let input = Self.labelled()
    let kept = try predict([input], ["--keep-labels"])[0]
    #expect(kept.info.keys == input.info.keys && Set(kept.arrays.keys) == Set(input.arrays.keys))
    #expect(kept.info["energy"] != .real(7) && kept.info["stress"] == input.info["stress"])

    let named = try predict([input], ["--prefix", "e3x_"])[0]
    for (key, value) in input.info { #expect(named.info[key] == value) }
    for (key, value) in input.arrays { #expect(named.arrays[key] == value) }
    let plain = try predict([input])[0]
    #expect(named.info["e3x_energy"] == plain.info["energy"])
    #expect(try forces(named, "e3x_forces") == forces(plain))
  }

  @Test(arguments: ["a b", "a:b", "a=b", "\"", "a\n", "ü{", String(repeating: "x", count: 1000)])
  func prefixesThatNoNameCanHave(prefix: String) throws {
    let outcome = try run([
      try model.write([TrainedModel.frame()]), "--output", model.folder.path("o"), "--prefix",
      prefix,
    ])
    #expect(outcome.code == 64 && outcome.errors.contains("--prefix"), "\(outcome)")
  }

  /// The input stays what it was, whatever its name.
  @Test func outputThatIsAnInput() throws {
    let path = try model.write([TrainedModel.frame()])
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let folder = model.folder.path
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/link.xyz", withDestinationPath: "frames.xyz")
    try FileManager.default.linkItem(atPath: path, toPath: folder + "/hard.xyz")
    let parent = (folder as NSString).lastPathComponent
    for output in [
      path, folder + "/link.xyz", folder + "/hard.xyz", folder + "/../\(parent)/./frames.xyz",
      model.path,
    ] {
      let outcome = try run([path, "--output", output])
      #expect(
        outcome.code == 1 && outcome.errors.hasPrefix("Error: \(output): is the input"),
        "\(outcome)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  /// What cannot be written is found at once, and a failure leaves what was there.
  @Test func outputsThatCannotBeWritten() throws {
    let path = try model.write([TrainedModel.frame()])
    for output in ["", "/nowhere/out.xyz", model.folder.path, path + "/out.xyz"] {
      let outcome = try run([path, "--output", output])
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.errors.contains("annot be written") || outcome.errors.contains("empty"))
    }
    var unknown = TrainedModel.frame()
    unknown.numbers[0] = 118
    var reserved = TrainedModel.frame()
    reserved.arrays["numbers"] = XYZColumn(.integers([8, 1, 1]))
    let old = model.folder.path("old.xyz")
    try "old".write(toFile: old, atomically: true, encoding: .utf8)
    let good = [XYZFrame](repeating: TrainedModel.frame(), count: 40)
    let bad = try model.write(good + [unknown], "bad.xyz")
    let bytes = try Data(contentsOf: URL(fileURLWithPath: bad))
    for arguments in [[bad], ["-"]] {
      let outcome = try run(arguments + ["--output", old], input: bytes)
      #expect(outcome.code == 1 && outcome.errors.contains(": frame 41 (line 201): "), "\(outcome)")
      #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: model.folder.path)
    #expect(Set(names) == ["train.xyz", "run", "frames.xyz", "bad.xyz", "old.xyz"])
  }

  /// Frames on standard output, and nothing else there.
  @Test func pipes() throws {
    let path = try model.write([TrainedModel.frame(), TrainedModel.frame()])
    let file = try predict([TrainedModel.frame(), TrainedModel.frame()])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for (input, output) in [("-", "-"), ("/dev/stdin", "/dev/stdout"), (path, "-")] {
      let outcome = try run([input, "--output", output], input: bytes)
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.errors == "wrote 2 frames to standard output\n")
      var reader = XYZReader(data: Data(outcome.output.utf8))
      #expect(try reader.frames() == file)
    }
  }

  /// A reader that goes away is no reason for words, but it is a failure.
  @Test func closedPipes() throws {
    let path = try model.write([XYZFrame](repeating: TrainedModel.frame(), count: 2000))
    let script = "( \"$0\" predict \"$1\" \"$2\" -o -; echo \"code $?\" >&2 ) | head -1"
    let outcome = try Program(path: "/bin/sh").run(
      ["-c", script, Program.e3x.path, model.path, path])
    #expect(outcome.output == "3\n" && outcome.errors == "code 1\n", "\(outcome)")
  }

  /// Nothing is left of a prediction that was interrupted, and what was there stays.
  @Test func interruptions() throws {
    signal(SIGPIPE, SIG_IGN)
    let pipe = model.folder.path("pipe")
    try #require(mkfifo(pipe, 0o600) == 0)
    let frames = Data(try XYZWriter.text([TrainedModel.frame()]).utf8)
    let old = model.folder.path("old.xyz")
    try "old".write(toFile: old, atomically: true, encoding: .utf8)
    for output in [old, model.folder.path("new.xyz")] {
      let program = try Program.e3x.start(["predict", model.path, pipe, "--output", output])
      // Waits until the program reads, and so is past its preparations.
      let input = try #require(FileHandle(forWritingAtPath: pipe))
      program.signal(SIGINT)
      for _ in 0..<100 { try? input.write(contentsOf: frames) }
      try? input.close()
      let outcome = try program.wait()
      #expect(outcome.code == 130 && outcome.output.isEmpty, "\(outcome)")
      #expect(outcome.errors == "interrupted: nothing was written\n")
    }
    #expect(try String(contentsOfFile: old, encoding: .utf8) == "old")
    let names = try FileManager.default.contentsOfDirectory(atPath: model.folder.path)
    #expect(Set(names) == ["train.xyz", "run", "pipe", "old.xyz"])
  }
}
