package import E3xEngine

extension TrainingLoss {
  /// Below this size absolute errors are rounded off, in their own units: they have a gradient at 0.
  private static let roundedSize = 1e-6

  /// The weighted sum of what errors count.
  ///
  /// - Parameters:
  ///   - errors: [M, C]; with one size for a row if `isVector`, one for each component otherwise.
  ///   - weights: [M, 1], what a component counts.
  /// - Throws: `ShapeError` if they do not fit.
  package func callAsFunction(
    _ errors: Tensor, weights: Tensor, isVector: Bool
  ) throws(ShapeError) -> Tensor {
    var squares = try errors.square()
    var weights = weights
    if isVector, let components = errors.shape[1].known {
      squares = try squares.sum([1], keepDimensions: true) / Double(components)
      weights = try weights * Double(components)
    }
    switch self {
    case .squared: break
    case .absolute:
      squares = try (squares + Self.roundedSize * Self.roundedSize).squareRoot()
    case .huber(let size):
      let square = size * size
      let far = try Tensor.maximum(squares, square).squareRoot() * (2 * size) - square
      squares = try .select(squares.isGreater(than: square), far, squares)
    }
    return try (squares * weights).sum()
  }
}
