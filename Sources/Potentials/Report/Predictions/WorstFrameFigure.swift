internal import E3xFiles

/// The frames with the greatest errors: a table, from whose rows they are opened in a figure that turns.
struct WorstFrameFigure {
  let entries: [WorstFrames.Entry]

  private static let id = "worst"

  func html() -> String {
    guard !entries.isEmpty else { return "" }
    let drawn = entries.filter { $0.frame.count <= StructureViewer.mostAtoms }
    let hasForces = drawn.contains { $0.forceErrors != nil }
    let hasAttention = drawn.contains { $0.attention != nil }
    let viewer = StructureViewer(
      title: "Frames with the greatest errors",
      caption: (hasForces ? ["an arrow is the error of a force, predicted minus reference"] : [])
        .joined(separator: "; ")
        + (hasAttention ? (hasForces ? "; " : "") + StructureViewer.attentionCaption : ""),
      frames: drawn.map { entry in
        StructureViewer.Frame(
          atomicNumbers: entry.frame.atomicNumbers, positions: entry.frame.positions,
          cell: entry.frame.pbc.contains(true) ? entry.frame.cell : nil, note: note(entry),
          attention: entry.attention, arrows: entry.forceErrors)
      }, arrowName: hasForces ? "Errors of forces" : nil)
    return viewer.html(id: Self.id) + table(drawn.map(\.number))
  }

  private func note(_ entry: WorstFrames.Entry) -> String {
    let force = entry.greatestForceError.map {
      ", greatest error of a force \(ReportText.number(1000 * $0.error)) meV/Å on "
        + atom($0.atom, entry.frame)
    }
    return "number \(ReportText.count(entry.number))" + (force ?? "")
  }

  private func atom(_ index: Int, _ frame: LabelledFrame) -> String {
    (ChemicalElements.symbol(of: frame.atomicNumbers[index]) ?? "X") + "\(index + 1)"
  }

  private func table(_ drawn: [Int]) -> String {
    typealias Cell = ReportTable.Cell
    let hasGroups = entries.contains { $0.frame.group != nil }
    let hasForces = entries.contains { $0.forceErrors != nil }
    let hasEnergies = entries.contains { $0.energyError != nil }
    let rows = entries.map { entry in
      var row: [Cell] = [
        .number(ReportText.count(entry.number)),
        .foreign(Composition.formula(entry.frame.atomicNumbers)),
      ]
      if hasGroups { row.append(.foreign(entry.frame.group ?? "–")) }
      if hasForces {
        let force = entry.greatestForceError
        row.append(
          force.map { .number(ReportText.number(1000 * $0.error)) } ?? .none("no labels"))
        row.append(
          force.map { .text(atom($0.atom, entry.frame)) } ?? .none("no labels", isNumber: false))
      }
      if hasEnergies {
        let count = Double(max(entry.frame.count, 1))
        row.append(
          entry.energyError.map { .number(ReportText.number(1000 * $0 / count)) }
            ?? .none("no labels"))
      }
      let button = drawn.firstIndex(of: entry.number).map { place in
        Cell(
          html: "<button type=\"button\" class=\"view\" data-viewer=\"\(Self.id)\" "
            + "data-frame=\"\(place)\" aria-label=\"View frame \(entry.number)\">View</button>")
      }
      return row + [button ?? .none("too large to be drawn", isNumber: false)]
    }
    var head: [Cell] = [Cell(html: "Frame", isNumber: true), .text("Atoms")]
    if hasGroups { head.append(.text("Group")) }
    if hasForces {
      head.append(Cell(html: "Greatest error of a force (meV/Å)", isNumber: true))
      head.append(.text("On"))
    }
    if hasEnergies { head.append(Cell(html: "Error of the energy (meV/atom)", isNumber: true)) }
    return ReportTable(
      name: "Frames with the greatest errors",
      head: head + [.text("Figure")], rows: rows, isWide: true
    ).html()
  }
}
