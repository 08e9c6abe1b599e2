public import E3xEngine
internal import E3xSO3
internal import E3xSystem

/// How many irreps of each degree a square matrix of blocks holds, for one repetition of each of
/// its degrees: a block [2a+1, 2b+1] holds one of each degree from |a - b| to a + b.
///
/// - Parameters:
///   - degrees: The degrees of the rows, and of the columns.
///   - maxDegree: Leaves out irreps above it.
/// - Returns: The number of irreps by degree, as `dict_irreps` of
///   ``initMatrixIrrepsWeights(_:numShells:multiplicities:mult:standardDeviation:)``.
/// - Throws: `ArgumentError` naming `degrees`.
public func matrixIrrepsMultiplicities(
  degrees: [Int], maxDegree: Int? = nil
) throws -> [Int: Int] {
  try checkBlockDegrees("matrix_irreps_multiplicities", degrees)
  var result: [Int: Int] = [:]
  for a in degrees {
    for b in degrees where abs(a - b) <= maxDegree ?? a + b {
      for degree in abs(a - b)...min(a + b, maxDegree ?? a + b) { result[degree, default: 0] += 1 }
    }
  }
  return result
}

/// Draws weights that make the irreps of a matrix of other ones. Matches
/// `e3x.matrix.init_matrix_irreps_weights`.
///
/// - Parameters:
///   - numShells: The number of irreps of each degree that there are (`n_shells`).
///   - multiplicities: The number of irreps by degree that the matrix needs (`dict_irreps`), for
///     all degrees from 0 to the highest.
///   - mult: How often each degree of the matrix is repeated.
///   - standardDeviation: Of the weights of degree 0; those of degree l have √(2l+1) less.
/// - Returns: For each degree l from 0, float32 weights [numShells, multiplicities[l] mult²].
/// - Throws: `ArgumentError` naming `n_shells`, `dict_irreps`, `mult` or `stddev`.
public func initMatrixIrrepsWeights(
  _ key: RandomKey, numShells: Int, multiplicities: [Int: Int], mult: Int,
  standardDeviation: Double
) throws -> [Tensor] {
  let name = "init_matrix_irreps_weights"
  guard let maxDegree = multiplicities.keys.max() else {
    throw ArgumentError(name, "dict_irreps", "expected at least one degree, received none")
  }
  try checkCount(name, "n_shells", numShells)
  try checkCount(name, "mult", mult)
  try checkDegree(name, "dict_irreps", max(maxDegree, 0))
  guard standardDeviation >= 0, standardDeviation.isFinite else {
    throw ArgumentError(
      name, "stddev", "must be a positive number or 0, received \(standardDeviation)")
  }
  guard Set(multiplicities.keys) == Set(0...max(maxDegree, 0)) else {
    throw ArgumentError(
      name, "dict_irreps",
      "expected all degrees from 0 to the highest, received \(multiplicities.keys.sorted())")
  }
  let keys = try key.split(maxDegree + 1)
  return try (0...maxDegree).map { degree in
    let number = multiplicities[degree]!
    guard number >= 0 else {
      throw ArgumentError(
        name, "dict_irreps",
        "numbers must be positive or zero, received \(number) for degree \(degree)")
    }
    // The argument that makes most of it is named.
    let argument =
      mult >= max(number, numShells) ? "mult" : number > numShells ? "dict_irreps" : "n_shells"
    try checkMemory(
      name, argument, received: "\(numShells) shells of \(number) * \(mult)^2 irreps",
      [numShells, number, mult, mult])
    let count = number * mult * mult
    let (deviation, root) = (Float(standardDeviation), Float(Double(2 * degree + 1).squareRoot()))
    let values = try keys[degree].normal(Float.self, count: numShells * count).map {
      $0 * deviation / root
    }
    return try Tensor(values, shape: [numShells, count])
  }
}

/// Refuses no degrees at all or too many, and degrees that are negative or too high.
func checkBlockDegrees(_ function: String, _ degrees: [Int]) throws(ArgumentError) {
  guard !degrees.isEmpty, degrees.allSatisfy({ $0 >= 0 }) else {
    throw ArgumentError(
      function, "degrees", "expected at least one, all positive or zero, received \(degrees)")
  }
  for degree in degrees { try checkDegree(function, "degrees", degree) }
  try checkCount(function, "degrees", degrees.count, to: longestDegrees)
}

/// The most degrees of a matrix, each of which has a block with every other one.
private let longestDegrees = 256
