import ArgumentParser
import E3x
import Foundation

/// Pairs of structures in a file: their number and time as JSON lines, and all of them in a file of
/// raw numbers for programs that compare them.
struct NeighborSearch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "neighbors", abstract: "Search for neighbours in the frames of a file.")

  @Argument(help: "Frames (extended XYZ).")
  var frames: String
  @Option(help: "Cutoff radius (Å).")
  var cutoff = 5.0
  @Option(help: "How often each frame is searched.")
  var repeats = 1
  @Option(
    help: """
      Where pairs are written: for each frame their number (int64), the atoms that see and those \
      that are seen, the images of these (int32), and the vectors (float64).
      """)
  var output: String?

  func run() throws {
    let clock = ContinuousClock()
    var bytes = Data()
    for frame in try LabelledFrame.read(frames, keys: .none) {
      let cell = try frame.periodicCell()
      var (pairs, times): (Neighbors?, [Double]) = (nil, [])
      for _ in 0..<max(1, repeats) {
        let time = try clock.measure {
          pairs = try Neighbors(positions: frame.positions, cell: cell, cutoff: cutoff)
        }
        times.append(time / .seconds(1))
      }
      guard let pairs else { continue }
      print(
        "{\"atoms\": \(frame.count), \"pairs\": \(pairs.count), "
          + "\"seconds\": \(times.sorted()[times.count / 2])}")
      guard output != nil else { continue }
      let images = try Neighbors(
        positions: frame.positions, cell: cell, cutoff: cutoff, images: true
      ).images
      withUnsafeBytes(of: Int64(pairs.count)) { bytes.append(contentsOf: $0) }
      pairs.destinations.withUnsafeBytes { bytes.append(contentsOf: $0) }
      pairs.sources.withUnsafeBytes { bytes.append(contentsOf: $0) }
      images.withUnsafeBytes { bytes.append(contentsOf: $0) }
      pairs.displacements.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    if let output { try bytes.write(to: URL(fileURLWithPath: output)) }
  }
}
