internal import E3xEngine
internal import E3xLimits

/// Atoms in bins, for finding all that are near one in time that does not depend on their number.
///
/// Bins are slices of the cell along its vectors; those of open directions are slices of what the
/// atoms take up. Atoms are wrapped into the cell along periodic directions first.
struct CellGrid {
  private let vectors: [SIMD3<Double>]
  private let isPeriodic: [Bool]
  private let cutoff: Double
  /// The number of bins along each vector, and how many to either side can hold a neighbour.
  private let bins: (Int, Int, Int)
  private let reach: (Int, Int, Int)
  /// The bin of each atom, and the cell that it lies in.
  private let place: [(bin: SIMD3<Int32>, image: SIMD3<Int32>)]
  /// Wrapped coordinates in the order of the bins, the last direction fastest.
  private let coordinates: [Double]
  private let order: [Int32]
  /// Where the atoms of each bin begin in `order`, and where all end.
  private let starts: [Int32]
  /// The place of each atom in `order`.
  private let rank: [Int32]

  /// - Parameter positions: 3N finite coordinates, Å
  /// - Throws: `ArgumentError` naming `cutoff` or `cell`, if there are more candidates than any
  ///   machine could go through.
  init(_ positions: [Double], _ cell: Cell?, cutoff: Double) throws(ArgumentError) {
    let count = positions.count / 3
    let vectors = cell?.completed ?? [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
    let isPeriodic = cell?.isPeriodic ?? [false, false, false]
    let across = [
      vectors[1].cross(vectors[2]), vectors[2].cross(vectors[0]), vectors[0].cross(vectors[1]),
    ]
    let volume = vectors[0].dot(across[0])
    let heights = across.map { abs(volume) / $0.length }
    let inverse = across.map { $0 / volume }

    // Fractional coordinates; of open directions, in Å.
    var fractions: [SIMD3<Double>] = []
    fractions.reserveCapacity(count)
    var low = SIMD3<Double>(repeating: .infinity)
    var high = SIMD3<Double>(repeating: -.infinity)
    for atom in 0..<count {
      let r = SIMD3(positions[3 * atom], positions[3 * atom + 1], positions[3 * atom + 2])
      let s = SIMD3(r.dot(inverse[0]), r.dot(inverse[1]), r.dot(inverse[2]))
      low = pointwiseMin(low, s)
      high = pointwiseMax(high, s)
      fractions.append(s)
    }
    let extents = (0..<3).map { axis in
      isPeriodic[axis] ? heights[axis] : count > 0 ? max(high[axis] - low[axis], 0) : 0
    }

    // Slices half as thick as the cutoff, but no more of them than are of use for the atoms.
    var numbers = extents.map { extent in
      cutoff < .infinity && extent < .infinity
        ? max(1, Int(min(extent / (cutoff / 2), 1e6))) : 1
    }
    if count < 64, !isPeriodic.contains(true) { numbers = [1, 1, 1] }
    let most = max(64, 4 * count)
    while numbers.map(Double.init).reduce(1, *) > Double(most) {
      let longest = numbers.indices.max { numbers[$0] < numbers[$1] }!
      numbers[longest] = (numbers[longest] + 1) / 2
    }
    let reach = (0..<3).map { axis -> Double in
      guard isPeriodic[axis] else {
        let thickness = extents[axis] / Double(numbers[axis])
        return thickness > 0
          ? min((cutoff / thickness + 1e-9).rounded(.up), Double(numbers[axis] - 1)) : 0
      }
      return (cutoff * Double(numbers[axis]) / heights[axis] + 1e-9).rounded(.up)
    }
    let candidates = (0..<3).reduce(Double(count) * Double(count)) { product, axis in
      product * (2 * reach[axis] + 1) / Double(numbers[axis])
    }
    // A minute or two: what takes longer is a cell in another unit, or so skewed that it is none.
    guard candidates < 1e11 else {
      throw ArgumentError(
        "Neighbors", "cutoff",
        "\(cutoff) Å reaches about \(Int(min(candidates / Double(max(1, count)), 1e18))) images of "
          + "atoms from each atom; the cell's vectors may be far from at right angles")
    }

    self.vectors = vectors
    self.isPeriodic = isPeriodic
    self.cutoff = cutoff
    bins = (numbers[0], numbers[1], numbers[2])
    self.reach = (Int(reach[0]), Int(reach[1]), Int(reach[2]))

    var place: [(bin: SIMD3<Int32>, image: SIMD3<Int32>)] = []
    place.reserveCapacity(count)
    var counts = [Int32](repeating: 0, count: numbers.reduce(1, *) + 1)
    for s in fractions {
      var (bin, image) = (SIMD3<Int32>(), SIMD3<Int32>())
      for axis in 0..<3 {
        var t = s[axis]
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
        bin[axis] = Int32(min(Int(t * Double(numbers[axis])), numbers[axis] - 1))
      }
      place.append((bin, image))
      counts[CellGrid.index(bin, numbers[1], numbers[2]) + 1] += 1
    }
    for bin in 1..<counts.count { counts[bin] += counts[bin - 1] }
    var next = counts
    var (order, rank) = ([Int32](repeating: 0, count: count), [Int32](repeating: 0, count: count))
    for atom in 0..<count {
      let bin = CellGrid.index(place[atom].bin, numbers[1], numbers[2])
      order[Int(next[bin])] = Int32(atom)
      rank[atom] = next[bin]
      next[bin] += 1
    }
    self.place = place
    starts = counts
    self.order = order
    self.rank = rank
    var coordinates: [Double] = []
    coordinates.reserveCapacity(3 * count)
    for atom in order.lazy.map({ Int($0) }) {
      let r = SIMD3(positions[3 * atom], positions[3 * atom + 1], positions[3 * atom + 2])
      let image = SIMD3<Double>(place[atom].image)
      let w = r - (image.x * vectors[0] + image.y * vectors[1] + image.z * vectors[2])
      coordinates.append(w.x)
      coordinates.append(w.y)
      coordinates.append(w.z)
    }
    self.coordinates = coordinates
  }

  private func wrapped(_ position: Int) -> SIMD3<Double> {
    SIMD3(coordinates[3 * position], coordinates[3 * position + 1], coordinates[3 * position + 2])
  }

  private static func index(_ bin: SIMD3<Int32>, _ second: Int, _ third: Int) -> Int {
    (Int(bin.x) * second + Int(bin.y)) * third + Int(bin.z)
  }

  /// Appends every atom, and every image of one, that is closer to an atom than the cutoff.
  ///
  /// The image times the vectors of the cell, added to the source's position, is where it is seen
  /// from the position of the first atom.
  func appendNeighbors(of atom: Int, to pairs: PairBuffer) {
    let (bin, own) = (place[atom].bin, Int(rank[atom]))
    for first in slices(0, bin.x, bins.0, reach.0) {
      let (q0, b0) = CellGrid.split(first, bins.0)
      for second in slices(1, bin.y, bins.1, reach.1) {
        let (q1, b1) = CellGrid.split(second, bins.1)
        let row = (b0 * bins.1 + b1) * bins.2
        let third = slices(2, bin.z, bins.2, reach.2)
        // Bins that follow each other within one image are one run of candidates.
        var from = third.lowerBound
        while from < third.upperBound {
          let (q2, b2) = CellGrid.split(from, bins.2)
          let length = min(bins.2 - b2, third.upperBound - from)
          let run = Int(starts[row + b2])..<Int(starts[row + b2 + length])
          let image = SIMD3(Int32(q0), Int32(q1), Int32(q2))
          if image == SIMD3() && run.contains(own) {
            append(run.lowerBound..<own, atom, image, to: pairs)
            append(own + 1..<run.upperBound, atom, image, to: pairs)
          } else {
            append(run, atom, image, to: pairs)
          }
          from += length
        }
      }
    }
  }

  /// Appends those of a run of candidates that are closer than the cutoff.
  @inline(__always)
  private func append(
    _ run: Range<Int>, _ atom: Int, _ image: SIMD3<Int32>, to pairs: PairBuffer
  ) {
    if run.isEmpty { return }
    pairs.reserve(run.count)
    let shift = SIMD3<Double>(image)
    let seen =
      wrapped(Int(rank[atom]))
      - (shift.x * vectors[0] + shift.y * vectors[1] + shift.z * vectors[2])
    let (x, y, z, limit) = (seen.x, seen.y, seen.z, cutoff * cutoff)
    let first = pairs.count
    var count = first
    let (sources, found) = (pairs.sources, pairs.vectors)
    coordinates.withUnsafeBufferPointer { coordinates in
      order.withUnsafeBufferPointer { order in
        // Written without a branch, which would mostly be mispredicted: what is too far is
        // overwritten by the next.
        for candidate in run {
          let dx = coordinates[3 * candidate] - x
          let dy = coordinates[3 * candidate + 1] - y
          let dz = coordinates[3 * candidate + 2] - z
          sources[count] = order[candidate]
          found[3 * count] = dx
          found[3 * count + 1] = dy
          found[3 * count + 2] = dz
          count += dx * dx + dy * dy + dz * dz < limit ? 1 : 0
        }
      }
    }
    pairs.count = count
    guard let images = pairs.images else { return }
    let own = place[atom].image
    for pair in first..<count { images[pair] = image &+ own &- place[Int(sources[pair])].image }
  }

  /// The slices that can hold a neighbour; outside of the cell those of its images.
  private func slices(_ axis: Int, _ own: Int32, _ count: Int, _ reach: Int) -> Range<Int> {
    let (low, high) = (Int(own) - reach, Int(own) + reach + 1)
    return isPeriodic[axis] ? low..<high : max(low, 0)..<min(high, count)
  }

  /// The image that a slice belongs to, and which of its slices it is.
  private static func split(_ slice: Int, _ count: Int) -> (image: Int, slice: Int) {
    let image = slice >= 0 ? slice / count : -((count - 1 - slice) / count)
    return (image, slice - image * count)
  }
}
