/// Puts the parts of a ``TrainingReport`` together.
struct ReportPage {
  let report: TrainingReport

  func html() -> String {
    let title = ReportText.escape(report.title)
    let body = [
      "<header><h1>\(title)</h1>",
      report.subtitle.isEmpty ? "" : "<p class=\"sub\">\(ReportText.escape(report.subtitle))</p>",
      "</header>", tiles(), errorTable(), learning(), predictions(),
      section("Run", pairs(report.facts)), section("Configuration", pairs(report.configuration)),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title)</title>
      <style>
      \(ReportStyle.css)
      </style>
      </head>
      <body>
      <main>
      \(body)
      </main>
      </body>
      </html>

      """
  }

  private func section(_ name: String, _ contents: String) -> String {
    contents.isEmpty ? "" : "<section><h2>\(name)</h2>\n\(contents)</section>"
  }

  /// The headline: errors on the last set.
  private func tiles() -> String {
    guard let errors = report.errors.last else { return "" }
    let name = ReportText.escape(errors.name)
    let tiles = [
      ("Force MAE, \(name)", errors.forceMAE, "meV/Å"),
      ("Energy MAE, \(name)", errors.energyMAE, "meV"),
      ("Energy MAE per atom, \(name)", errors.energyPerAtomMAE, "meV"),
    ].compactMap { label, value, unit in
      value.map {
        "<div class=\"card tile\"><div class=\"label\">\(label)</div><div class=\"value\">"
          + "\(ReportText.number($0)) <span class=\"unit\">\(unit)</span></div></div>"
      }
    }
    return tiles.isEmpty ? "" : "<div class=\"tiles\">\(tiles.joined())</div>"
  }

  private func errorTable() -> String {
    guard !report.errors.isEmpty else { return "" }
    let columns = [
      ("Energy MAE", "meV"), ("Energy RMSE", "meV"), ("Energy MAE per atom", "meV"),
      ("Force MAE", "meV/Å"), ("Force RMSE", "meV/Å"),
    ]
    let head = columns.map {
      "<th class=\"n\" scope=\"col\">\($0.0)<br><span class=\"u\">\($0.1)</span></th>"
    }.joined()
    let rows = report.errors.map { errors in
      let values = [
        errors.energyMAE, errors.energyRMSE, errors.energyPerAtomMAE, errors.forceMAE,
        errors.forceRMSE,
      ].map { "<td class=\"n\">\(ReportText.number($0))</td>" }.joined()
      return "<tr><th scope=\"row\">\(ReportText.escape(errors.name))</th>"
        + "<td class=\"n\">\(ReportText.count(errors.frames))</td>\(values)</tr>"
    }.joined(separator: "\n")
    return section(
      "Errors",
      "<div class=\"card scroll\"><table><thead><tr><th scope=\"col\">Set</th>"
        + "<th class=\"n\" scope=\"col\">Frames</th>\(head)</tr></thead><tbody>\(rows)</tbody>"
        + "</table></div>")
  }

  private func figure(_ caption: String, _ drawing: String?) -> String {
    guard let drawing else { return "" }
    return "<figure class=\"card\"><figcaption>\(caption)</figcaption>\(drawing)</figure>\n"
  }

  private func plots(_ figures: [String]) -> String {
    let figures = figures.joined()
    return figures.isEmpty ? "" : "<div class=\"plots\">\n\(figures)</div>"
  }

  private func learning() -> String {
    section(
      "Learning",
      plots([
        figure(
          "Training loss",
          Plots.curve(report.loss, name: "loss", unit: "", color: 0, isNoisy: true)),
        figure(
          "Validation force error",
          Plots.curve(report.forceError, name: "MAE", unit: "meV/Å", color: 1)),
        figure(
          "Validation energy error",
          Plots.curve(report.energyError, name: "MAE", unit: "meV", color: 2)),
        figure(
          "Learning rate",
          Plots.curve(report.learningRate, name: "learning rate", unit: "", color: 3)),
      ]))
  }

  private func predictions() -> String {
    section(
      "Predictions",
      plots([
        figure("Forces", Plots.parity(report.forces, name: "force", unit: "eV/Å", color: 1)),
        figure("Energies", Plots.parity(report.energies, name: "energy", unit: "eV", color: 2)),
        figure(
          "Force errors", Plots.histogram(report.forces, name: "force", unit: "eV/Å", color: 1)),
        figure(
          "Energy errors", Plots.histogram(report.energies, name: "energy", unit: "eV", color: 2)),
      ]))
  }

  /// A table of names and values in two columns side by side.
  private func pairs(_ entries: [TrainingReport.Entry]) -> String {
    guard !entries.isEmpty else { return "" }
    let half = entries.count < 6 ? entries.count : (entries.count + 1) / 2
    let tables = [entries[..<half], entries[half...]].filter { !$0.isEmpty }.map { part in
      let rows = part.map {
        "<tr><th scope=\"row\">\(ReportText.escape($0.name))</th>"
          + "<td>\(ReportText.escape($0.value))</td></tr>"
      }.joined(separator: "\n")
      return "<table class=\"pairs\"><tbody>\(rows)</tbody></table>"
    }
    return "<div class=\"card two\">\(tables.joined())</div>"
  }
}
