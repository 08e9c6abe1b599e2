public import E3xEngine

/// The optimiser Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural
/// networks"): matrices move along the nearest orthogonal matrix to the running mean of their
/// gradient, so that all directions learn at one speed, not those alone that the loss is steep in.
///
/// Matrices are parameters of two axes with at least ``smallestSide`` numbers along both: kernels
/// of dense layers and filters. All others are ``adam``'s, whose mean of gradients is that of
/// matrices too. Both have one learning rate: steps of matrices are scaled so that their entries
/// move about as far as Adam's (Liu et al. 2025, arXiv:2502.16982, section 2.2), times
/// ``relativeRate``.
public struct Muon: Optimizer {
  /// What is done with parameters that are no matrices, and to the gradient before anything else.
  public var adam: Adam
  /// How far entries of matrices move, in units of what Adam moves them by.
  public var relativeRate: Double
  /// Steps of the iteration that makes matrices orthogonal: with five, singular values are between
  /// 0.7 and 1.2.
  public var iterations: Int

  /// How far parameters move in a step, in their own units.
  public var learningRate: Double { adam.learningRate }

  /// The fewest numbers along either axis of a matrix.
  public static let smallestSide = 8

  /// Entries of Adam's steps are about so large.
  private static let usualStep = 0.2

  /// Muon for matrices, with Adam for everything else.
  ///
  /// - Parameters:
  ///   - adam: What is done with other parameters, with the learning rate of all.
  ///   - relativeRate: How far entries of matrices move, in units of what Adam moves them by.
  ///   - iterations: Steps of the iteration that makes matrices orthogonal.
  public init(_ adam: Adam = Adam(), relativeRate: Double = 1.5, iterations: Int = 5) {
    self.adam = adam
    self.relativeRate = relativeRate
    self.iterations = iterations
  }

  /// - Throws: `ArgumentError` naming what is not in its range.
  public func check() throws(ArgumentError) {
    try adam.check()
    guard relativeRate >= 0, relativeRate.isFinite else {
      throw ArgumentError(
        "Muon", "relative_rate", "must be finite and not negative, received \(relativeRate)")
    }
    guard (1...100).contains(iterations) else {
      throw ArgumentError("Muon", "iterations", "must be in 1 ... 100, received \(iterations)")
    }
  }

  /// Adam's numbers.
  /// - Parameter step: counted from 0.
  public func numbers(step: Int, learningRate: Double) -> [Double] {
    adam.numbers(step: step, learningRate: learningRate)
  }

  /// The state after a step.
  /// - Throws: `ShapeError` if the vectors are not as long as the entries say.
  public func update(
    _ state: OptimizerState, gradient: Tensor, numbers: Tensor, entries: [ParameterEntry]
  ) throws -> OptimizerState {
    var next = try adam.update(state, gradient: gradient, numbers: numbers, entries: entries)
    let beta = adam.firstMomentDecay
    // Nesterov's: where the mean will be after another such gradient.
    let direction = try next.firstMoment * beta + adam.clipped(gradient) * (1 - beta)
    let rate = try numbers.entry(0, axis: 0)
    var parts = try entries.map { try next.parameters.sliced($0.range, axis: 0) }
    for (shape, indices) in Self.matrices(entries) {
      let count = Dimension(shape[0] * shape[1])
      let stack = try Tensor.concatenate(
        indices.map { index in
          try direction.sliced(entries[index].range, axis: 0)
            .reshaped(to: [1, Dimension(shape[0]), Dimension(shape[1])])
        }, axis: 0)
      // All entries of an orthogonal matrix are of order 1 over the root of its longer side.
      let scale = relativeRate * Self.usualStep * Double(shape.max() ?? 1).squareRoot()
      let steps = try orthogonalized(stack) * (rate * scale)
      for (position, index) in indices.enumerated() {
        let step = try steps.sliced(position..<(position + 1), axis: 0).reshaped(to: [count])
        let matrix = try state.parameters.sliced(entries[index].range, axis: 0)
        parts[index] = try adam.decayed(matrix, numbers) - step
      }
    }
    next.parameters = try Tensor.concatenate(parts, axis: 0)
    return next
  }

  /// The indices of matrices, those of one shape together.
  private static func matrices(_ entries: [ParameterEntry]) -> [(shape: [Int], indices: [Int])] {
    var groups: [(shape: [Int], indices: [Int])] = []
    for (index, entry) in entries.enumerated() {
      guard entry.shape.count == 2, entry.shape.allSatisfy({ $0 >= smallestSide }) else { continue }
      if let group = groups.firstIndex(where: { $0.shape == entry.shape }) {
        groups[group].indices.append(index)
      } else {
        groups.append((entry.shape, [index]))
      }
    }
    return groups
  }

  /// Matrices with the same singular vectors, and singular values near 1, by the odd polynomials of
  /// Newton and Schulz with Jordan's coefficients; 0 for a matrix that is 0.
  ///
  /// - Parameter matrices: [K, m, n]
  func orthogonalized(_ matrices: Tensor) throws(ShapeError) -> Tensor {
    let isTall = (matrices.shape[1].known ?? 0) > (matrices.shape[2].known ?? 0)
    var x = try isTall ? matrices.transposed() : matrices
    let norms = try (x.square().sum([1, 2], keepDimensions: true) + 1e-30).squareRoot()
    x = try x / norms
    for _ in 0..<iterations {
      let square = try x.matmul(x.transposed())
      let polynomial = try square * -4.775 + square.matmul(square) * 2.0315
      x = try x * 3.4445 + polynomial.matmul(x)
    }
    return try isTall ? x.transposed() : x
  }
}
