internal import E3xEngine
internal import E3xLimits
internal import E3xNN

extension Potential {
  /// The second derivatives of the energy with respect to the positions of the atoms, eV/Å²: all,
  /// [3N, 3N], or some rows, [rows, 3N], in row-major order.
  ///
  /// Exact derivatives, computed in double precision: symmetric to rounding. In a periodic structure
  /// all images of an atom move with it, so that this is the matrix at the centre of the Brillouin
  /// zone. Rows are computed in blocks, as many at once as keep memory bounded.
  ///
  /// - Parameter rows: which rows, 3 × atom + axis; nil for all.
  /// - Throws: `ArgumentError` as ``predict(_:batchSize:virials:)``, and naming `rows` for rows that
  ///   there are none of, or more than memory holds.
  public func hessian(of frame: LabelledFrame, rows: Range<Int>? = nil) throws -> [Double] {
    try hessian(of: frame, rows: rows) { _ in }
  }

  /// The same, with what is told how many rows are there.
  package func hessian(
    of frame: LabelledFrame, rows: Range<Int>?, progress: (Int) -> Void
  ) throws -> [Double] {
    let size = 3 * frame.count
    let rows = rows ?? 0..<size
    guard rows.lowerBound >= 0, rows.upperBound <= size else {
      throw ArgumentError(
        "Potential.hessian", "rows", "expected rows of 0 ..< \(size), received \(rows)")
    }
    guard let bytes = Size.product(rows.count, max(size, 1), 8), bytes <= MemoryLimit.machine / 2
    else {
      throw ArgumentError(
        "Potential.hessian", "rows",
        "\(rows.count) rows of \(size) numbers take "
          + "\(Size.text(bytes: 8 * Double(rows.count) * Double(size))): ask for fewer at a time")
    }
    try frameCheck.check([frame], function: "Potential.hessian", argument: "frame")
    let pairs = try Neighbors(
      positions: frame.positions, cell: frame.periodicCell(), cutoff: model.cutoff)
    var result: [Double] = []
    result.reserveCapacity(rows.count * size)
    let copies = max(1, min(rows.count, Self.hessianPairs / max(1, pairs.count + frame.count)))
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: copies) {
      let block = first..<min(first + copies, rows.upperBound)
      result += try hessianBlock(frame, pairs, block)
      progress(block.upperBound - rows.lowerBound)
    }
    return result
  }

  /// Pairs and atoms of all copies of a structure that are computed at once.
  private static let hessianPairs = 1 << 13

  /// A copy of the structure for each row, in which one coordinate moves.
  private func hessianBlock(
    _ frame: LabelledFrame, _ pairs: Neighbors, _ rows: Range<Int>
  ) throws -> [Double] {
    let atoms = frame.count
    var (displacements, species): ([Double], [Int32]) = ([], [])
    var (dst, src): ([Int32], [Int32]) = ([], [])
    var directions = [Double](repeating: 0, count: 3 * atoms * rows.count)
    for (copy, row) in rows.enumerated() {
      let start = Int32(copy * atoms)
      displacements += pairs.displacements
      species += frame.atomicNumbers
      dst += pairs.destinations.lazy.map { $0 + start }
      src += pairs.sources.lazy.map { $0 + start }
      directions[3 * atoms * copy + row] = 1
    }
    let product = try functions.hessianProduct()([
      Tensor(displacements, shape: [dst.count, 3]), Tensor(species), Tensor(dst), Tensor(src),
      Tensor(directions, shape: [atoms * rows.count, 3]),
    ])
    return try product[0].scalars()
  }
}
