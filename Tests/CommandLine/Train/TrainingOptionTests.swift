import E3xPotentials
import Foundation
import TestSupport
import Testing

/// Numbers on the command line of a training.
@Suite struct TrainingOptionTests {
  private static let counts = [
    "0", "-1", "2147483648", "4294967295", "4611686018427387904", "9223372036854775807",
    "9223372036854775808", "x", "",
  ]
  private static let reals = ["nan", "inf", "-inf", "1e308", "-1", "x", ""]

  /// Options with their values that are no mistake, among those that are tried.
  private static let options: [(String, values: [String], legal: Set<String>)] = [
    ("--steps", counts, []), ("--batch-size", counts, []), ("--validation-interval", counts, []),
    ("--features", counts, []), ("--max-degree", counts, ["0"]), ("--layers", counts, []),
    ("--heads", counts, []), ("--basis", counts, []), ("--correlation", counts, []),
    ("--radial-features", counts, ["0"]), ("--patience", counts, ["0"]),
    ("--seed", counts, Set(counts).subtracting(["9223372036854775808", "x", ""])),
    ("--learning-rate", reals + ["0"], []), ("--cutoff", reals + ["0"], []),
    ("--batch-pairs", counts, ["0"]), ("--batch-growth", reals + ["0"], []),
    ("--weight-decay", reals, []), ("--gradient-clip", reals + ["0"], []),
    ("--average-decay", reals + ["1"], []), ("--second-moment-decay", reals + ["1"], []),
    ("--warmup-steps", counts, ["0"]), ("--energy-weight", reals, []),
    ("--forces-weight", reals, []),
    ("--stress-weight", reals, []),
    ("--checkpoint-interval", reals, []), ("--minutes", reals + ["0"], []),
  ]

  @Test(arguments: options.map(\.0))
  func everyNumberIsRefusedAtOnceOrLegal(option: String) throws {
    let folder = try TrainingFolder()
    let (_, values, legal) = Self.options.first { $0.0 == option }!
    for value in values {
      try? FileManager.default.removeItem(atPath: folder.path("run"))
      var arguments = TrainingFolder.tiny
      if let index = arguments.firstIndex(of: option) {
        arguments.removeSubrange(index...index + 1)
      }
      if option != "--steps" { arguments += ["--steps", "1"] }
      let outcome = try Program.e3x.run(
        ["train", "-o", folder.path("run")] + folder.data + arguments + ["\(option)=\(value)"])
      let name = "\(option) \(value): \(outcome)"
      if legal.contains(value) {
        #expect(outcome.code == 0, "\(name)")
        continue
      }
      #expect(outcome.code == 1 || outcome.code == 64, "\(name)")
      #expect(outcome.errors.contains(option), "\(name)")
      // One line; errors of usage are followed by how it is used.
      if outcome.code == 1 { #expect(outcome.errors.split(separator: "\n").count == 1, "\(name)") }
      #expect(outcome.seconds < 5 && outcome.peakBytes < 1_000_000_000, "\(name)")
      #expect(!folder.has("run"), "\(name)")
    }
  }

  @Test(arguments: ["", "0.5", "0.5:mass=1", "1:energy=2", "0.5:energy=-1", "nan:energy=1"])
  func stagesThatCannotBeAreRefused(text: String) throws {
    let folder = try TrainingFolder()
    let outcome = try folder.trainTiny("--steps", "1", "--stage", text)
    #expect(outcome.code == 1 || outcome.code == 64, "\(outcome)")
    #expect(outcome.errors.contains("--stage"), "\(outcome)")
    #expect(!folder.has("run"))
  }

  @Test func presets() throws {
    let folder = try TrainingFolder()
    let unknown = try folder.trainTiny("--steps", "1", "--preset", "slow")
    #expect(unknown.code == 64 && unknown.errors.contains("fast, default, accurate, attention"))
    let outcome = try folder.trainTiny("--steps", "1", "--preset", "accurate")
    #expect(outcome.code == 0, "\(outcome)")
    // Other options come after it.
    let checkpoint = try TrainingCheckpoint(
      contentsOf: folder.path("run/checkpoint.safetensors"))
    let configuration = try #require(checkpoint.model as? AttentionPotential).configuration
    #expect(configuration.features == 4 && checkpoint.options.batchSize == 2)
    #expect(configuration.correlation == 3 && checkpoint.options.cautious)
    let resumed = try folder.train(
      "--resume", "-o", folder.path("run"), "--preset", "accurate")
    #expect(resumed.code == 64 && resumed.errors.contains("--preset"), "\(resumed)")
  }

  @Test func whatDoesNotFitInMemoryIsRefusedWithItsSize() throws {
    let folder = try TrainingFolder()
    for (option, value) in [("--batch-size", "1000000000"), ("--features", "65536")] {
      let outcome = try Program.e3x.run(
        ["train", "-o", folder.path("run"), option, value] + folder.data)
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.errors.hasPrefix("Error: \(option): "), "\(outcome)")
      #expect(outcome.errors.contains("B"), "\(outcome)")
      #expect(outcome.peakBytes < 1_000_000_000, "\(outcome)")
    }
  }
}
