internal import E3xSystem

/// A quadrature rule on the unit sphere with the symmetry of the octahedron: one weight for each
/// orbit of points that rotations and reflections of the octahedron exchange.
///
/// The rules are V. I. Lebedev's ("Quadratures on a sphere", USSR Comput. Math. Math. Phys. 16
/// (1976), 10, and later articles); up to precision 101, where B. Delley published them with more
/// digits ("High order integration schemes on the unit sphere", J. Comput. Chem. 17 (1996), 1152),
/// the numbers are his. Points are stored as angles, from which all three coordinates come out with
/// full relative precision.
struct OctahedralRule: Sendable {
  /// The degree up to which polynomials are integrated exactly.
  let precision: Int
  /// The weight of (1, 0, 0).
  let vertices: Double
  /// The weight of (0, 1, 1)/√2.
  var edges: Double?
  /// The weight of (1, 1, 1)/√3.
  var corners: Double?
  /// Weight and θ of each (s, s, cos θ), s = sin θ/√2.
  var diagonal: [Double] = []
  /// Weight and φ of each (cos φ, sin φ, 0).
  var planar: [Double] = []
  /// Weight, θ and φ of each (sin θ cos φ, sin θ sin φ, cos θ).
  var general: [Double] = []
  /// The order of Delley's diagonal, planar and general orbits (counted through all three lists),
  /// empty if it is the one listed; nil if Delley has no such rule.
  var delley: [Int]?

  /// All rules, by precision.
  static let all = upTo59 + upTo89 + upTo107 + upTo131

  /// The number of points.
  var count: Int {
    6 + (edges == nil ? 0 : 12) + (corners == nil ? 0 : 8) + 12 * (diagonal.count + planar.count)
      + 16 * general.count
  }

  /// One orbit: a point of it, and the weight of all.
  struct Orbit {
    let kind: Kind
    let weight: Double
    let point: SIMD3<Double>
  }

  /// Which coordinates of a point are zero or equal.
  enum Kind { case vertices, edges, corners, diagonal, planar, general }

  /// The orbits in Lebedev's order.
  var orbits: [Orbit] {
    var orbits = [Orbit(kind: .vertices, weight: vertices, point: SIMD3(1, 0, 0))]
    let (half, third) = (0.5.squareRoot(), (1.0 / 3).squareRoot())
    if let edges {
      orbits.append(Orbit(kind: .edges, weight: edges, point: SIMD3(half, half, 0)))
    }
    if let corners {
      orbits.append(Orbit(kind: .corners, weight: corners, point: SIMD3(repeating: third)))
    }
    for k in stride(from: 0, to: diagonal.count, by: 2) {
      let (s, theta) = (sin(diagonal[k + 1]) * half, diagonal[k + 1])
      orbits.append(
        Orbit(kind: .diagonal, weight: diagonal[k], point: SIMD3(s, s, cos(theta))))
    }
    for k in stride(from: 0, to: planar.count, by: 2) {
      let phi = planar[k + 1]
      orbits.append(
        Orbit(kind: .planar, weight: planar[k], point: SIMD3(cos(phi), sin(phi), 0)))
    }
    for k in stride(from: 0, to: general.count, by: 3) {
      let (theta, phi) = (general[k + 1], general[k + 2])
      orbits.append(
        Orbit(
          kind: .general, weight: general[k],
          point: SIMD3(sin(theta) * cos(phi), sin(theta) * sin(phi), cos(theta))))
    }
    return orbits
  }

  /// The orbits in Delley's order: corners before edges, coordinates ascending.
  var delleyOrbits: [Orbit] {
    let all = orbits
    let special = all.filter { [.vertices, .edges, .corners].contains($0.kind) }
    let others = all.dropFirst(special.count).map { orbit in
      if orbit.kind == .diagonal { return orbit }
      let c = [orbit.point.x, orbit.point.y, orbit.point.z].sorted()
      return Orbit(kind: orbit.kind, weight: orbit.weight, point: SIMD3(c[0], c[1], c[2]))
    }
    let order = delley ?? []
    return special.filter { $0.kind != .edges } + special.filter { $0.kind == .edges }
      + (order.isEmpty ? Array(others) : order.map { others[$0] })
  }
}
