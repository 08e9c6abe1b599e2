internal import E3xEngine

/// Short vectors of the lattice on which a structure repeats, as multiples of the vectors of its
/// cell. They describe the same crystal, and none of them can be shortened by adding others.
///
/// Vectors are shortened by multiples of each other, as Lagrange did in the plane, and in space by
/// sums of both others too. What cannot be shortened so is reduced in the sense of Minkowski, whose
/// conditions have no larger coefficients in three dimensions (Semaev, A 3-dimensional lattice
/// reduction algorithm, 2001). Each vector keeps the place of the one that it came from; those along
/// which nothing repeats are neither changed nor added.
struct LatticeReduction: Sendable {
  /// How often each of the cell's vectors is in each short one: a matrix of determinant 1, by rows.
  private(set) var multiples: [SIMD3<Int>] = [SIMD3(1, 0, 0), SIMD3(0, 1, 0), SIMD3(0, 0, 1)]
  private let cell: Cell
  private var short: [SIMD3<Double>]

  /// Multiples beyond this are no longer numbers that images can have.
  private static let most = Int(Int32.max)

  /// - Throws: `ArgumentError` naming `cell` for one of which some vector holds others 2³¹ times or
  ///   more.
  init(_ cell: Cell) throws(ArgumentError) {
    self.cell = cell
    short = cell.vectors
    let axes = (0..<3).filter { cell.isPeriodic[$0] }
    var isReduced = false
    while !isReduced {
      isReduced = true
      for axis in axes {
        for other in axes where other != axis {
          let count = (short[axis].dot(short[other]) / short[other].dot(short[other])).rounded()
          guard count != 0 else { continue }
          if try shorten(axis, [(count, other)]) { isReduced = false }
        }
      }
      if isReduced, axes.count == 3, try shortenBySums() { isReduced = false }
    }
  }

  private mutating func shortenBySums() throws(ArgumentError) -> Bool {
    for axis in 0..<3 {
      for first in [-1.0, 1] {
        for second in [-1.0, 1] {
          let others = [(first, (axis + 1) % 3), (second, (axis + 2) % 3)]
          if try shorten(axis, others) { return true }
        }
      }
    }
    return false
  }

  /// Subtracts multiples of other vectors, if that makes a vector shorter by more than rounding.
  private mutating func shorten(
    _ axis: Int, _ others: [(count: Double, axis: Int)]
  ) throws(ArgumentError) -> Bool {
    var row = multiples[axis]
    for other in others {
      // Both factors are below 2³², so that the product is no overflow.
      guard abs(other.count) <= Double(Self.most) else { throw overflow }
      row = row &- Int(other.count) &* multiples[other.axis]
    }
    for column in 0..<3 where abs(row[column]) > Self.most { throw overflow }
    let vector = Self.sum(row, cell.vectors)
    guard vector.dot(vector) < (1 - 1e-9) * short[axis].dot(short[axis]) else { return false }
    (multiples[axis], short[axis]) = (row, vector)
    return true
  }

  private var overflow: ArgumentError {
    ArgumentError(
      "Neighbors", "cell",
      "a vector along which the structure repeats is another one 2^31 times or more and a rest, "
        + "which leaves it no digits: give shorter vectors")
  }

  /// Whether the cell's vectors are short.
  var isIdentity: Bool { short == cell.vectors }

  /// The short vectors of a cell that came of the same one by small changes.
  func applied(to cell: Cell) -> Cell {
    Cell(multiples.map { Self.sum($0, cell.vectors) }, isPeriodic: cell.isPeriodic)
  }

  /// How often the cell's own vectors are in a sum of short ones; nil if that is too often for a
  /// number of 32 bits.
  func image(_ counts: SIMD3<Int32>) -> SIMD3<Int32>? {
    var image = SIMD3<Int32>()
    for column in 0..<3 {
      let sum = (0..<3).reduce(Int128(0)) { sum, axis in
        sum + Int128(counts[axis]) * Int128(multiples[axis][column])
      }
      guard let exact = Int32(exactly: sum) else { return nil }
      image[column] = exact
    }
    return image
  }

  /// A sum of multiples of vectors, right to rounding of the result although large terms cancel:
  /// what products and sums lose is added up beside them (Ogita, Rump and Oishi, Accurate sum and
  /// dot product, 2005).
  private static func sum(
    _ multiples: SIMD3<Int>, _ vectors: [SIMD3<Double>]
  ) -> SIMD3<Double> {
    var (sum, lost) = (SIMD3<Double>(), SIMD3<Double>())
    for axis in 0..<3 {
      let factor = SIMD3<Double>(repeating: Double(multiples[axis]))
      let product = factor * vectors[axis]
      let next = sum + product
      let part = next - sum
      lost += (-product).addingProduct(factor, vectors[axis])
      lost += (sum - (next - part)) + (product - part)
      sum = next
    }
    return sum + lost
  }
}
