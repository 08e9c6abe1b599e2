internal import E3xEngine

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
  /// The short vectors that bins and images are of, if not of the cell's own.
  let reduction: LatticeReduction?

  /// - Parameter positions: 3N finite coordinates, Å
  /// - Throws: `ArgumentError` naming `cutoff` if there are more candidates than any machine could
  ///   go through, `cell` for one that is too skewed for whole numbers, `positions` for atoms that
  ///   are too far away.
  init(_ positions: [Double], _ cell: Cell?, cutoff: Double) throws(ArgumentError) {
    let count = positions.count / 3
    let (shape, reduction) = try GridShape.best(positions, cell, cutoff: cutoff)
    self.reduction = reduction
    self.cutoff = cutoff
    (vectors, isPeriodic) = (shape.vectors, shape.isPeriodic)
    (bins, reach) = ((shape.bins[0], shape.bins[1], shape.bins[2]), shape.reach)

    var place: [(bin: SIMD3<Int32>, image: SIMD3<Int32>)] = []
    place.reserveCapacity(count)
    var counts = [Int32](repeating: 0, count: bins.0 * bins.1 * bins.2 + 1)
    for atom in 0..<count {
      let own = try shape.place(of: positions.vector(atom))
      place.append(own)
      counts[CellGrid.index(own.bin, bins.1, bins.2) + 1] += 1
    }
    for bin in 1..<counts.count { counts[bin] += counts[bin - 1] }
    var next = counts
    var (order, rank) = ([Int32](repeating: 0, count: count), [Int32](repeating: 0, count: count))
    for atom in 0..<count {
      let bin = CellGrid.index(place[atom].bin, bins.1, bins.2)
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
      let image = SIMD3<Double>(place[atom].image)
      let w =
        positions.vector(atom)
        - (image.x * vectors[0] + image.y * vectors[1] + image.z * vectors[2])
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
  /// The image times the vectors of the cell (the short ones, if there are), added to the source's
  /// position, is where it is seen from the position of the first atom.
  func appendNeighbors(of atom: Int, to pairs: PairBuffer) {
    let (bin, own) = (place[atom].bin, Int(rank[atom]))
    let position = wrapped(own)
    let firsts = slices(0, bin.x, bins.0, reach.0)
    let seconds = slices(1, bin.y, bins.1, reach.1)
    let thirds = slices(2, bin.z, bins.2, reach.2)
    let (begin1, begin2) = (Slice(seconds.lowerBound, bins.1), Slice(thirds.lowerBound, bins.2))
    var slice0 = Slice(firsts.lowerBound, bins.0)
    for _ in firsts {
      let shift0 = Double(slice0.image) * vectors[0]
      var slice1 = begin1
      for _ in seconds {
        let shift1 = shift0 + Double(slice1.image) * vectors[1]
        let row = (slice0.bin * bins.1 + slice1.bin) * bins.2
        // Bins that follow each other within one image are one run of candidates.
        var (slice2, left) = (begin2, thirds.count)
        while left > 0 {
          let length = min(bins.2 - slice2.bin, left)
          let run =
            Int(starts[row + slice2.bin])..<Int(starts[row + slice2.bin + length])
          let image = SIMD3(Int32(slice0.image), Int32(slice1.image), Int32(slice2.image))
          let seen = position - (shift1 + Double(slice2.image) * vectors[2])
          if image == SIMD3() && run.contains(own) {
            append(run.lowerBound..<own, atom, seen, image, to: pairs)
            append(own + 1..<run.upperBound, atom, seen, image, to: pairs)
          } else {
            append(run, atom, seen, image, to: pairs)
          }
          slice2 = Slice(image: slice2.image + 1, bin: 0)
          left -= length
        }
        slice1.advance(bins.1)
      }
      slice0.advance(bins.0)
    }
  }

  /// Appends those of a run of candidates that are closer than the cutoff to where an atom is seen
  /// from them.
  @inline(__always)
  private func append(
    _ run: Range<Int>, _ atom: Int, _ seen: SIMD3<Double>, _ image: SIMD3<Int32>,
    to pairs: PairBuffer
  ) {
    if run.isEmpty { return }
    pairs.reserve(run.count)
    let (x, y, z, limit) = (seen.x, seen.y, seen.z, cutoff * cutoff)
    let first = pairs.count
    var (source, vector) = (pairs.sources + first, pairs.vectors + 3 * first)
    coordinates.withUnsafeBufferPointer { coordinates in
      order.withUnsafeBufferPointer { order in
        // Written without a branch, which would mostly be mispredicted: what is too far is
        // overwritten by the next.
        for candidate in run {
          let dx = coordinates[3 &* candidate] - x
          let dy = coordinates[3 &* candidate &+ 1] - y
          let dz = coordinates[3 &* candidate &+ 2] - z
          source[0] = order[candidate]
          vector[0] = dx
          vector[1] = dy
          vector[2] = dz
          let step = dx * dx + dy * dy + dz * dz < limit ? 1 : 0
          source += step
          vector += 3 &* step
        }
      }
    }
    let count = source - pairs.sources
    pairs.count = count
    guard let images = pairs.images else { return }
    let own = place[atom].image
    for pair in first..<count {
      images[pair] = image &+ own &- place[Int(pairs.sources[pair])].image
    }
  }

  /// The slices that can hold a neighbour; outside of the cell those of its images.
  private func slices(_ axis: Int, _ own: Int32, _ count: Int, _ reach: Int) -> Range<Int> {
    let (low, high) = (Int(own) - reach, Int(own) + reach + 1)
    return isPeriodic[axis] ? low..<high : max(low, 0)..<min(high, count)
  }
}

/// The image that a slice belongs to, and which of its bins it is.
private struct Slice {
  var image: Int
  var bin: Int

  init(image: Int, bin: Int) { (self.image, self.bin) = (image, bin) }

  /// - Parameter slice: counted from the first of the cell itself
  init(_ slice: Int, _ count: Int) {
    image = slice >= 0 ? slice / count : -((count - 1 - slice) / count)
    bin = slice - image * count
  }

  /// Goes to the next slice.
  mutating func advance(_ count: Int) {
    bin += 1
    if bin == count { (image, bin) = (image + 1, 0) }
  }
}
