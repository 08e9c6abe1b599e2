internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation
internal import OrderedCollections

/// `e3x evaluate`: the errors of a model on a data set.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Report the errors of a model on labelled frames.")

  @Argument(help: "A model written by 'e3x train'.")
  var model: String
  @Argument(help: "Frames (extended XYZ).")
  var frames: String
  @Flag(help: "Print one JSON object.")
  var json = false
  @OptionGroup var data: DataOptions

  func run() throws {
    let potential = try Potential(contentsOf: model)
    let errors = try potential.errors(on: try data.read(frames))
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
      print(String(decoding: try encoder.encode(errors), as: UTF8.self))
      return
    }
    print("\(errors.frames) frames, \(errors.atoms) atoms")
    print(
      String(
        format: "energies           MAE %10.3f   RMSE %10.3f  meV", errors.energyMAE,
        errors.energyRMSE))
    print(
      String(
        format: "energies per atom  MAE %10.3f                    meV", errors.energyPerAtomMAE))
    print(
      String(
        format: "forces             MAE %10.3f   RMSE %10.3f  meV/Å", errors.forcesMAE,
        errors.forcesRMSE))
  }
}

/// `e3x predict`: energies and forces of structures.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the energies and forces that a model predicts.")

  @Argument(help: "A model written by 'e3x train'.")
  var model: String
  @Argument(help: "Structures (extended XYZ); labels are not needed.")
  var frames: String
  @Option(name: .shortAndLong, help: "The file to write (extended XYZ).")
  var output: String

  func run() throws {
    let potential = try Potential(contentsOf: model)
    var structures = try XYZReader.read(frames)
    let labelled = try structures.enumerated().map { index, frame in
      try LabelledFrame(
        frame, keys: LabelKeys(energy: nil, forces: nil, stress: nil), file: frames,
        frameNumber: index + 1)
    }
    let predictions = try potential.predict(labelled)
    for (index, prediction) in predictions.enumerated() {
      structures[index].info["energy"] = .real(prediction.energy)
      structures[index].arrays["forces"] = XYZColumn(
        .reals(prediction.forces), width: 3)
    }
    try XYZWriter.write(structures, to: output)
    print("wrote \(predictions.count) frames to \(output)")
  }
}
