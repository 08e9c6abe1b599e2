import E3xFiles
import Foundation
import OrderedCollections
import TestSupport

/// A model that the program has trained for a step, and frames for it, in a folder of its own.
struct TrainedModel {
  let folder: TemporaryFolder
  let path: String

  static let water = (
    numbers: [8, 1, 1] as [Int32],
    positions: [
      0.1, 0.05, -0.02, 0.96, 0.02, 0.01, -0.24, 0.93, 0.03,
    ]
  )

  /// A molecule of water, at a distance from the origin, with labels under these keys.
  static func frame(energy: String? = nil, forces: String? = nil, shift: Double = 0) -> XYZFrame {
    var frame = XYZFrame(numbers: water.numbers, positions: water.positions.map { $0 + shift })
    if let energy { frame.info[energy] = .real(-14.25) }
    if let forces {
      frame.arrays[forces] = XYZColumn(
        .reals([0.5, -0.25, 0.125, -0.5, 0, 0, 0, 0.25, -0.125]), width: 3)
    }
    return frame
  }

  /// - Parameter options: of the training, beside those of a tiny network.
  init(options: [String] = []) throws {
    folder = try TemporaryFolder()
    try XYZWriter.write(
      [Self.frame(energy: "energy", forces: "forces")], to: folder.path("train.xyz"))
    let outcome = try Program.e3x.run(
      [
        "train", "--train", folder.path("train.xyz"), "--output", folder.path("run"), "--steps",
        "1",
        "--batch-size", "1", "--features", "4", "--heads", "1", "--layers", "2", "--max-degree",
        "1",
        "--basis", "4",
      ] + options)
    path = folder.path("run/model.safetensors")
    guard outcome.code == 0 else { throw Failure(description: "\(outcome)") }
  }

  private struct Failure: Error, CustomStringConvertible { let description: String }

  /// Writes frames and gives their path.
  func write(_ frames: [XYZFrame], _ name: String = "frames.xyz") throws -> String {
    try XYZWriter.write(frames, to: folder.path(name))
    return folder.path(name)
  }
}
