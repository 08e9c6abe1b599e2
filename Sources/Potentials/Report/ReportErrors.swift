/// The errors on the sets of frames: the headline and a table.
///
/// Kinds of errors that no set has do not appear.
struct ReportErrors {
  private typealias Kind = (
    name: String, unit: String, value: (TrainingReport.Errors) -> Double?
  )
  private let sets: [TrainingReport.Errors]
  private let kinds: [Kind]

  init(_ sets: [TrainingReport.Errors]) {
    let all: [Kind] = [
      ("Forces, mean absolute error", "meV/Å", \.forceMAE),
      ("Forces, root mean square error", "meV/Å", \.forceRMSE),
      ("Energies, mean absolute error", "meV", \.energyMAE),
      ("Energies, root mean square error", "meV", \.energyRMSE),
      ("Energies per atom, mean absolute error", "meV", \.energyPerAtomMAE),
      ("Stress, mean absolute error", "meV/Å³", \.stressMAE),
      ("Stress, root mean square error", "meV/Å³", \.stressRMSE),
    ]
    kinds = all.filter { kind in sets.contains { kind.value($0)?.isFinite == true } }
    self.sets = sets
  }

  func html() -> String { sets.isEmpty ? "" : headline() + table() }

  /// The mean absolute errors on the last set that has some.
  private func headline() -> String {
    let headlines: [Kind] = [
      ("Forces", "meV/Å", \.forceMAE), ("Energies", "meV", \.energyMAE),
      ("Energies per atom", "meV", \.energyPerAtomMAE), ("Stress", "meV/Å³", \.stressMAE),
    ]
    func tiles(_ set: TrainingReport.Errors) -> [String] {
      headlines.compactMap { kind in
        guard let value = kind.value(set), value.isFinite else { return nil }
        return "<div class=\"card\"><dt>\(kind.name)</dt><dd>\(ReportText.number(value)) "
          + "<span>\(kind.unit)</span></dd></div>"
      }
    }
    guard let set = sets.last(where: { !tiles($0).isEmpty }) else { return "" }
    let name = set.name.isEmpty ? "" : " of the \(ReportText.foreign(set.name)) set"
    return
      "<p>Mean absolute errors on the \(ReportText.count(set.frames, "frame"))\(name):</p>\n<dl class=\"tiles\">\(tiles(set).joined())</dl>\n"
  }

  private func table() -> String {
    typealias Cell = ReportTable.Cell
    let frames = sets.map { Cell.number(ReportText.count($0.frames)) }
    let rows = kinds.map { kind in
      [Cell.text("\(kind.name) (\(kind.unit))")]
        + sets.map { set in
          kind.value(set).map { .number(ReportText.number($0)) } ?? .none("no labels")
        }
    }
    return ReportTable(
      name: "Errors on each set",
      head: [.text("Set")] + sets.map { .numberHead($0.name.isEmpty ? "all frames" : $0.name) },
      rows: [[.text("Frames")] + frames] + rows, isWide: sets.count > 3
    ).html()
  }
}
