public import E3xEngine
internal import E3xSystem

/// The optimiser Adam (Kingma and Ba, ICLR 2015, algorithm 1), as `optax.adam`, with gradients
/// clipped by their norm if wanted, as `optax.clip_by_global_norm`.
///
/// Each parameter moves by the learning rate times the running mean of its gradient over the root
/// of the running mean of its square. ``Training`` applies it.
///
/// If it is cautious (Liang, Chen, Liu and Liu 2024, arXiv:2411.16085), parameters stay where the
/// running mean and the gradient of this step disagree in sign, and the others move 1.5 times as
/// far.
public struct Adam: Optimizer {
  /// How far parameters move in a step, in their own units.
  public var learningRate: Double
  /// β₁, how much of the mean of gradients a step keeps: 0 ..< 1.
  public var firstMomentDecay: Double
  /// β₂, how much of the mean of squares a step keeps: 0 ..< 1.
  public var secondMomentDecay: Double
  /// Added to the root of the mean of squares, in units of gradients.
  public var epsilon: Double
  /// Gradients (all of them as one vector) of a larger norm are scaled down to it; never if nil.
  public var gradientClip: Double?
  /// Whether only parameters move whose running mean and gradient have the same sign.
  public var isCautious: Bool
  /// What parameters lose of themselves in each step, in units of the learning rate, apart from
  /// their gradients (Loshchilov and Hutter, ICLR 2019, algorithm 2), as `optax.adamw`.
  public var weightDecay: Double

  /// How much farther the parameters move that a cautious step moves: in the noise of small
  /// batches about two of three do.
  private static let cautiousFactor = 1.5

  /// Adam, with the names of Kingma and Ba written out.
  ///
  /// - Parameters:
  ///   - learningRate: How far parameters move in a step, in their own units.
  ///   - firstMomentDecay: β₁, how much of the mean of gradients a step keeps: 0 ..< 1.
  ///   - secondMomentDecay: β₂, how much of the mean of squares a step keeps: 0 ..< 1.
  ///   - epsilon: Added to the root of the mean of squares, in units of gradients.
  ///   - gradientClip: Gradients (all of them as one vector) of a larger norm are scaled down to
  ///     it; never if nil.
  ///   - isCautious: Whether only parameters move whose running mean and gradient have the same
  ///     sign.
  ///   - weightDecay: What parameters lose of themselves in each step, in units of the learning
  ///     rate.
  public init(
    learningRate: Double = 1e-3, firstMomentDecay: Double = 0.9, secondMomentDecay: Double = 0.999,
    epsilon: Double = 1e-8, gradientClip: Double? = nil, isCautious: Bool = false,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.firstMomentDecay = firstMomentDecay
    self.secondMomentDecay = secondMomentDecay
    self.epsilon = epsilon
    self.gradientClip = gradientClip
    self.isCautious = isCautious
    self.weightDecay = weightDecay
  }

  /// - Throws: `ArgumentError` naming what is not in its range.
  public func check() throws(ArgumentError) {
    for (name, value) in [
      ("learning_rate", learningRate), ("epsilon", epsilon), ("weight_decay", weightDecay),
    ] where !(value >= 0 && value.isFinite) {
      throw ArgumentError("Adam", name, "must be finite and not negative, received \(value)")
    }
    for (name, value) in [
      ("first_moment_decay", firstMomentDecay), ("second_moment_decay", secondMomentDecay),
    ] where !(0..<1).contains(value) {
      throw ArgumentError("Adam", name, "must be in 0 ..< 1, received \(value)")
    }
    if let gradientClip, !(gradientClip > 0) {
      throw ArgumentError("Adam", "gradient_clip", "must be positive, received \(gradientClip)")
    }
  }

  /// What changes from step to step: the learning rate, and what corrects both means for their
  /// start at zero.
  /// - Parameter step: counted from 0.
  public func numbers(step: Int, learningRate: Double) -> [Double] {
    let t = Double(step + 1)
    return [
      learningRate, 1 / (1 - pow(firstMomentDecay, t)), 1 / (1 - pow(secondMomentDecay, t)),
    ]
  }

  /// The state after a step.
  /// - Throws: `ShapeError` if the vectors are not of one length.
  public func update(
    _ state: OptimizerState, gradient: Tensor, numbers: Tensor, entries: [ParameterEntry]
  ) throws -> OptimizerState {
    let g = try clipped(gradient)
    let (beta1, beta2) = (firstMomentDecay, secondMomentDecay)
    let m = try state.firstMoment * beta1 + g * (1 - beta1)
    let v = try state.secondMoment * beta2 + g.square() * (1 - beta2)
    var update =
      try (m * numbers.entry(1, axis: 0)) / ((v * numbers.entry(2, axis: 0)).squareRoot() + epsilon)
    if isCautious {
      update = try .select(
        (m * g).isGreater(than: 0), update * Self.cautiousFactor, Tensor.zeros(like: update))
    }
    return OptimizerState(
      parameters: try decayed(state.parameters, numbers) - update * numbers.entry(0, axis: 0),
      firstMoment: m, secondMoment: v)
  }

  /// Parameters without what they lose in a step.
  func decayed(_ parameters: Tensor, _ numbers: Tensor) throws(ShapeError) -> Tensor {
    if weightDecay == 0 { return parameters }
    return try parameters * (1 - numbers.entry(0, axis: 0) * weightDecay)
  }

  /// The gradient, or one of the norm ``gradientClip`` in its direction if it is longer.
  func clipped(_ gradient: Tensor) throws(ShapeError) -> Tensor {
    guard let gradientClip else { return gradient }
    let norm = try (gradient.square().sum() + 1e-20).squareRoot()
    return try gradient * Tensor.minimum(gradientClip / norm, 1)
  }
}
