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
  /// What there is to say about it, if the potential has some.
  let attention: String?
  let reference: Reference

  func write(to path: String) throws {
    let sections = [
      ReportDocument.header(
        "Ethanol", about: "what a potential learned from GFN2-xTB",
        lines: [TestErrors.text(errors)]),
      "<main>",
      ReportDocument.section(
        "Dynamics",
        ReportDocument.paragraph(attention.map { "Along the O–H bond: \($0)" } ?? "")
          + (try viewer())
          + ReportDocument.figures(courses())),
      ReportDocument.section(
        "The rotor of the hydroxyl group",
        ReportDocument.paragraph(rotor.summary(beside: reference.rotor))
          + ReportDocument.figures(profiles())),
      ReportDocument.section("Minima", Geometries.table(gauche, trans, reference).html),
      ReportDocument.section(
        "Vibrations",
        ReportDocument.paragraph(vibrations.summary) + ReportDocument.figures([modes()])
          + vibrations.table.html),
      "</main>",
    ]
    let page = ReportDocument.html(
      title: "Ethanol", body: sections.joined(separator: "\n"))
    try page.write(toFile: path, atomically: true, encoding: .utf8)
  }

  // MARK: Figures

  /// The molecule as it moves.
  private func viewer() throws -> String {
    let hasAttention = potential.hasAttention
    let frames = try trajectory.frames.map { time, frame in
      StructureViewer.Frame(
        positions: frame.positions, note: "\(fixed(time, 1)) ps",
        attention: hasAttention ? try potential.attention(of: frame) : nil)
    }
    return StructureViewer(
      title: "Trajectory",
      caption: hasAttention
        ? "the orange half of a line at an atom: how much it attends to the other one" : "",
      atomicNumbers: gauche.frame.atomicNumbers, frames: frames
    ).html(id: "trajectory")
  }

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

  private func profiles() -> [String] {
    let other = reference.rotor
    let differences = zip(rotor.relative, other.relative).map { $0 - $1 }
    return [
      LinePlot(
        title: "Energy of the rotor, all else relaxed", xTitle: "C–C–O–H (°)", yTitle: "meV",
        lines: [
          LinePlot.Line("this potential", x: rotor.degrees, y: rotor.relative),
          LinePlot.Line("GFN2-xTB", x: other.degrees, y: other.relative),
        ]
      ).html(id: "rotor"),
      LinePlot(
        title: "What it differs by from GFN2-xTB", xTitle: "C–C–O–H (°)", yTitle: "meV",
        lines: [LinePlot.Line(x: rotor.degrees, y: differences)], color: 2
      ).html(id: "rotor-differences"),
    ]
  }

  private func modes() -> String {
    let differences = zip(vibrations.wavenumbers, vibrations.reference).map { $0 - $1 }
    return LinePlot(
      title: "What the normal modes differ by from GFN2-xTB", xTitle: "GFN2-xTB (cm⁻¹)",
      yTitle: "cm⁻¹", lines: [LinePlot.Line(x: vibrations.reference, y: differences)], color: 2
    ).html(id: "modes")
  }
}
