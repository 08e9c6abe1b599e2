public import E3xEngine
internal import E3xSO3

/// Adds features of any degrees and types: each is first brought to the highest degree, and to
/// both parities if one has them. Matches `e3x.nn.add`.
///
/// - Parameter inputs: [..., P, (L+1)², F], of equal leading axes, features and element type.
/// - Throws: `ArgumentError`; the inputs are named x, y, z, w, … in their order.
public func add(_ inputs: Tensor...) throws -> Tensor { try add(inputs) }

/// As `add(_:)` for a list of inputs.
/// - Throws: `ArgumentError`, also for an empty list.
public func add(_ inputs: [Tensor]) throws -> Tensor {
  guard let first = inputs.first else {
    throw ArgumentError("add", "inputs", "expected at least one, received none")
  }
  let names = ["x", "y", "z", "w"] + (4..<Swift.max(inputs.count, 4)).map { "inputs[\($0)]" }
  var shapes: [FeatureShape] = []
  for (input, name) in zip(inputs, names) {
    let shape = try FeatureShape(input, function: "add", argument: name)
    let expected = shapes.first ?? shape
    guard shape.batch == expected.batch else {
      throw ArgumentError(
        "add", name, "leading axes must be those of x, \(expected.batch), received \(input.shape)")
    }
    guard shape.features == expected.features else {
      throw ArgumentError(
        "add", name, "expected \(expected.features) features as x has, received \(shape.features)")
    }
    guard input.dtype == first.dtype else {
      throw ArgumentError(
        "add", name, "expected \(first.dtype) elements as x has, received \(input.dtype)")
    }
    shapes.append(shape)
  }
  let degree = shapes.map(\.maxDegree).max()!
  let both = shapes.contains { $0.parities == 2 }
  var sum: Tensor?
  for input in inputs {
    let part = try changeMaxDegreeOrType(input, maxDegree: degree, includePseudotensors: both)
    if let total = sum { sum = try total + part } else { sum = part }
  }
  return sum!
}

/// Changes the highest degree and the type of features, dropping what is not wanted and filling
/// with zeros what is new. Matches `e3x.nn.change_max_degree_or_type`.
///
/// - Parameter x: [..., P, (L+1)², F]
/// - Parameter maxDegree: the new highest degree; unchanged if nil.
/// - Parameter includePseudotensors: whether both parities are returned (P = 2); unchanged if nil.
/// - Returns: [..., P', (L'+1)², F]
/// - Throws: `ArgumentError` naming `x` if it is no features, or `max_degree` unless it is in 0 ... 255.
public func changeMaxDegreeOrType(
  _ x: Tensor, maxDegree: Int? = nil, includePseudotensors: Bool? = nil
) throws -> Tensor {
  let name = "change_max_degree_or_type"
  let shape = try FeatureShape(x, function: name, argument: "x")
  let degree = maxDegree ?? shape.maxDegree
  try checkDegree(name, "max_degree", degree)
  let hadBoth = shape.parities == 2
  let both = includePseudotensors ?? hadBoth
  var result = x
  if degree < shape.maxDegree {
    result = try result.sliced(0..<((degree + 1) * (degree + 1)), axis: -2)
  } else if degree > shape.maxDegree {
    result = try result.padded(after: (degree + 1) * (degree + 1) - shape.degreeSize, axis: -2)
  }
  if both == hadBoth { return result }
  if hadBoth {
    // Even degrees from the even channel, odd ones from the odd channel.
    let even = try result.sliced(0..<1, axis: -3)
    if degree == 0 { return even }
    let odd = try result.sliced(1..<2, axis: -3)
    return try .select(parityMask(degree, odd: false), even, odd)
  }
  let zero = Tensor(0, dtype: x.dtype)
  let mask = try parityMask(degree, odd: false)
  return try .concatenate(
    [.select(mask, result, zero), .select(mask, zero, result)], axis: -3)
}

/// True at even (or odd) degrees: [(L+1)², 1].
private func parityMask(_ maxDegree: Int, odd: Bool) throws -> Tensor {
  let values = (0...maxDegree).flatMap { degree in
    [Bool](repeating: (degree % 2 == 1) == odd, count: 2 * degree + 1)
  }
  return try Tensor(values, shape: [values.count, 1])
}

/// A mask that keeps features of even degree: bool [(L+1)², 1]. Matches `e3x.nn.even_degree_mask`.
/// - Throws: `ArgumentError` naming `max_degree` unless it is in 0 ... 255.
public func evenDegreeMask(maxDegree: Int) throws -> Tensor {
  try degreeMask("even_degree_mask", maxDegree, odd: false)
}

/// A mask that keeps features of odd degree: bool [(L+1)², 1]. Matches `e3x.nn.odd_degree_mask`.
/// - Throws: `ArgumentError` naming `max_degree` unless it is in 0 ... 255.
public func oddDegreeMask(maxDegree: Int) throws -> Tensor {
  try degreeMask("odd_degree_mask", maxDegree, odd: true)
}

private func degreeMask(_ function: String, _ maxDegree: Int, odd: Bool) throws -> Tensor {
  try checkDegree(function, "max_degree", maxDegree)
  return try parityMask(maxDegree, odd: odd)
}

/// Rotates features: y[l, m'] = Σ_m x[l, m] D[m, m']. Matches `e3x.nn.rotate`.
///
/// - Parameter x: [..., P, (L+1)², F]
/// - Parameter wignerD: [(L+1)², (L+1)²], or one for each leading index.
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if it is no features, or `wigner_d` if it does not fit.
public func rotate(_ x: Tensor, _ wignerD: Tensor) throws -> Tensor {
  let shape = try FeatureShape(x, function: "rotate", argument: "x")
  let size = Dimension(shape.degreeSize)
  guard wignerD.rank >= 2, wignerD.shape[wignerD.rank - 1] == size,
    wignerD.shape[wignerD.rank - 2] == size
  else {
    throw ArgumentError(
      "rotate", "wigner_d", "expected [..., \(size), \(size)], received shape \(wignerD.shape)")
  }
  guard wignerD.rank == 2 || wignerD.shape.dropLast(axes: 2) == shape.batch else {
    throw ArgumentError(
      "rotate", "wigner_d",
      "expected the leading axes of x, \(shape.batch), received shape \(wignerD.shape)")
  }
  let matrix = try wignerD.transposed().expanded(at: -3)
  return try matrix.matmul(x)
}

/// Reflects features at the origin: odd ones change their sign. Matches `e3x.nn.reflect`.
///
/// - Parameter x: [..., P, (L+1)², F]
/// - Returns: The shape of x.
/// - Throws: `ArgumentError` naming `x` if they are no features.
public func reflect(_ x: Tensor) throws -> Tensor {
  let shape = try FeatureShape(x, function: "reflect", argument: "x")
  let signs = shape.blocks.flatMap { block in
    [Double](repeating: block.isOdd ? -1 : 1, count: 2 * block.degree + 1)
  }
  let sign = try Tensor(signs, shape: [shape.parities, shape.degreeSize, 1]).cast(to: x.dtype)
  return try x * sign
}
