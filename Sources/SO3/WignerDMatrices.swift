internal import E3xLocks
public import E3xEngine
internal import E3xExact
internal import E3xLimits

/// The Wigner-D matrices of rotations, which rotate irreducible representations as the rotation
/// does vectors: Y(r) D(R) = Y(r R) for row vectors. Matches `e3x.so3.wigner_d`.
///
/// - Parameters:
///   - rotation: Rotation matrices, [..., 3, 3], also improper ones (with reflection, for which
///     Y(r) D(R) = Y(r R), too). Derivatives are those of the entries of D as homogeneous
///     polynomials of all nine entries of R, like e3x's.
///   - maxDegree: The highest degree L, at most 40.
///   - cartesianOrder: Whether rows and columns of D are in Cartesian order.
/// - Returns: Block-diagonal matrices, [..., (L+1)², (L+1)²].
/// - Throws: `ArgumentError` naming `rot` or `max_degree`. Matrices with an entry of R Rᵀ farther than
///   0.02 from that of the identity (more than 16-bit numbers need) are refused: at once if their
///   values are known, else by an `EvaluationError` when the graph runs.
/// - Note: Differentiable to any order.
public func wignerD(
  _ rotation: Tensor, maxDegree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder
) throws -> Tensor {
  try checkMatrices("wigner_d", "rot", rotation)
  try checkDegree("wigner_d", "max_degree", maxDegree, limit: DegreeLimit.wignerD) { degree in
    let size = (Double(degree) + 1) * (Double(degree) + 1)
    return Size.text(bytes: size * size * Double(rotation.dtype.byteCount)) + " for each rotation"
  }
  let leading = rotation.shape.dropLast(axes: 2)
  let rows: Shape = leading.isEmpty ? [] : [leading.elementCount]
  let entries = try rotation.checked(.orthogonal(tolerance: 0.02), "wigner_d", "rot")
    .reshaped(to: rows + [9, 1])
  var block = Tensor.ones(rows + [1, 1], dtype: rotation.dtype)
  let size = (maxDegree + 1) * (maxDegree + 1)
  var bands: [Tensor] = []
  for degree in 0...maxDegree {
    let width = 2 * degree + 1
    if degree > 0 {
      let table = WignerDTables.table(degree: degree, cartesianOrder: cartesianOrder)
      block = try Tensor.couple(table, [entries, block], output: 0)
    }
    let square = try block.reshaped(to: rows + Shape([width, width]))
    bands.append(
      try square.padded(
        before: degree * degree, after: size - (degree + 1) * (degree + 1), axis: -1))
  }
  return try Tensor.concatenate(bands, axis: -2)
    .reshaped(to: leading + Shape([size, size]))
}

/// The recursion from D^(l-1) to D^l as a coupling with the slots D^l, R, D^(l-1).
private enum WignerDTables {
  private struct Key: Hashable {
    var degree: Int
    var cartesianOrder: Bool
  }

  private static let tables = Guarded<[Key: CouplingTable]>([:])

  static func table(degree: Int, cartesianOrder: Bool) -> CouplingTable {
    let key = Key(degree: degree, cartesianOrder: cartesianOrder)
    return tables.withLock { tables in
      if let table = tables[key] { return table }
      let (width, previous) = (2 * degree + 1, 2 * degree - 1)
      let table = CouplingTable(
        name: "wignerD(\(degree), \(cartesianOrder ? "cartesian" : "spherical"))",
        sizes: [width * width, 9, previous * previous],
        terms: WignerD.recursionTerms(degree: degree, cartesianOrder: cartesianOrder).map {
          CouplingTable.Term([$0.index, $0.rotationIndex, $0.previousIndex], $0.coefficient)
        })
      tables[key] = table
      return table
    }
  }
}
