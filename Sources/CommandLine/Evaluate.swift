internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// `e3x evaluate`: the errors of a model on a data set.
struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Report the errors of a model on labelled frames.",
    discussion: """
      Frames need not have all labels: the errors of energies are those of the frames that have \
      one, and so are those of forces. Where no frame has a label there is a dash, and null in JSON.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "Frames (extended XYZ); - is standard input.")
  var frames: String
  @Flag(help: "Print one JSON object.")
  var json = false
  @OptionGroup var data: DataOptions

  func run() throws {
    try FileIdentity.checkStandardInput([model, frames])
    let stream = PredictionStream(
      potential: try Potential(contentsOf: model), path: frames, keys: data.keys(required: []))
    let progress = ProgressLine(total: try stream.check(), unit: "frames")
    defer { progress.finish() }
    var (sums, count) = (ErrorSums(), 0)
    try stream.forEach { frame in
      sums.add(frame.labelled, frame.prediction)
      count += 1
      progress.advance(to: count)
    }
    progress.finish()
    StandardOutput.print(json ? try Self.json(sums.errors) : Self.table(sums.errors))
  }

  private static func json(_ errors: PredictionErrors) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return String(decoding: try encoder.encode(errors), as: UTF8.self)
  }

  private static func table(_ errors: PredictionErrors) -> String {
    func row(_ name: String, _ mean: Double?, _ root: Double??, _ unit: String) -> String {
      let label = name.padding(toLength: 17, withPad: " ", startingAt: 0)
      let second = root.map { "RMSE " + errorText($0, digits: 3, width: 10) }
      return "\(label)  MAE \(errorText(mean, digits: 3, width: 10))   "
        + (second ?? String(repeating: " ", count: 15)) + "  \(unit)"
    }
    return """
      \(errors.frames) frames, \(errors.atoms) atoms: \(errors.energyFrames) frames with energies, \
      \(errors.forcesFrames) with forces
      \(row("energies", errors.energyMAE, .some(errors.energyRMSE), "meV"))
      \(row("energies per atom", errors.energyPerAtomMAE, nil, "meV"))
      \(row("forces", errors.forcesMAE, .some(errors.forcesRMSE), "meV/Å"))
      """
  }
}
