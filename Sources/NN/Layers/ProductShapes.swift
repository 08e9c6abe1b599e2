internal import E3xEngine
internal import E3xSO3

/// The shapes of two factors and of their product, checked as e3x checks them.
struct ProductShapes {
  let first: FeatureShape
  let second: FeatureShape
  let result: FeatureShape

  init(
    _ function: String, _ inputs1: Tensor, _ inputs2: Tensor, maxDegree: Int?,
    includePseudotensors: Bool
  ) throws {
    first = try FeatureShape(inputs1, function: function, argument: "inputs1")
    second = try FeatureShape(inputs2, function: function, argument: "inputs2")
    let degree = maxDegree ?? max(first.maxDegree, second.maxDegree)
    try checkDegree(function, "max_degree", degree)
    let highest = first.maxDegree + second.maxDegree
    guard degree <= highest else {
      throw ArgumentError(
        function, "max_degree",
        "inputs of degrees \(first.maxDegree) and \(second.maxDegree) couple to degree \(highest) "
          + "at most, received \(degree)")
    }
    guard first.features == second.features else {
      throw ArgumentError(
        function, "inputs2",
        "expected as many features as inputs1, \(first.features), received \(second.features)")
    }
    guard let batch = (first.batch == second.batch ? first.batch : try Self.common(first, second))
    else {
      throw ArgumentError(
        function, "inputs2",
        "leading axes \(second.batch) do not broadcast with those of inputs1, \(first.batch)")
    }
    // Tensors coupled with or to scalars give no pseudotensors.
    let proper =
      first.parities == 1 && second.parities == 1
      && (first.maxDegree == 0 || second.maxDegree == 0 || degree == 0)
    result = FeatureShape(
      batch: batch, parities: includePseudotensors && !proper ? 2 : 1, maxDegree: degree,
      features: first.features)
  }

  /// Refuses degrees whose coefficients would take too long.
  /// - Parameter maxDegree: the argument, if there is one.
  func check(_ function: String, _ maxDegree: Int?, work: Double) throws(ArgumentError) {
    try checkWork(
      function, maxDegree == nil ? "inputs1" : "max_degree",
      [first.maxDegree, second.maxDegree, result.maxDegree], work)
  }

  private static func common(_ a: FeatureShape, _ b: FeatureShape) throws -> Shape? {
    let (x, y) = (Tensor.zeros(a.batch), Tensor.zeros(b.batch))
    return try? (x + y).shape
  }

  /// A factor as rows of components: [R, C, F] (or [C, F] without leading axes).
  func rows(_ input: Tensor, _ shape: FeatureShape, _ type: DType) throws -> Tensor {
    var shape = shape
    var x = try input.cast(to: type)
    if shape.batch != result.batch {
      shape.batch = result.batch
      x = try x.broadcast(to: shape.shape)
    }
    x = try x.reshaped(to: shape.flattened)
    return shape.batch.rank == 0 ? x : try x.flattened(before: x.rank - 2)
  }
}
