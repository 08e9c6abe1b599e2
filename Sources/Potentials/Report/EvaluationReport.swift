public import E3xFiles
public import E3xSystem

/// All that the page about a model's errors on a file of frames shows; ``html()`` writes it.
public struct EvaluationReport: Sendable {
  /// What the page is called: the name of the model or of the file.
  public var name: String
  /// The predictions beside the labels.
  public var predictions: PredictionSummary
  /// When the page was made.
  public var date: Date?
  /// In which zone dates are written.
  public var timeZone = TimeZone.current
  /// Further facts: model, file, program.
  public var facts: [TrainingReport.Entry] = []
  /// What could not be shown, a sentence each.
  public var warnings: [String] = []

  /// Creates a report of predictions.
  public init(name: String, predictions: PredictionSummary) {
    (self.name, self.predictions) = (name, predictions)
  }

  /// The page: one HTML document with everything inside.
  public func html() -> String {
    let errors = predictions.errors
    let figures = PredictionFigures(summary: predictions)
    let count = ReportText.count(errors.frames, "frame")
    let moment = date.map { ReportText.moment($0, in: timeZone) }
    let items = warnings.map { "<li>\(ReportText.foreign($0))</li>\n" }.joined()
    let body = [
      ReportDocument.header(
        name.isEmpty ? "Evaluation" : name, about: "errors on \(count)",
        lines: [moment ?? "", ReportText.count(errors.atoms, "atom")]),
      "<main>",
      ReportDocument.section(
        "Errors",
        ReportErrors([TrainingReport.Errors(name: predictions.set, errors)]).html()),
      ReportDocument.section("Predictions", figures.plots()),
      ReportDocument.section("Where errors are", figures.breakdowns()),
      ReportDocument.section("Worst frames", figures.worst()),
      ReportDocument.section(
        "Warnings", items.isEmpty ? "" : "<ul class=\"card warnings\">\n\(items)</ul>"),
      ReportDocument.section("Details", ReportTable.entries(facts)),
      "</main>",
    ].filter { !$0.isEmpty }.joined(separator: "\n")
    let title = [name, moment, "evaluation report"].compactMap(\.self).filter { !$0.isEmpty }
    return ReportDocument.html(title: title.joined(separator: " · "), body: body)
  }

  /// Writes the page to `path`.
  /// - Throws: `FileError` for what the system reports.
  public func write(to path: String) throws(FileError) {
    try FileBytes.write(Data(html().utf8), to: path)
  }
}
