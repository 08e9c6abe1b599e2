/// The parts of a page about the predictions of a set: values beside labels, how errors are
/// distributed, and the frames with the greatest ones.
struct PredictionFigures {
  let summary: PredictionSummary

  private var set: String {
    (summary.set.isEmpty ? "frames" : "\(summary.set) set")
      + (summary.stride > 1 ? ", one frame in \(ReportText.count(summary.stride))" : "")
  }

  private var energyUnit: (title: String, quantity: String, unit: String, perAtom: Bool) {
    summary.hasManyCompositions
      ? ("Energies per atom less those of the elements", "energy", "eV/atom", true)
      : ("Energies", "energy", "eV", false)
  }

  /// Parity plots, and then histograms of errors.
  func plots() -> String {
    let energy = energyUnit
    let kinds: [(id: String, pairs: PredictionPairs?, labels: ErrorPlotLabels)] = [
      (
        "force", summary.sample.forces,
        ErrorPlotLabels(
          title: "Forces", set: set, quantity: "force component", unit: "eV/Å", color: 1)
      ),
      (
        "energy", summary.sample.energies(perAtom: energy.perAtom),
        ErrorPlotLabels(
          title: energy.title, set: set, quantity: energy.quantity, unit: energy.unit, color: 2)
      ),
      (
        "stress", summary.sample.stress,
        ErrorPlotLabels(
          title: "Stress", set: set, quantity: "stress component", unit: "eV/Å³", color: 3)
      ),
    ]
    let drawn = kinds.compactMap { id, pairs, labels in pairs.map { (id, $0, labels) } }
    return ReportDocument.figures(drawn.map(parity))
      + ReportDocument.figures(
        drawn.map { id, pairs, labels in Plot.histogram(pairs, labels).html(id: "\(id)-errors") }
          + [calibration])
  }

  /// Of a committee, its spread beside errors.
  private var calibration: String {
    let set = summary.set.isEmpty ? "frames" : "\(summary.set) set"
    return summary.calibration.plot(set: set)?.html(id: "spread") ?? ""
  }

  private func parity(
    _ id: String, _ pairs: PredictionPairs, _ labels: ErrorPlotLabels
  ) -> String {
    var plot = Plot.parity(pairs, labels)
    let colorings = pairs.colorings
    if colorings.count > 1 {
      let choices = colorings.enumerated().map { index, coloring in
        let name = coloring.category.rawValue
        return "<label><input type=\"radio\" name=\"\(id)-colours\" value=\"\(name)\""
          + (index == 0 ? " checked=\"checked\"" : "") + "/>\(name)</label>"
      }
      plot.style = "choose"
      plot.footer =
        "<fieldset class=\"choices\"><legend>Colours by</legend>\(choices.joined())</fieldset>"
    }
    plot.footer += colorings.map {
      Plot.legend($0.names, style: "by \($0.category.rawValue)")
    }.joined()
    return plot.html(id: id)
  }

  /// Tables by element, group and size.
  func breakdowns() -> String {
    let energy = energyUnit
    return [
      BreakdownTable(title: "Forces", unit: "meV/Å", color: 1, breakdown: summary.forces),
      BreakdownTable(
        title: energy.perAtom ? "Energies per atom" : "Energies",
        unit: energy.perAtom ? "meV/atom" : "meV", color: 2, breakdown: summary.energies),
      BreakdownTable(title: "Stress", unit: "meV/Å³", color: 3, breakdown: summary.stress),
    ].map { $0.html() }.joined()
  }

  /// The frames with the greatest errors, in a figure that turns and a table.
  func worst() -> String { WorstFrameFigure(entries: summary.worst.entries).html() }
}
