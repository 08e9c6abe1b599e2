internal import ArgumentParser
internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// `e3x predict`: energies and forces of structures.
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write the energies, forces and stresses that a model predicts.",
    discussion: """
      Predictions are written under the names 'energy', 'forces' and, for frames that repeat, \
      'stress' (eV/Å³, negative under compression; of a slab per volume of its cell). Energies, \
      forces, stresses, dipoles, charges and magnetic moments of a reference that the structures \
      come with are left out, as they would contradict them; with --keep-labels all but what is \
      predicted stay, and with --prefix NAME_ all stay, and predictions are 'NAME_energy' and \
      'NAME_forces'. A committee gives means and, as 'energy_std' and 'forces_std', its spread: the \
      sample standard deviation of its members' energies (eV), and for each atom the norm of those of \
      the components of its force (eV/Å).
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(
    help: """
      Structures (XYZ, extended XYZ, or npz of MD17 or rMD17); labels are not needed; - is standard \
      input.
      """)
  var frames: String
  @Option(
    name: .shortAndLong,
    help: """
      The file to write (extended XYZ, compressed if its name ends in .gz); - is standard output.
      """)
  var output: String
  @Option(help: "What the names of energies and forces begin with; nothing by default.")
  var prefix: String?
  @Flag(help: "Keep other labels of the reference beside the predictions.")
  var keepLabels = false
  @OptionGroup var badFrames: BadFrameOptions

  func run() throws {
    let labels = PredictedLabels(prefix: prefix ?? "", keepsReference: keepLabels)
    try labels.check()
    try FileIdentity.checkStandardInput([model, frames])
    try FileIdentity.checkDiffers(output: output, from: [model, frames])
    try OutputFile.check(output)
    let stream = PredictionStream(
      potential: try Potential(contentsOf: model, models: CommandModels.others), path: frames,
      keys: .none, skipsBadFrames: badFrames.skipBadFrames)

    // A regular file takes its place when it is complete: until then nothing is left behind. What
    // reads a pipe has what was written.
    let isReplaced = FileIdentity.ofOutput(output)?.isRegularFile ?? true
    if isReplaced { Interruption.catchSignals() }
    let total = try stream.check { frame, number in
      try Interruption.check()
      try Self.checkWritable(
        frame, labels, file: frames, number: number, isCommittee: stream.potential.members > 1)
    }
    let progress = ProgressLine(total: total, unit: "frames")
    defer { progress.finish() }
    let writer = try XYZWriter(replacing: output)
    var count = 0
    let (bad, close) = try stream.forEach { frame in
      try Interruption.check()
      try writer.append(labels.labelled(frame.source, frame.prediction))
      count += 1
      progress.advance(to: count)
    }
    try writer.finish()
    progress.finish()
    BadFrameOptions.report(bad, close)
    let text = "wrote \(count) \(count == 1 ? "frame" : "frames") to \(OutputFile.name(output))"
    if OutputFile.isStandardOutput(output) {
      StandardOutput.write(text + "\n", to: STDERR_FILENO)
    } else {
      StandardOutput.print(text)
    }
  }

  /// Finds what of a frame cannot be written, before anything is predicted.
  private static func checkWritable(
    _ frame: XYZFrame, _ labels: PredictedLabels, file: String, number: Int, isCommittee: Bool
  ) throws(FileError) {
    var nothing = Potential.Prediction(
      energy: 0, forces: [Double](repeating: 0, count: frame.positions.count),
      stress: [Double](repeating: 0, count: 9))
    if isCommittee {
      nothing.energyDeviation = 0
      nothing.forcesDeviation = [Double](repeating: 0, count: frame.positions.count / 3)
    }
    do {
      _ = try XYZWriter.text([labels.labelled(frame, nothing)], name: file)
    } catch {
      throw FileError(
        file: file, place: "frame \(number)", reason: "cannot be written: \(error.reason)")
    }
  }
}
