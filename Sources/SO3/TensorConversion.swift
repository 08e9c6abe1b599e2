public import E3xEngine
public import E3xExact
internal import E3xSystem

/// Converts the components of one degree to a traceless symmetric Cartesian tensor. Matches
/// `e3x.so3.irreps_to_tensor`.
///
/// Spherical harmonics of a unit vector u become the traceless part of u ⊗ u ⊗ ….
///
/// - Parameters:
///   - irreps: [..., 2 degree + 1]
///   - degree: The degree l.
///   - cartesianOrder: Whether components are in Cartesian order.
///   - normalization: Of the harmonics that the components belong to.
/// - Returns: [..., 3, 3, ...] with `degree` axes of size 3; [..., 1] for degree 0.
/// - Throws: `ArgumentError` naming `irreps` or `degree`.
/// - Complexity: O(rows · l · 3^l).
public func irrepsToTensor(
  _ irreps: Tensor, degree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
  normalization: SphericalHarmonicsNormalization = E3xConfiguration.current.normalization
) throws -> Tensor {
  try checkTensorDegree("irreps_to_tensor", degree)
  guard irreps.rank >= 1, irreps.shape[irreps.rank - 1].known == 2 * degree + 1,
    irreps.dtype.isFloatingPoint
  else {
    throw ArgumentError(
      "irreps_to_tensor", "irreps",
      "expected floating-point irreps of degree \(degree), [..., \(2 * degree + 1)], received "
        + "\(irreps.dtype) of shape \(irreps.shape)")
  }
  let conversion = TensorConversion(degree: degree, cartesianOrder: cartesianOrder)
  let constant = normalization.constant(degree: degree)
  let matrix = try Tensor(
    conversion.expansion.map { $0 / constant },
    shape: [2 * degree + 1, conversion.tensorSize]
  ).cast(to: irreps.dtype)
  let axes: Shape = degree == 0 ? [1] : Shape([Int](repeating: 3, count: degree))
  return try irreps.expanded(at: -2).matmul(matrix)
    .reshaped(to: irreps.shape.dropLast(axes: 1) + axes)
}

/// Converts a traceless symmetric Cartesian tensor to the components of one degree: the inverse of
/// `irrepsToTensor`. Matches `e3x.so3.tensor_to_irreps`.
///
/// - Parameters:
///   - tensor: [..., 3, 3, ...] with `degree` axes of size 3; [..., 1] for degree 0. As in e3x,
///     only entries with ascending indices are read; whether the others agree and traces vanish is
///     not checked (see `isTracelessSymmetric`).
///   - degree: The degree l.
///   - cartesianOrder: Whether components are in Cartesian order.
///   - normalization: Of the harmonics that the components belong to.
/// - Returns: [..., 2 degree + 1]
/// - Throws: `ArgumentError` naming `tensor` or `degree`.
public func tensorToIrreps(
  _ tensor: Tensor, degree: Int, cartesianOrder: Bool = E3xConfiguration.current.cartesianOrder,
  normalization: SphericalHarmonicsNormalization = E3xConfiguration.current.normalization
) throws -> Tensor {
  try checkTensorDegree("tensor_to_irreps", degree)
  try checkTensor("tensor_to_irreps", "tensor", tensor, degree)
  let conversion = TensorConversion(degree: degree, cartesianOrder: cartesianOrder)
  let constant = normalization.constant(degree: degree)
  let matrix = try Tensor(
    conversion.compression.map { $0 * constant },
    shape: [conversion.tensorSize, 2 * degree + 1]
  ).cast(to: tensor.dtype)
  let leading = tensor.shape.dropLast(axes: max(degree, 1))
  return try tensor.reshaped(to: leading + Shape([1, conversion.tensorSize])).matmul(matrix)
    .squeezed(axis: -2)
}

/// Whether a Cartesian tensor is symmetric in all of its axes and has vanishing traces. Matches
/// `e3x.so3.is_traceless_symmetric`. Runs the graph.
///
/// - Parameters:
///   - x: [..., 3, 3, ...] with `degree` axes of size 3; [..., 1] for degree 0.
///   - degree: The number of axes that count.
///   - relativeTolerance: e3x's `rtol`.
///   - absoluteTolerance: e3x's `atol`: numbers a and b agree if |a - b| <= atol + rtol |b|.
/// - Throws: `ArgumentError` naming `x` or `degree`.
public func isTracelessSymmetric(
  _ x: Tensor, degree: Int, relativeTolerance: Double = 1e-5, absoluteTolerance: Double = 1e-5
) throws -> Bool {
  try checkTensorDegree("is_traceless_symmetric", degree)
  try checkTensor("is_traceless_symmetric", "x", x, degree)
  if degree < 2 { return true }
  let values = try x.scalars(as: Double.self)
  let size = TensorConversion.power(3, degree)
  let classes = Dictionary(grouping: 0..<size) { TensorConversion.powers(of: $0, degree) }
  func isClose(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= absoluteTolerance + relativeTolerance * abs(b)
  }
  for start in stride(from: 0, to: values.count, by: size) {
    // A permutation of axes takes an entry to any other with the same powers of x, y and z.
    for members in classes.values {
      let entries = members.map { values[start + $0] }
      // All agree with each other if the extremes agree with all.
      let (least, most) = (entries.min()!, entries.max()!)
      for entry in entries where !(isClose(least, entry) && isClose(most, entry)) { return false }
    }
    for rest in stride(from: start, to: start + size, by: 9)
    where !isClose(values[rest] + values[rest + 4] + values[rest + 8], 0) { return false }
  }
  return true
}

/// The highest degree for which the 3^l entries of a tensor are made.
private let largestTensorDegree = 12

private func checkTensorDegree(_ function: String, _ degree: Int) throws(ArgumentError) {
  try checkDegree(function, "degree", degree, limit: largestTensorDegree) {
    "3^\($0) entries"
  }
}

private func checkTensor(
  _ function: String, _ argument: String, _ x: Tensor, _ degree: Int
) throws(ArgumentError) {
  let axes = degree == 0 ? [1] : [Int](repeating: 3, count: degree)
  guard x.rank >= axes.count, Array(x.shape.suffix(axes.count)) == axes.map({ Dimension($0) }),
    x.dtype.isFloatingPoint
  else {
    let list = axes.map(String.init).joined(separator: ", ")
    throw ArgumentError(
      function, argument,
      "expected a floating-point tensor of degree \(degree), [..., \(list)], received \(x.dtype) "
        + "of shape \(x.shape)")
  }
}
