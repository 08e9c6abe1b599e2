public import E3xEngine
internal import E3xExact
internal import E3xSO3

/// Makes a square matrix of irreps: an equivariant linear map between features of given degrees.
/// Matches `e3x.matrix.make_square_matrix`.
///
/// The matrix consists of mult² blocks [2a+1, 2b+1] for each pair of degrees a and b; a block is
/// the tensor product representation of a and b, so it is made of one irrep of each degree from
/// |a - b| to a + b by Clebsch-Gordan coefficients, in Cartesian order. Pairs are taken row by row,
/// and each takes the next mult² irreps of each degree that it needs.
///
/// - Parameters:
///   - irreps: For each degree l from 0, [2l+1, number of irreps].
///   - degrees: The degrees of the rows, and of the columns.
///   - mult: How often each degree is repeated.
///   - maxDegree: The highest degree of irreps that is used; at least that of `degrees`.
///   - shiftByIdentity: Whether the identity is added (`shift_by_id`).
///   - precision: The precision of the products.
/// - Returns: [S, S], S = mult Σ (2 degree + 1).
/// - Throws: `ArgumentError` naming `irreps`, `degrees`, `mult` or `max_degree`.
public func makeSquareMatrix(
  _ irreps: [Tensor], degrees: [Int], mult: Int, maxDegree: Int, shiftByIdentity: Bool,
  precision: Precision = .default
) throws -> Tensor {
  let name = "make_square_matrix"
  try checkBlockDegrees(name, degrees)
  try checkCount(name, "mult", mult)
  let highest = degrees.max()!
  guard maxDegree >= highest else {
    throw ArgumentError(
      name, "max_degree", "must be at least that of degrees, \(highest), received \(maxDegree)"
    )
  }
  try checkIrreps(name, irreps)
  let blocks = degrees.flatMap { a in degrees.map { b in (a, b) } }
  let work = blocks.reduce(0.0) { sum, block in
    let (a, b) = block
    return (abs(a - b)...(a + b)).reduce(sum) {
      $1 < irreps.count ? $0 + ClebschGordan.work(a, b, $1) : $0
    }
  }
  try checkWork(name, "degrees", Array(degrees.prefix(8)), work)
  // At most 256 degrees, and none above 255.
  let size = degrees.reduce(0) { $0 + 2 * $1 + 1 }
  try checkMemory(name, "mult", received: mult, [size, mult, size, mult])
  guard irreps.count - 1 <= maxDegree || 2 * highest <= maxDegree else {
    throw ArgumentError(
      name, "irreps",
      "expected degrees up to max_degree, \(maxDegree), received up to \(irreps.count - 1)")
  }
  let type = computeType(nil, irreps)
  let irreps = try irreps.map { irrep in try irrep.cast(to: type) }
  let squared = mult * mult
  var used = [Int](repeating: 0, count: irreps.count)
  var rows: [Tensor] = []
  for a in degrees {
    var row: [Tensor] = []
    for b in degrees {
      let (height, width) = ((2 * a + 1) * mult, (2 * b + 1) * mult)
      var block = Tensor.zeros([Dimension(height), Dimension(width)], dtype: type)
      for degree in abs(a - b)...(a + b) where degree < irreps.count {
        let range = used[degree]..<(used[degree] + squared)
        let available = irreps[degree].shape[1].known!
        guard range.upperBound <= available else {
          throw ArgumentError(
            name, "irreps",
            "the blocks need more than the \(available) irreps of degree \(degree)")
        }
        used[degree] = range.upperBound
        let coefficients = try clebschGordanForDegrees(a, b, degree, cartesianOrder: true)
          .reshaped(to: [Dimension((2 * a + 1) * (2 * b + 1)), Dimension(2 * degree + 1)])
        let product = try coefficients.cast(to: type).matmul(irreps[degree].sliced(range, axis: 1))
        block =
          try block
          + product
          .reshaped(
            to: [Dimension(2 * a + 1), Dimension(2 * b + 1), Dimension(mult), Dimension(mult)]
          )
          .permuted([2, 0, 3, 1]).reshaped(to: block.shape)
      }
      row.append(block)
    }
    rows.append(try Tensor.concatenate(row, axis: 1))
  }
  let matrix = try Tensor.concatenate(rows, axis: 0)
  if !shiftByIdentity { return matrix }
  let diagonal = try Tensor.iota(matrix.shape, axis: 0)
    .isEqual(to: Tensor.iota(matrix.shape, axis: 1))
  return try matrix + diagonal.cast(to: type)
}

/// Refuses everything but one matrix [2l+1, any number] for each degree l.
private func checkIrreps(_ function: String, _ irreps: [Tensor]) throws(ArgumentError) {
  guard !irreps.isEmpty else {
    throw ArgumentError(function, "irreps", "expected at least those of degree 0, received none")
  }
  for (degree, irrep) in irreps.enumerated() {
    guard irrep.rank == 2, irrep.shape[0].known == 2 * degree + 1, irrep.shape[1].known != nil,
      irrep.dtype.isFloatingPoint
    else {
      throw ArgumentError(
        function, "irreps",
        "expected floating-point [\(2 * degree + 1), number] for degree \(degree), received "
          + "\(irrep.dtype) of shape \(irrep.shape)")
    }
  }
}
