internal import E3xFiles
internal import E3xPotentials
internal import Foundation

/// What the sets of a training hold, as a table.
struct DataTable {
  private let data: TrainingData
  private let labels: RunRecord.Labels

  init(_ data: TrainingData, _ labels: RunRecord.Labels) {
    (self.data, self.labels) = (data, labels)
  }

  var text: String {
    var rows = [["set", "frames", "atoms", "energy", "forces", "stress", "elements"]]
    for (name, set) in [
      ("training", data.train), ("validation", data.valid), ("test", data.test),
    ] where !set.isEmpty {
      let elements = set.frames.elements.sorted()
      rows.append(
        [name, "\(set.frames.count)", "\(set.frames.atomCount)"]
          + Label.allCases.map { "\(set.count(of: $0))" }
          + [elements.map { ChemicalElements.symbol(of: $0) ?? "\($0)" }.joined(separator: " ")])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.indices.map { column in
        let space = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0
          ? row[column] + space : column == row.count - 1 ? row[column] : space + row[column]
      }.joined(separator: "  ")
    }
    return lines.joined(separator: "\n")
      + "\nlabels: energy under \(labels.energy), forces under \(labels.forces), stress under "
      + "\(labels.stress) or \(labels.virial)"
  }
}
