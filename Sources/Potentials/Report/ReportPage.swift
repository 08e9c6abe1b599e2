/// Puts the parts of a ``TrainingReport`` together: what a reader wants first comes first.
struct ReportPage {
  let report: TrainingReport

  func html() -> String {
    let body = [
      header(), errors(), learning(), predictions(), warnings(), details(),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
    return ReportDocument.html(title: title, body: body + "\n</main>")
  }

  // MARK: What run this is

  /// Name, data and date: what tells the tabs of two runs apart.
  private var title: String {
    ([report.name, trainingData, moment].compactMap(\.self) + ["training report"])
      .filter { !$0.isEmpty }.joined(separator: " · ")
  }

  private var moment: String? {
    report.date.map { ReportText.moment($0, in: report.timeZone) }
  }

  /// The first file of the data, with the number of others of the same role.
  private var trainingData: String? {
    guard let first = report.dataSets.first else { return nil }
    let others = report.dataSets.filter { $0.role == first.role }.count - 1
    let name = ReportText.shortPath(first.path)
    return others > 0 ? "\(name) and \(others) more" : name
  }

  private func header() -> String {
    let name = ReportText.foreign(report.name.isEmpty ? "Training report" : report.name)
    let data = [
      trainingData.map { "trained on \(ReportText.foreign($0))" },
      moment.map { "<span class=\"nowrap\">\(ReportText.escape($0))</span>" },
    ].compactMap(\.self).joined(separator: ", ")
    let count = report.warnings.count
    let lines = [
      report.model.isEmpty ? "" : ReportText.escape(report.model),
      report.status.map { "<strong>\(ReportText.escape($0))</strong>" } ?? "",
      count == 0
        ? "" : "<a href=\"#warnings\">\(ReportText.count(count, "warning"))</a>",
      report.failures.isEmpty ? "" : "<strong>not all parts of this page could be made</strong>",
    ].filter { !$0.isEmpty }
    return "<header>\n<h1>\(name)\(data.isEmpty ? "" : " <span>\(data)</span>")</h1>\n"
      + (lines.isEmpty ? "" : "<p class=\"sub\">\(lines.joined(separator: " · "))</p>\n")
      + "</header>\n<main>"
  }

  // MARK: Parts

  /// What a section would hold, had it been possible.
  private func missing(_ section: TrainingReport.Section) -> String {
    report.failures.filter { $0.section == section }.map {
      "<p class=\"card missing\">Missing here: \(ReportText.foreign($0.part)), because "
        + "\(ReportText.foreign($0.reason)).</p>\n"
    }.joined()
  }

  private func errors() -> String {
    ReportDocument.section("Errors", missing(.errors) + ReportErrors(report.errors).html())
  }

  private func plots(_ plots: [(id: String, plot: Plot?)]) -> String {
    let figures = plots.compactMap { id, plot in plot?.html(id: id) }
    return figures.isEmpty ? "" : "<div class=\"plots\">\n\(figures.joined())</div>"
  }

  private func learning() -> String {
    let written = report.written?.step
    return ReportDocument.section(
      "Learning",
      missing(.learning)
        + plots([
          (
            "loss",
            .curve(
              report.loss, title: "Training loss", quantity: "loss", unit: "", color: 0,
              isNoisy: true, written: written)
          ),
          (
            "force-error",
            .curve(
              report.forceError, title: "Validation error of forces",
              quantity: "mean absolute error", unit: "meV/Å", color: 1, written: written)
          ),
          (
            "energy-error",
            .curve(
              report.energyError, title: "Validation error of energies",
              quantity: "mean absolute error", unit: "meV", color: 2, written: written)
          ),
          (
            "stress-error",
            .curve(
              report.stressError, title: "Validation error of stress",
              quantity: "mean absolute error", unit: "meV/Å³", color: 3, written: written)
          ),
          (
            "learning-rate",
            .curve(
              report.learningRate, title: "Learning rate", quantity: "learning rate", unit: "",
              color: 3)
          ),
        ]))
  }

  private func predictions() -> String {
    let figures = report.predictions.map(PredictionFigures.init)
    let breakdowns = figures?.breakdowns() ?? ""
    let worst = figures?.worst() ?? ""
    return [
      ReportDocument.section("Predictions", missing(.predictions) + (figures?.plots() ?? "")),
      ReportDocument.section("Where errors are", breakdowns),
      ReportDocument.section("Worst frames", worst),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private func warnings() -> String {
    let items = report.warnings.map { "<li>\(ReportText.foreign($0))</li>\n" }.joined()
    return ReportDocument.section(
      "Warnings", items.isEmpty ? "" : "<ul class=\"card warnings\">\n\(items)</ul>",
      id: "warnings")
  }

  private func details() -> String {
    var run = report.facts
    if let program = report.program { run.append(TrainingReport.Entry("Program", program)) }
    if let moment { run.append(TrainingReport.Entry("Date of this page", moment)) }
    if let written = report.written {
      run.insert(
        TrainingReport.Entry(
          "Written to the model", "step \(ReportText.count(written.step)): \(written.criterion)"),
        at: 0)
    }
    return [
      ReportDocument.section("Run", missing(.details) + ReportTable.entries(run)),
      ReportDocument.section("Changes at resumes", ReportTable.changes(report.changes)),
      ReportDocument.section("Data", ReportTable.dataSets(report.dataSets)),
      ReportDocument.section(
        "Energies of the elements", ReportTable.elementEnergies(report.elementEnergies)),
      ReportDocument.section("Model", ReportTable.entries(report.configuration)),
      ReportDocument.section("Options of the training", ReportTable.entries(report.options)),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
