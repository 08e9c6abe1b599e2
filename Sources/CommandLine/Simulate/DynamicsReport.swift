internal import E3xEngine
internal import E3xFiles
internal import E3xPotentials
internal import E3xSimulation
internal import Foundation
internal import OrderedCollections

/// The page about dynamics, made of the files that they wrote: all of a run is in it, also what was
/// before a restart.
struct DynamicsReport {
  private let table: ThermoTable
  private let folder: DynamicsFolder
  private let potential: Potential
  /// What it is of, in a few words.
  private let about: [String]

  /// Frames in the figure that turns, and for distances.
  private static let (viewerFrames, distanceFrames) = (120, 400)

  init(_ folder: DynamicsFolder, _ potential: Potential, about: [String]) throws(FileError) {
    (self.folder, self.potential, self.about) = (folder, potential, about)
    table = try ThermoTable(folder.thermo)
  }

  func write(to path: String) throws {
    let (viewer, distances) = try structures()
    let body = [
      ReportDocument.header(folder.run.name, about: "molecular dynamics", lines: about),
      "<main>",
      ReportDocument.section("Structure", viewer?.html(id: "structure") ?? ""),
      ReportDocument.section("Over time", ReportDocument.figures(timeFigures())),
      ReportDocument.section("Distances", ReportDocument.figures(distanceFigures(distances))),
      "</main>",
    ].filter { !$0.isEmpty }.joined(separator: "\n")
    let html = ReportDocument.html(
      title: "\(folder.run.name) · molecular dynamics", body: body)
    try FileBytes.write(html, to: path)
  }

  // MARK: Over time

  private func timeFigures() -> [String] {
    let time = table.column("time_fs").map { $0 / 1000 }
    func figure(
      _ id: String, _ title: String, _ unit: String, _ color: Int, _ columns: [(String, String)],
      relative: Bool = false
    ) -> String {
      let lines = columns.compactMap { name, column -> LinePlot.Line? in
        var values = table.column(column)
        guard values.contains(where: \.isFinite) else { return nil }
        if relative, let first = values.first(where: \.isFinite) {
          values = values.map { $0 - first }
        }
        return LinePlot.Line(name, x: time, y: values)
      }
      return LinePlot(
        title: title, xTitle: "time (ps)", yTitle: unit, lines: lines, color: color
      ).html(id: id)
    }
    return [
      figure("temperature", "Temperature", "K", 2, [("", "temperature_K")]),
      figure(
        "energies", "Energies since the start", "eV", 0,
        [("potential", "potential_energy_eV"), ("total", "total_energy_eV")], relative: true),
      figure(
        "drift", "Conserved energy since the start", "eV", 1, [("", "conserved_energy_eV")],
        relative: true),
      figure("pressure", "Pressure", "GPa", 3, [("", "pressure_GPa")]),
      figure("volume", "Volume", "Å³", 0, [("", "volume_A3")]),
      figure(
        "spread", "Largest spread of a force", "eV/Å", 2, [("", "force_spread_eV_A")]),
    ]
  }

  // MARK: Structures

  private func structures() throws -> (StructureViewer?, RadialDistribution) {
    let count = try countFrames()
    var distances = try RadialDistribution()
    var frames: [StructureViewer.Frame] = []
    var numbers: [Int32] = []
    let viewerStride = max(1, (count + Self.viewerFrames - 1) / Self.viewerFrames)
    let distanceStride = max(1, (count + Self.distanceFrames - 1) / Self.distanceFrames)
    var reader = try LabelledFrameReader(folder.trajectory, keys: .none)
    var index = 0
    let showsAttention = potential.hasAttention
    while let frame = try reader.next() {
      if index % distanceStride == 0 { try distances.add(frame) }
      if index % viewerStride == 0, frame.count <= StructureViewer.mostAtoms {
        numbers = frame.atomicNumbers
        frames.append(try viewed(frame, reader.frame, showsAttention))
      }
      index += 1
    }
    guard !frames.isEmpty else { return (nil, distances) }
    let viewer = StructureViewer(
      title: "Trajectory",
      caption: showsAttention && frames.contains { $0.attention != nil }
        ? StructureViewer.attentionCaption : "",
      atomicNumbers: numbers, frames: frames)
    return (viewer, distances)
  }

  private func countFrames() throws -> Int {
    var reader = try LabelledFrameReader(folder.trajectory, keys: .none)
    var count = 0
    while try reader.next() != nil { count += 1 }
    return count
  }

  private func viewed(
    _ frame: LabelledFrame, _ source: XYZFrame?, _ showsAttention: Bool
  ) throws -> StructureViewer.Frame {
    var attention: Potential.Attention?
    if showsAttention {
      let found = try potential.attention(of: frame)
      attention = found.sources.count <= StructureViewer.mostAttentionPairs ? found : nil
    }
    let time = source?.info["time_fs"]?.double
    return StructureViewer.Frame(
      positions: frame.positions, cell: frame.pbc.contains(true) ? frame.cell : nil,
      note: time.map { String(format: "%.3f ps", $0 / 1000) } ?? "", attention: attention)
  }

  private func distanceFigures(_ distances: RadialDistribution) -> [String] {
    guard distances.frames > 0 else { return [] }
    return distances.pairs.prefix(12).enumerated().map { index, pair in
      let names = [pair.first, pair.second].map { ChemicalElements.symbol(of: $0) ?? "X" }
      return LinePlot(
        title: "\(names[0]) – \(names[1])", xTitle: "distance (Å)",
        yTitle: distances.isNormalised ? "g(r)" : "pairs per Å",
        lines: [LinePlot.Line(x: distances.distances, y: distances.values(pair))],
        color: index % 4
      ).html(id: "distance-\(index)")
    }
  }
}

/// The numbers of thermo.csv by column; what is missing is NaN.
struct ThermoTable {
  private var columns: [String: [Double]] = [:]

  /// - Throws: `FileError` for a file that cannot be read or lines of another length.
  init(_ path: String) throws(FileError) {
    let text = String(decoding: try FileBytes.read(path), as: UTF8.self)
    var lines = text.split(separator: "\n")[...]
    guard let names = lines.popFirst()?.split(separator: ",", omittingEmptySubsequences: false)
    else { throw FileError(file: path, reason: "is empty, expected a line of names") }
    var values = [[Double]](repeating: [], count: names.count)
    for (number, line) in lines.enumerated() {
      let words = line.split(separator: ",", omittingEmptySubsequences: false)
      guard words.count == names.count else {
        throw FileError(
          file: path, place: "line \(number + 2)",
          reason: "has \(words.count) values, expected \(names.count)")
      }
      for (column, word) in words.enumerated() { values[column].append(Double(word) ?? .nan) }
    }
    for (column, name) in names.enumerated() { columns[String(name)] = values[column] }
  }

  /// The values of a column; none of one that is not there.
  func column(_ name: String) -> [Double] { columns[name] ?? [] }
}
