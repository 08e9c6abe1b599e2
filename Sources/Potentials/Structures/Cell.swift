public import E3xEngine

/// Three lattice vectors, and along which of them a structure repeats.
///
/// A slab repeats along two, a wire along one. What the vectors of the other directions are has no
/// influence on pairs; they may be zero, but then there is no volume.
public struct Cell: Sendable, Hashable {
  /// The lattice vectors in Å.
  public let vectors: [SIMD3<Double>]
  /// Along which lattice vectors the structure repeats; three values.
  public let isPeriodic: [Bool]

  /// A cell that repeats along some of its vectors.
  ///
  /// - Parameter vectors: three lattice vectors in Å as rows, [3, 3] in row-major order
  /// - Parameter periodic: three values
  /// - Throws: `ArgumentError` naming `cell` or `pbc`: numbers that are not finite or not nine, flags
  ///   that are not three, and vectors along which the structure repeats that are zero or lie in a
  ///   plane or on a line.
  public init(
    _ vectors: [Double], periodic: [Bool] = [true, true, true]
  ) throws(ArgumentError) {
    guard vectors.count == 9, vectors.allSatisfy(\.isFinite) else {
      throw ArgumentError(
        "Cell", "cell", "expected nine finite numbers, three lattice vectors, received \(vectors)")
    }
    guard periodic.count == 3 else {
      throw ArgumentError("Cell", "pbc", "expected three values, received \(periodic.count)")
    }
    self.vectors = (0..<3).map { SIMD3(vectors[3 * $0], vectors[3 * $0 + 1], vectors[3 * $0 + 2]) }
    isPeriodic = periodic
    let directions = (0..<3).filter { periodic[$0] }.map { self.vectors[$0] }
    let content =
      switch directions.count {
      case 0: 1.0
      case 1: directions[0].length
      case 2: directions[0].cross(directions[1]).length
      default: abs(directions[0].dot(directions[1].cross(directions[2])))
      }
    // Rounding leaves about 1e-16 of what the lengths would span.
    let span = directions.reduce(1) { $0 * $1.length }
    guard content > 1e-12 * span, content.isFinite else {
      throw ArgumentError(
        "Cell", "cell",
        "the vectors along which the structure repeats must be independent, received \(vectors)")
    }
  }

  /// A cell of vectors that describe the lattice of another one.
  init(_ vectors: [SIMD3<Double>], isPeriodic: [Bool]) {
    (self.vectors, self.isPeriodic) = (vectors, isPeriodic)
  }

  /// The volume in Å³; 0 if a direction along which nothing repeats has no vector of its own.
  public var volume: Double { abs(vectors[0].dot(vectors[1].cross(vectors[2]))) }

  /// The volume in Å³ that stress is per; nil where there is none: nothing repeats, or a direction
  /// along which nothing repeats has no vector of its own.
  public var stressVolume: Double? {
    let span = vectors.reduce(1) { $0 * $1.length }
    return isPeriodic.contains(true) && volume > 1e-12 * span ? volume : nil
  }

  /// Whether an atom and some image of it are closer than atoms come: in a lattice two points are no
  /// farther apart than 1.13 times the root of what one cell spans (Hermite's constants), and there would
  /// be pairs without number.
  var isCrowded: Bool {
    let directions = (0..<3).filter { isPeriodic[$0] }.map { vectors[$0] }
    let near = CloseAtoms.nearness
    return switch directions.count {
    case 0: false
    case 1: directions[0].length < near
    case 2: directions[0].cross(directions[1]).length < near * near
    default: volume < near * near * near
    }
  }

  /// The vectors, with those along which nothing repeats replaced by vectors of length 1 Å at right
  /// angles to all others.
  var completed: [SIMD3<Double>] {
    var result = vectors
    let open = (0..<3).filter { !isPeriodic[$0] }
    switch open.count {
    case 0: break
    case 1:
      let (a, b) = (result[(open[0] + 1) % 3], result[(open[0] + 2) % 3])
      result[open[0]] = a.cross(b).normalized
    case 2:
      let axis = result[3 - open[0] - open[1]]
      // The coordinate axis that is farthest from the vector.
      let size = SIMD3(abs(axis.x), abs(axis.y), abs(axis.z))
      var other = SIMD3<Double>(repeating: 0)
      other[size.x <= size.y && size.x <= size.z ? 0 : size.y <= size.z ? 1 : 2] = 1
      result[open[0]] = axis.cross(other).normalized
      result[open[1]] = axis.cross(result[open[0]]).normalized
    default: result = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
    }
    return result
  }
}

extension SIMD3<Double> {
  package func dot(_ other: Self) -> Double { (self * other).sum() }

  package func cross(_ other: Self) -> Self {
    Self(
      y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }

  package var length: Double { dot(self).squareRoot() }
  package var normalized: Self { self / length }
}
