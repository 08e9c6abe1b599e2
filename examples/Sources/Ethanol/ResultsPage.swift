import E3x

/// One page with everything.
struct ResultsPage {
  let potential: Potential
  let errors: PredictionErrors
  let gauche: Minimum
  let trans: Minimum
  let vibrations: Vibrations
  let trajectory: Trajectory
  let rotor: RotorProfile
  let reference: Reference

  func write(to path: String) throws {
    let sections = [
      ReportDocument.header(
        "Ethanol", about: "what a potential learned from GFN2-xTB",
        lines: [TestErrors.text(errors)]),
      "<main>",
      ReportDocument.section("Dynamics", try viewer() + ReportDocument.figures(courses())),
      ReportDocument.section(
        "The rotor of the hydroxyl group",
        ReportDocument.paragraph(rotor.summary(beside: reference.rotor))
          + ReportDocument.figures([profile()])),
      ReportDocument.section("Minima", Geometries.table(gauche, trans, reference).html),
      ReportDocument.section(
        "Vibrations",
        ReportDocument.paragraph(vibrations.summary) + ReportDocument.figures([modes()])
          + vibrations.table.html),
      "</main>",
    ]
    let page = ReportDocument.html(
      title: "Ethanol", body: sections.joined(separator: "\n"), hasViewer: true)
    try page.write(toFile: path, atomically: true, encoding: .utf8)
  }

  // MARK: Attention

  /// The molecule as it moves; half of the line between two atoms shows how much the one attends to
  /// the other.
  private func viewer() throws -> String {
    let share = try attentionOnHydroxyl()
    let frames = try trajectory.frames.map { time, frame in
      StructureViewer.Frame(
        positions: frame.positions, note: "\(fixed(time, 1)) ps",
        attention: share == nil ? nil : try potential.attention(of: frame))
    }
    return StructureViewer(
      title: "Trajectory", caption: share ?? "",
      atomicNumbers: gauche.frame.atomicNumbers, frames: frames
    ).html(id: "trajectory")
  }

  /// What of the attention of the hydroxyl's atoms goes along their bond, in words; nil for a
  /// potential without attention.
  func attentionOnHydroxyl() throws -> String? {
    guard potential.hasAttention else { return nil }
    let attention = try potential.attention(of: gauche.frame)
    func share(of atom: Int32, on other: Int32) -> String {
      let pairs = zip(attention.destinations, attention.sources)
      guard let pair = pairs.enumerated().first(where: { $1 == (atom, other) })?.offset else {
        return "none"
      }
      return attention.layers.map { layer in
        let weights = layer.weights[(pair * layer.heads)..<((pair + 1) * layer.heads)]
        return fixed(100 * weights.reduce(0, +) / Double(layer.heads), 0) + " %"
      }.joined(separator: ", then ")
    }
    return "Along the O–H bond goes, layer by layer, of the hydrogen's attention "
      + "\(share(of: 3, on: 2)), and of the oxygen's \(share(of: 2, on: 3)) (mean of the heads)."
  }

  // MARK: Figures

  private func courses() -> [String] {
    [
      LinePlot(
        title: "Turn of the hydroxyl group", xTitle: "time (ps)", yTitle: "C–C–O–H (°)",
        lines: [LinePlot.Line(x: trajectory.times, y: trajectory.dihedrals)], color: 3
      ).html(id: "dihedral"),
      LinePlot(
        title: "Temperature", xTitle: "time (ps)", yTitle: "K",
        lines: [LinePlot.Line(x: trajectory.times, y: trajectory.temperatures)], color: 2
      ).html(id: "temperature"),
    ]
  }

  private func profile() -> String {
    LinePlot(
      title: "Energy of the rotor, all else relaxed", xTitle: "C–C–O–H (°)", yTitle: "meV",
      lines: [
        LinePlot.Line("this potential", x: rotor.degrees, y: rotor.relative),
        LinePlot.Line("GFN2-xTB", x: reference.rotor.degrees, y: reference.rotor.relative),
      ]
    ).html(id: "rotor")
  }

  private func modes() -> String {
    let numbers = vibrations.reference.indices.map { Double($0 + 1) }
    return LinePlot(
      title: "Normal modes", xTitle: "mode", yTitle: "cm⁻¹",
      lines: [
        LinePlot.Line("this potential", x: numbers, y: vibrations.wavenumbers),
        LinePlot.Line("GFN2-xTB", x: numbers, y: vibrations.reference),
      ]
    ).html(id: "modes")
  }
}
