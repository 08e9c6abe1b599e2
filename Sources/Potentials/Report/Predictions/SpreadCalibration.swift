internal import E3xSystem

/// Errors of forces beside the spread of a committee: whether atoms on which its members disagree are those
/// on which it errs, and by how much.
struct SpreadCalibration: Sendable {
  private struct Bin: Sendable {
    var count = 0
    var spreads = 0.0
    var errors = 0.0
  }

  /// Four to a power of ten of the spread.
  private static let binsPerDecade = 4.0
  /// Atoms in a bin, below which it is not drawn.
  private static let leastAtoms = 5

  private var bins: [Int: Bin] = [:]

  /// Adds an atom: the spread of its force and the size of its error, eV/Å.
  mutating func add(spread: Double, error: Double) {
    let (spread, error) = (1000 * spread, 1000 * error)
    guard PlotAxis.canDraw(spread * spread), PlotAxis.canDraw(error * error), spread > 1e-9 else {
      return
    }
    let place = Int((log10(spread) * Self.binsPerDecade).rounded(.down))
    bins[place, default: Bin()].count += 1
    bins[place, default: Bin()].spreads += spread * spread
    bins[place, default: Bin()].errors += error * error
  }

  /// Roots of mean squares of bins of the spread, meV/Å, in ascending order.
  private var points: [CurvePoints.Point] {
    bins.sorted { $0.key < $1.key }.map(\.value).filter { $0.count >= Self.leastAtoms }.map { bin in
      let count = Double(bin.count)
      return CurvePoints.Point(
        x: (bin.spreads / count).squareRoot(), y: (bin.errors / count).squareRoot())
    }.filter { $0.y > 0 }
  }

  /// The figure; nil for less than two points.
  func plot(set: String) -> Plot? {
    let points = points
    guard points.count > 1, let first = points.first, let last = points.last else { return nil }
    let count = bins.values.reduce(0) { $0 + $1.count }
    let spreads = bins.values.reduce(0) { $0 + $1.spreads }
    let errors = bins.values.reduce(0) { $0 + $1.errors }
    let ratio = ReportText.number((errors / spreads).squareRoot())
    let axis = PlotAxis.logarithmic(points.flatMap { [$0.x, $0.y] })
    var plot = Plot(
      title: "Spread of the committee and errors",
      caption: "\(ReportText.count(count, "force")) of the \(set), by how much the members differ; "
        + "errors are \(ratio) times the spread; on the dashed line they are alike",
      description:
        "Root mean square errors of forces on atoms against the spread of the committee, "
        + "both logarithmic, for \(ReportText.count(count, "force")) of the \(set): where the spread "
        + "is \(ReportText.number(first.x)) meV/Å, errors are \(ReportText.number(first.y)); where "
        + "it is \(ReportText.number(last.x)), they are \(ReportText.number(last.y)). In all, "
        + "errors are \(ratio) times the spread.",
      x: axis, y: axis, xTitle: "spread (meV/Å)", yTitle: "error (meV/Å)")
    plot.isSquare = true
    plot.paths = "<path class=\"diagonal\" d=\"M0 100L100 0\"/>"
    plot.drawLines(points, style: "line c3")
    plot.drawDots(points, style: "dots c3")
    return plot
  }
}
