internal import E3xEngine

/// How a cell is cut into bins for a cutoff, and how many of them around an atom can hold a
/// neighbour.
struct GridShape {
  /// The lattice vectors, those of open directions at right angles to all others, Å.
  let vectors: [SIMD3<Double>]
  let isPeriodic: [Bool]
  /// Rows whose products with a position are its coordinates in these vectors.
  let inverse: [SIMD3<Double>]
  /// Of open directions the least coordinate.
  let low: SIMD3<Double>
  /// The thickness of the cell; of open directions what the atoms take up, Å.
  let extents: [Double]
  /// The number of bins along each vector.
  let bins: [Int]
  /// How many bins to either side can hold a neighbour: whole numbers, which may be too large.
  private let farthest: [Double]
  /// How many pairs of atoms and images a search looks at.
  let candidates: Double

  /// - Parameter positions: 3N finite coordinates, Å
  init(_ positions: [Double], _ cell: Cell?, cutoff: Double) {
    let count = positions.count / 3
    let vectors = cell?.completed ?? [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
    let isPeriodic = cell?.isPeriodic ?? [false, false, false]
    let across = [
      vectors[1].cross(vectors[2]), vectors[2].cross(vectors[0]), vectors[0].cross(vectors[1]),
    ]
    let volume = vectors[0].dot(across[0])
    let heights = across.map { abs(volume) / $0.length }
    inverse = across.map { $0 / volume }
    var low = SIMD3<Double>(repeating: 0)
    var extents = heights
    for axis in 0..<3 where !isPeriodic[axis] {
      let range = GridShape.range(positions, along: inverse[axis])
      (low[axis], extents[axis]) = (range.lowerBound, range.upperBound - range.lowerBound)
    }
    let bins = GridShape.bins(
      extents, cutoff: cutoff, atoms: count, isMolecule: !isPeriodic.contains(true))
    let farthest = (0..<3).map { axis -> Double in
      guard isPeriodic[axis] else {
        let thickness = extents[axis] / Double(bins[axis])
        return thickness > 0
          ? min((cutoff / thickness + 1e-9).rounded(.up), Double(bins[axis] - 1)) : 0
      }
      return (cutoff * Double(bins[axis]) / heights[axis] + 1e-9).rounded(.up)
    }
    candidates = (0..<3).reduce(Double(count) * Double(count)) { product, axis in
      product * (2 * farthest[axis] + 1) / Double(bins[axis])
    }
    (self.vectors, self.isPeriodic, self.low, self.extents) = (vectors, isPeriodic, low, extents)
    (self.bins, self.farthest) = (bins, farthest)
  }

  /// Slices half as thick as the cutoff, but no more of them than are of use for the atoms.
  private static func bins(
    _ extents: [Double], cutoff: Double, atoms: Int, isMolecule: Bool
  ) -> [Int] {
    if atoms < 64, isMolecule { return [1, 1, 1] }
    var bins = extents.map { extent in
      cutoff < .infinity && extent < .infinity
        ? max(1, Int(min(extent / (cutoff / 2), 1e6))) : 1
    }
    while bins.map(Double.init).reduce(1, *) > Double(max(64, 4 * atoms)) {
      let longest = bins.indices.max { bins[$0] < bins[$1] }!
      bins[longest] = (bins[longest] + 1) / 2
    }
    return bins
  }

  /// The least and the greatest coordinate of all atoms; 0 without atoms.
  private static func range(
    _ positions: [Double], along direction: SIMD3<Double>
  ) -> ClosedRange<Double> {
    var (low, high) = (Double.infinity, -Double.infinity)
    for atom in 0..<(positions.count / 3) {
      let coordinate = positions.vector(atom).dot(direction)
      (low, high) = (min(low, coordinate), max(high, coordinate))
    }
    return low <= high ? low...high : 0...0
  }

  /// How many bins to either side can hold a neighbour.
  var reach: (Int, Int, Int) { (Int(farthest[0]), Int(farthest[1]), Int(farthest[2])) }

  /// The bin that holds an atom, and the image of the cell.
  /// - Throws: `ArgumentError` naming `positions` for atoms too far from the cell.
  @inline(__always)
  func place(
    of position: SIMD3<Double>
  ) throws(ArgumentError) -> (bin: SIMD3<Int32>, image: SIMD3<Int32>) {
    var (bin, image) = (SIMD3<Int32>(), SIMD3<Int32>())
    for axis in 0..<3 {
      var t = position.dot(inverse[axis])
      if isPeriodic[axis] {
        let whole = t.rounded(.down)
        guard abs(whole) < 1e9 else {
          throw ArgumentError(
            "Neighbors", "positions", "atoms lie more than 1e9 cells away from the origin")
        }
        image[axis] = Int32(whole)
        t -= whole
      } else {
        t = extents[axis] > 0 ? (t - low[axis]) / extents[axis] : 0
      }
      bin[axis] = Int32(min(Int(t * Double(bins[axis])), bins[axis] - 1))
    }
    return (bin, image)
  }

  /// Requires what can be searched in a minute or two: what takes longer is a cell in another unit.
  func check(cutoff: Double, atoms: Int) throws(ArgumentError) {
    let images = (0..<3).map { isPeriodic[$0] ? farthest[$0] / Double(bins[$0]) : 0 }
    guard candidates < 1e11, images.allSatisfy({ $0 < 1e9 }) else {
      throw ArgumentError(
        "Neighbors", "cutoff",
        "\(cutoff) Å reaches about \(Int(min(1e18, candidates / Double(max(1, atoms))))) images of "
          + "atoms from each atom; the cell may be in another unit")
    }
    guard extents.allSatisfy(\.isFinite) else {
      throw ArgumentError(
        "Neighbors", "positions", "atoms are farther from each other than numbers can say")
    }
  }
}

extension GridShape {
  /// The shape for a search, and the reduction that it is of: of short vectors, if with the cell's
  /// own the search would look at twice as many images or more; else of those, and nil.
  static func best(
    _ positions: [Double], _ cell: Cell?, cutoff: Double
  ) throws(ArgumentError) -> (shape: GridShape, reduction: LatticeReduction?) {
    let plain = GridShape(positions, cell, cutoff: cutoff)
    var best: (shape: GridShape, reduction: LatticeReduction?) = (plain, nil)
    if let cell, cell.isPeriodic.count(where: \.self) > 1 {
      let reduction = try LatticeReduction(cell)
      if !reduction.isIdentity {
        let short = GridShape(positions, reduction.applied(to: cell), cutoff: cutoff)
        if 2 * short.candidates <= plain.candidates { best = (short, reduction) }
      }
    }
    try best.shape.check(cutoff: cutoff, atoms: positions.count / 3)
    return best
  }
}

extension [Double] {
  /// Of vectors that follow each other, three numbers each, that of an atom.
  @inline(__always)
  func vector(_ atom: Int) -> SIMD3<Double> {
    SIMD3(self[3 * atom], self[3 * atom + 1], self[3 * atom + 2])
  }
}
