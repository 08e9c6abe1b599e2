import E3xBundledData
import E3xFiles
import E3xPotentials
import Foundation
import TestSupport

/// Data and results of small trainings by the program, in a folder that goes with the test.
final class TrainingFolder {
  private let folder: TemporaryFolder

  /// Eight frames to train on and four to validate with: `train.xyz`, `valid.xyz`.
  init() throws {
    folder = try TemporaryFolder()
    try write("train.xyz", Self.ethanol(.train, 0..<8))
    try write("valid.xyz", Self.ethanol(.valid, 0..<4))
  }

  var path: String { folder.path }
  func path(_ name: String) -> String { folder.path(name) }

  /// Frames of the ethanol data as text.
  static func ethanol(_ split: BundledData.Split, _ frames: Range<Int>) throws -> String {
    let text = try String(contentsOfFile: BundledData.ethanol(split), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return lines[(11 * frames.lowerBound)..<(11 * frames.upperBound)]
      .joined(separator: "\n") + "\n"
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: folder.url(name))
  }

  func read(_ name: String) throws -> String {
    try String(contentsOf: folder.url(name), encoding: .utf8)
  }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// All names in a folder of results.
  func names(_ name: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: path(name)))
  }

  /// The smallest network, and data of this folder.
  static let tiny = [
    "--features", "4", "--heads", "1", "--layers", "1", "--max-degree", "1", "--basis", "4",
    "--batch-size", "2",
  ]
  var data: [String] { ["--train", path("train.xyz"), "--valid", path("valid.xyz")] }

  /// `e3x train` of the smallest network, with the data of this folder, in `run`.
  func trainTiny(_ arguments: String..., results: String = "run") throws -> Program.Outcome {
    try Program.e3x.run(
      ["train", "-o", path(results)] + data + Self.tiny + arguments, in: path, seconds: 300)
  }

  /// `e3x train` with nothing but these arguments.
  func train(_ arguments: String..., in folder: String? = nil) throws -> Program.Outcome {
    try Program.e3x.run(["train"] + arguments, in: folder ?? path, seconds: 300)
  }

  /// Starts `e3x train` of the smallest network.
  func startTiny(_ arguments: String..., results: String = "run") throws -> RunningProgram {
    try Program.e3x.start(
      ["train", "-o", path(results)] + data + Self.tiny + arguments, in: path)
  }

  /// The tensors of a file of results.
  func tensors(_ name: String) throws -> [String: SafetensorsTensor] {
    let file = try SafetensorsFile(contentsOf: path(name))
    return Dictionary(uniqueKeysWithValues: try file.names.map { ($0, try file.tensor($0)) })
  }

  /// The steps that were done, as a checkpoint says.
  func stepsDone(_ results: String = "run") throws -> Int {
    try TrainingCheckpoint(contentsOf: path("\(results)/checkpoint.safetensors")).stepsDone
  }
}

extension RunningProgram {
  /// Waits until the program has written a text to standard output.
  /// - Returns: Whether it has, within a minute.
  func waitFor(_ text: String, seconds: Double = 60) -> Bool {
    let start = Date()
    while Date().timeIntervalSince(start) < seconds {
      if output.contains(text) { return true }
      usleep(5000)
    }
    return false
  }
}
