internal import E3xSystem

/// A curve as it can be drawn: points, and nil where there is a gap.
struct CurvePoints {
  /// A step and its value.
  struct Point: Equatable {
    var x: Double
    var y: Double
  }

  /// In the order of the curve; nil for what cannot be drawn.
  let points: [Point?]
  /// Whether values are drawn on a logarithmic axis: those of a curve without negative ones.
  let isLogarithmic: Bool
  /// How many values are there, but are no numbers that can be drawn.
  let notFinite: Int
  /// How many values are zero on a logarithmic axis.
  let zeros: Int

  init(_ curve: TrainingReport.Curve) {
    let pairs = Array(zip(curve.steps, curve.values))
    let numbers = pairs.filter { PlotAxis.canDraw($0.0) }.compactMap(\.1).filter(PlotAxis.canDraw)
    let isLogarithmic = numbers.contains { $0 > 0 } && !numbers.contains { $0 < 0 }
    var (notFinite, zeros) = (0, 0)
    points = pairs.map { step, value in
      guard let value else { return nil }
      guard PlotAxis.canDraw(step), PlotAxis.canDraw(value) else {
        notFinite += 1
        return nil
      }
      if isLogarithmic, value == 0 {
        zeros += 1
        return nil
      }
      return Point(x: step, y: value)
    }
    (self.isLogarithmic, self.notFinite, self.zeros) = (isLogarithmic, notFinite, zeros)
  }

  /// The points that can be drawn.
  var drawn: [Point] { points.compactMap(\.self) }

  /// Stretches of points without a gap between them.
  static func stretches(_ points: [Point?]) -> [[Point]] {
    points.split { $0 == nil }.map { $0.compactMap(\.self) }
  }

  /// The least and the greatest value of each of `limit` parts, in their order; a gap where a part
  /// has no point. All points if there are not more than that.
  static func thinned(_ points: [Point?], limit: Int = 400) -> [Point?] {
    guard points.count > 2 * limit else { return points }
    return (0..<limit).flatMap { part -> [Point?] in
      let range = (part * points.count / limit)..<((part + 1) * points.count / limit)
      let places = range.compactMap { index in points[index].map { (index, $0) } }
      guard let low = places.min(by: { $0.1.y < $1.1.y }),
        let high = places.max(by: { $0.1.y < $1.1.y })
      else { return [nil] }
      if low.0 == high.0 { return [low.1] }
      return low.0 < high.0 ? [low.1, high.1] : [high.1, low.1]
    }
  }

  /// A running mean over a fiftieth of the points, fewer at the ends and at gaps; geometric on a
  /// logarithmic axis.
  var smoothed: [Point?] {
    let reach = max(1, points.count / 100)
    var (sums, counts) = ([0.0], [0])
    for point in points {
      let term = point.map { isLogarithmic ? log($0.y) : $0.y / Double(points.count) }
      sums.append(sums[sums.count - 1] + (term ?? 0))
      counts.append(counts[counts.count - 1] + (term == nil ? 0 : 1))
    }
    return points.indices.map { index in
      guard let point = points[index] else { return nil }
      let (first, end) = (max(0, index - reach), min(points.count, index + reach + 1))
      let mean = (sums[end] - sums[first]) / Double(counts[end] - counts[first])
      return Point(x: point.x, y: isLogarithmic ? exp(mean) : mean * Double(points.count))
    }
  }
}
