public import E3xEngine
internal import E3xPotentials
internal import E3xSystem

/// A path through the Brillouin zone, along which phonons are computed.
public struct BandPath: Sendable, Equatable {
  /// A wave vector with a name.
  public struct Point: Sendable, Equatable {
    /// Such as `X`; `G` is the centre of the zone.
    public let label: String
    /// In units of the reciprocal vectors of the primitive cell.
    public let q: SIMD3<Double>

    /// A wave vector with a name.
    public init(label: String, q: SIMD3<Double>) { (self.label, self.q) = (label, q) }
  }

  /// Stretches of at least two points; between stretches the path jumps.
  public let stretches: [[Point]]

  /// - Throws: `ArgumentError` naming `path` that has a stretch of fewer than two points, or none.
  public init(stretches: [[Point]]) throws(ArgumentError) {
    guard !stretches.isEmpty, stretches.allSatisfy({ $0.count >= 2 }) else {
      throw ArgumentError("BandPath", "path", "expected at least two points in each stretch")
    }
    self.stretches = stretches
  }

  /// Reads a path: `G 0 0 0, X 0.5 0 0.5, W 0.5 0.25 0.75 | U 0.625 0.25 0.625, G 0 0 0`; the path jumps
  /// at a bar. Fractions such as `1/3` are numbers, too.
  /// - Throws: `ArgumentError` naming `path`.
  public init(_ text: String) throws(ArgumentError) {
    var stretches: [[Point]] = []
    for part in text.split(separator: "|", omittingEmptySubsequences: false) {
      var points: [Point] = []
      for item in part.split(separator: ",", omittingEmptySubsequences: false) {
        let words = item.split(whereSeparator: \.isWhitespace)
        let values = words.dropFirst().compactMap(Self.number)
        guard words.count == 4, values.count == 3 else {
          throw ArgumentError(
            "BandPath", "path",
            "expected points such as 'X 0.5 0 0.5' with commas between them, received '\(item)'")
        }
        points.append(Point(label: String(words[0]), q: SIMD3(values)))
      }
      stretches.append(points)
    }
    try self.init(stretches: stretches)
  }

  private static func number(_ word: Substring) -> Double? {
    let parts = word.split(separator: "/", omittingEmptySubsequences: false).map { Double($0) }
    guard let first = parts[0], first.isFinite else { return nil }
    if parts.count == 1 { return first }
    guard parts.count == 2, let second = parts[1], second.isFinite, second != 0 else { return nil }
    return first / second
  }

  /// The usual path of a primitive cell that is face-centred, body-centred or simple cubic or hexagonal
  /// (Setyawan & Curtarolo, Comput. Mater. Sci. 49, 299, 2010).
  ///
  /// - Parameter cell: the primitive vectors, [3, 3], Å.
  /// - Returns: nil for any other cell.
  public static func usual(cell: [Double]) -> BandPath? {
    guard cell.count == 9 else { return nil }
    func dot(_ i: Int, _ j: Int) -> Double {
      (0..<3).reduce(0) { $0 + cell[3 * i + $1] * cell[3 * j + $1] }
    }
    let lengths = (0..<3).map { dot($0, $0).squareRoot() }
    func cosine(_ i: Int, _ j: Int) -> Double { dot(i, j) / (lengths[i] * lengths[j]) }
    let cosines = [cosine(1, 2), cosine(0, 2), cosine(0, 1)]
    func isEqual(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-3 * max(1, abs(b)) }
    let isEven = isEqual(lengths[1], lengths[0]) && isEqual(lengths[2], lengths[0])
    func have(_ value: Double) -> Bool { isEven && cosines.allSatisfy { isEqual($0, value) } }
    if have(0.5) { return try? BandPath(faceCentred) }
    if have(-1.0 / 3) { return try? BandPath(bodyCentred) }
    if have(0) { return try? BandPath(simple) }
    let isHexagonal =
      isEqual(lengths[1], lengths[0]) && isEqual(cosines[0], 0) && isEqual(cosines[1], 0)
      && isEqual(cosines[2], -0.5)
    return isHexagonal ? try? BandPath(hexagonal) : nil
  }

  private static let faceCentred =
    "G 0 0 0, X 1/2 0 1/2, W 1/2 1/4 3/4, K 3/8 3/8 3/4, G 0 0 0, L 1/2 1/2 1/2, U 5/8 1/4 5/8, "
    + "W 1/2 1/4 3/4, L 1/2 1/2 1/2, K 3/8 3/8 3/4 | U 5/8 1/4 5/8, X 1/2 0 1/2"
  private static let bodyCentred =
    "G 0 0 0, H 1/2 -1/2 1/2, N 0 0 1/2, G 0 0 0, P 1/4 1/4 1/4, H 1/2 -1/2 1/2 | "
    + "P 1/4 1/4 1/4, N 0 0 1/2"
  private static let simple =
    "G 0 0 0, X 0 1/2 0, M 1/2 1/2 0, G 0 0 0, R 1/2 1/2 1/2, X 0 1/2 0 | "
    + "M 1/2 1/2 0, R 1/2 1/2 1/2"
  private static let hexagonal =
    "G 0 0 0, M 1/2 0 0, K 1/3 1/3 0, G 0 0 0, A 0 0 1/2, L 1/2 0 1/2, H 1/3 1/3 1/2, A 0 0 1/2 | "
    + "L 1/2 0 1/2, M 1/2 0 0 | K 1/3 1/3 0, H 1/3 1/3 1/2"
}
