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
      one, and so are those of forces and stress. Where no frame has a label there is a dash, and \
      null in JSON. If frames are of several groups (config_type), errors of each follow. With \
      --report a page is written: predictions beside labels, errors by element, group and size, and \
      the frames with the greatest ones, which turn in a figure.
      """)

  @Argument(help: "A model written by 'e3x train'; - is standard input.")
  var model: String
  @Argument(help: "Frames (extended XYZ, or npz of MD17 or rMD17); - is standard input.")
  var frames: String
  @Flag(help: "Print one JSON object.")
  var json = false
  @Option(help: "Write a page about the errors (HTML) to this file; none by default.")
  var report: String?
  @OptionGroup var badFrames: BadFrameOptions
  @OptionGroup var labels: LabelOptions

  func run() throws {
    try FileIdentity.checkStandardInput([model, frames])
    if let report { try checkOutput(report) }
    let stream = PredictionStream(
      potential: try Potential(contentsOf: model, models: CommandModels.others), path: frames,
      keys: labels.keys,
      skipsBadFrames: badFrames.skipBadFrames)
    let progress = ProgressLine(total: try stream.check(), unit: "frames")
    defer { progress.finish() }
    var (sums, count) = (GroupedErrors(), 0)
    var summary = report.map { _ in
      PredictionSummary(elementEnergies: stream.potential.elementEnergies)
    }
    let (bad, close) = try stream.forEach { frame in
      sums.add(frame.labelled, frame.prediction)
      summary?.add(frame.labelled, frame.prediction, number: frame.number)
      count += 1
      progress.advance(to: count)
    }
    progress.finish()
    BadFrameOptions.report(bad, close)
    if badFrames.skipBadFrames { sums.skippedFrames = bad.total }
    StandardOutput.print(json ? try prettyJSON(sums) : Self.table(sums))
    if let report, let summary {
      try write(summary, of: stream.potential, skipped: bad.total, to: report)
    }
  }

  private func checkOutput(_ report: String) throws {
    guard !OutputFile.isStandardOutput(report) else {
      throw FileError(
        file: report,
        reason: "--report must be a file: what is evaluated goes to standard output")
    }
    try FileIdentity.checkDiffers(output: report, from: [model, frames])
    try OutputFile.check(report)
  }

  private func write(
    _ summary: PredictionSummary, of potential: Potential, skipped: Int, to path: String
  ) throws {
    var summary = summary
    try summary.addAttention(of: potential)
    func name(_ path: String) -> String { path == "-" ? "standard input" : path }
    var page = EvaluationReport(
      name: URL(fileURLWithPath: name(frames)).lastPathComponent, predictions: summary)
    page.date = Date()
    page.facts = [
      TrainingReport.Entry("Model", name(model)), TrainingReport.Entry("Frames", name(frames)),
      TrainingReport.Entry("Program", "swift-e3x \(E3xVersion.current)"),
    ]
    if skipped > 0 {
      page.warnings = ["passed over \(skipped == 1 ? "1 frame" : "\(skipped) frames")"]
    }
    try page.write(to: path)
    // Standard output has the errors alone, so that programs can read it.
    StandardError.print("wrote \(path)")
  }

  private static func table(_ grouped: GroupedErrors) -> String {
    let errors = grouped.all
    func row(_ name: String, _ mean: Double?, _ root: Double?, _ unit: String) -> String {
      let label = name.padding(toLength: 17, withPad: " ", startingAt: 0)
      return "\(label)  MAE \(errorText(mean, digits: 3, width: 10))   "
        + "RMSE \(errorText(root, digits: 3, width: 10))  \(unit)"
    }
    var lines = [
      "\(errors.frames) frames, \(errors.atoms) atoms: \(errors.energyFrames) frames with "
        + "energies, \(errors.forcesFrames) with forces, \(errors.stressFrames) with stress",
      row("energies", errors.energyMAE, errors.energyRMSE, "meV"),
      row("energies per atom", errors.energyPerAtomMAE, errors.energyPerAtomRMSE, "meV"),
      row("forces", errors.forcesMAE, errors.forcesRMSE, "meV/Å"),
    ]
    if errors.stressFrames > 0 {
      lines.append(row("stress", errors.stressMAE, errors.stressRMSE, "meV/Å³"))
    }
    if let energy = errors.energyDeviation, let forces = errors.forcesDeviation {
      lines.append(
        "spread of the committee: energies \(errorText(energy, digits: 3)) meV, forces on an atom "
          + "\(errorText(forces, digits: 3)) meV/Å (means of standard deviations)")
    }
    let groups = grouped.groups
    guard groups.count > 1 else { return lines.joined(separator: "\n") }
    let width = max(5, groups.map(\.name.count).max() ?? 0)
    func name(_ text: String) -> String {
      text.padding(toLength: width, withPad: " ", startingAt: 0)
    }
    lines += ["", "\(name("group"))   frames   meV/atom      meV/Å     meV/Å³"]
    for (group, errors) in groups {
      lines.append(
        "\(name(group))  \(String(format: "%7d", errors.frames)) "
          + errorText(errors.energyPerAtomMAE, digits: 3, width: 10)
          + errorText(errors.forcesMAE, digits: 3, width: 11)
          + errorText(errors.stressMAE, digits: 3, width: 11))
    }
    return lines.joined(separator: "\n")
  }
}
