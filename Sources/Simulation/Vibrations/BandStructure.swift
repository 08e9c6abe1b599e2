public import E3xEngine
internal import E3xPotentials

/// Wavenumbers of phonons along a path.
public struct BandStructure: Sendable {
  /// A wave vector on the path.
  public struct Sample: Sendable {
    /// Which stretch of the path it is on, from 0.
    public let stretch: Int
    /// Its name, if it is an end of a line of the path.
    public let label: String?
    /// In units of the reciprocal vectors of the primitive cell.
    public let q: SIMD3<Double>
    /// Along the path, 1/Å (2π included).
    public let distance: Double
    /// cm⁻¹, ascending.
    public let wavenumbers: [Double]
  }

  /// In the order of the path.
  public let samples: [Sample]

  /// - Parameters:
  ///   - path: where.
  ///   - points: how many wave vectors the longest line has, both ends included; others as many as their
  ///     lengths are worth; at least 2.
  /// - Throws: `ArgumentError` naming `points`, or the cell of the crystal if it is none.
  public init(
    _ constants: ForceConstants, path: BandPath, points: Int = 51
  ) throws(ArgumentError) {
    guard (2...100_000).contains(points) else {
      throw ArgumentError("BandStructure", "points", "expected 2 to 100000, received \(points)")
    }
    guard let vectors = try constants.primitive.periodicCell()?.vectors else {
      throw ArgumentError("BandStructure", "constants", "expected a crystal")
    }
    let volume = vectors[0].dot(vectors[1].cross(vectors[2]))
    let reciprocal = [(1, 2), (2, 0), (0, 1)].map {
      vectors[$0.0].cross(vectors[$0.1]) * (2 * .pi / volume)
    }
    func length(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double {
      let d = b - a
      let k = d[0] * reciprocal[0] + d[1] * reciprocal[1] + d[2] * reciprocal[2]
      return (k * k).sum().squareRoot()
    }
    let longest =
      path.stretches.flatMap { zip($0, $0.dropFirst()).map { length($0.q, $1.q) } }.max() ?? 0
    var samples: [Sample] = []
    var distance = 0.0
    for (stretch, ends) in path.stretches.enumerated() {
      samples.append(
        Sample(
          stretch: stretch, label: ends[0].label, q: ends[0].q, distance: distance,
          wavenumbers: constants.wavenumbers(ends[0].q)))
      for (start, end) in zip(ends, ends.dropFirst()) {
        let size = length(start.q, end.q)
        let count = max(
          1, longest > 0 ? Int((Double(points - 1) * size / longest).rounded()) : 1)
        for index in 1...count {
          let part = Double(index) / Double(count)
          let q = index == count ? end.q : start.q + part * (end.q - start.q)
          samples.append(
            Sample(
              stretch: stretch, label: index == count ? end.label : nil, q: q,
              distance: distance + part * size, wavenumbers: constants.wavenumbers(q)))
        }
        distance += size
      }
    }
    self.samples = samples
  }
}
