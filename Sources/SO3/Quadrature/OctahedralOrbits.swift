extension OctahedralRule.Orbit {
  /// The points of the orbit as Lebedev's rules list them: for each arrangement of the coordinates
  /// all signs.
  var lebedevPoints: [SIMD3<Double>] {
    let xyz = [0, 1, 2]
    return switch kind {
    case .vertices: points(arrangements: [[0, 1, 2], [1, 0, 2], [2, 1, 0]], signs: xyz)
    // (0, 1, 1), (1, 0, 1), (1, 1, 0)
    case .edges: points(arrangements: [[2, 0, 1], [0, 2, 1], [0, 1, 2]], signs: xyz)
    case .corners: points(arrangements: [xyz], signs: xyz)
    case .diagonal:
      // The sign of the coordinate that differs changes first.
      points(arrangements: [[0, 1, 2]], signs: [0, 1, 2])
        + points(arrangements: [[0, 2, 1]], signs: [0, 2, 1])
        + points(arrangements: [[2, 0, 1]], signs: [1, 2, 0])
    case .planar:
      points(
        arrangements: [[0, 1, 2], [1, 0, 2], [0, 2, 1], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
        signs: xyz)
    case .general:
      points(
        arrangements: [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]],
        signs: xyz)
    }
  }

  /// The points of the orbit as Delley's rules list them: for all signs each arrangement of the
  /// coordinates.
  var delleyPoints: [SIMD3<Double>] {
    switch kind {
    case .vertices, .corners: lebedevPoints
    case .edges: arranged(signed(point, [0, 1, 2]), [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
    case .diagonal:
      // Signs go with places, not with coordinates.
      signed(SIMD3(repeating: 1), [0, 1, 2]).flatMap { sign in
        arranged([point], [[2, 0, 1], [0, 2, 1], [0, 1, 2]]).map { $0 * sign }
      }
    case .planar:
      arranged(
        signed(point, [0, 1, 2]),
        [[0, 1, 2], [2, 0, 1], [1, 2, 0], [0, 2, 1], [1, 0, 2], [2, 1, 0]])
    case .general:
      arranged(
        signed(point, [0, 1, 2]),
        [[0, 1, 2], [0, 2, 1], [2, 0, 1], [1, 0, 2], [1, 2, 0], [2, 1, 0]])
    }
  }

  /// The point with its coordinates in each arrangement, each with all signs.
  private func points(arrangements: [[Int]], signs: [Int]) -> [SIMD3<Double>] {
    arranged([point], arrangements).flatMap { signed($0, signs) }
  }

  /// Each point with its coordinates in each arrangement: coordinate p[k] at place k.
  private func arranged(_ points: [SIMD3<Double>], _ arrangements: [[Int]]) -> [SIMD3<Double>] {
    points.flatMap { v in arrangements.map { p in SIMD3(v[p[0]], v[p[1]], v[p[2]]) } }
  }

  /// A point with all signs of its coordinates that are not zero; the sign of the last of `places`
  /// changes first.
  private func signed(_ point: SIMD3<Double>, _ places: [Int]) -> [SIMD3<Double>] {
    places.reduce([point]) { points, place in
      points.flatMap { v -> [SIMD3<Double>] in
        if v[place] == 0 { return [v] }
        var negative = v
        negative[place] = -v[place]
        return [v, negative]
      }
    }
  }
}
