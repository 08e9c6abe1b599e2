package import E3xEngine

/// A step of training as one compiled function: loss, its gradient, the optimiser, and a running
/// average of the parameters if one is wanted.
///
/// Where several processes share a batch, there are two functions: the gradient of a part, and what
/// the sum of all parts' gradients makes of the state.
///
/// The state of a training is a list of vectors: parameters, both moments of the optimiser, and the
/// averaged parameters.
package struct TrainingStep: Sendable {
  private let optimizer: any Optimizer
  private let isAveraged: Bool
  private let dtype: DType
  /// The whole step, or the gradient alone.
  private let function: CompiledFunction
  /// The update by a gradient, if the step is split.
  private let updating: CompiledFunction?

  /// - Parameters:
  ///   - layout: of the parameters in one vector.
  ///   - isAveraged: whether the state has averaged parameters.
  ///   - frozen: the paths of parameters that do not move.
  ///   - isSplit: whether gradient and update are functions of their own.
  ///   - batch: the shapes and element types of what the loss is computed from.
  ///   - loss: from parameters and a batch to a scalar, and whatever else is to be known of the batch.
  /// - Throws: `ShapeError` if the loss is not a scalar; whatever `loss` throws.
  package init(
    _ layout: ParameterLayout, _ optimizer: any Optimizer, isAveraged: Bool,
    frozen: Set<String> = [], isSplit: Bool = false,
    batch: [TensorSpecification],
    loss: (Parameters, [Tensor]) throws -> (loss: Tensor, others: [Tensor])
  ) throws {
    self.optimizer = optimizer
    self.isAveraged = isAveraged
    dtype = layout.dtype
    let count = isAveraged ? 4 : 3
    let vectors = [TensorSpecification](repeating: layout.specification, count: count)
    let numbers = TensorSpecification([Dimension(count)], dtype: layout.dtype)
    /// The gradient, the loss, and what else it gave.
    func derivative(_ parameters: Tensor, _ batch: [Tensor]) throws -> [Tensor] {
      // Differentiated to the single parameters: their gradients are put together once.
      let tree = try layout.parameters(parameters)
      let (loss, others) = try loss(tree, batch)
      let moving = tree.filter { !frozen.contains($0.path) }
      var found = try gradient(of: loss, withRespectTo: moving.map(\.tensor)).makeIterator()
      let gradients = tree.map { path, tensor in
        frozen.contains(path) ? Tensor.zeros(like: tensor) : found.next()!
      }
      return [try layout.vector(gradients), loss] + others
    }
    func next(_ state: [Tensor], _ numbers: Tensor, _ gradient: Tensor) throws -> [Tensor] {
      let next = try optimizer.update(
        OptimizerState(parameters: state[0], firstMoment: state[1], secondMoment: state[2]),
        gradient: gradient, numbers: numbers, entries: layout.entries)
      var vectors = next.tensors
      if isAveraged { vectors.append(try state[3] + (next.parameters - state[3]) * numbers[3]) }
      if frozen.isEmpty { return vectors }
      // To the bit, whatever the optimiser does.
      let isFrozen = try layout.mask(frozen)
      return try vectors.indices.map { try .select(isFrozen, state[$0], vectors[$0]) }
    }
    if isSplit {
      function = try CompiledFunction([layout.specification] + batch) { arguments in
        try derivative(arguments[0], Array(arguments[1...]))
      }
      updating = try CompiledFunction(vectors + [numbers, layout.specification]) { arguments in
        try next(Array(arguments[..<count]), arguments[count], arguments[count + 1])
      }
    } else {
      function = try CompiledFunction(vectors + [numbers] + batch) { arguments in
        let results = try derivative(arguments[0], Array(arguments[(count + 1)...]))
        return try next(Array(arguments[..<count]), arguments[count], results[0]) + results[1...]
      }
      updating = nil
    }
  }

  /// The state before the first step.
  package func state(beginningWith parameters: Tensor) throws -> [Tensor] {
    try OptimizerState(parameters).tensors + (isAveraged ? [parameters] : [])
  }

  /// What changes from step to step, as an argument of the function.
  ///
  /// - Parameter step: counted from 0.
  /// - Parameter averageDecay: how much of the average a step keeps, if there is one.
  package func numbers(
    step: Int, learningRate: Double, averageDecay: Double = 0
  ) -> Tensor {
    Tensor(
      optimizer.numbers(step: step, learningRate: learningRate)
        + (isAveraged ? [1 - averageDecay] : []), dtype: dtype)
  }

  /// The gradient of the loss, the loss, and what else it gave, of a step that is split.
  ///
  /// - Throws: `ShapeError` if a tensor of the batch does not fit.
  package func derivatives(_ parameters: Tensor, _ batch: [Tensor]) throws -> [Tensor] {
    precondition(updating != nil, "the step is one function")
    return try function([parameters] + batch)
  }

  /// The state after a step with this gradient, of a step that is split.
  ///
  /// - Throws: `ShapeError` if the gradient does not fit.
  package func update(
    _ state: [Tensor], _ numbers: Tensor, gradient: Tensor
  ) throws -> [Tensor] {
    guard let updating else { preconditionFailure("the step is one function") }
    return try updating(state + [numbers, gradient])
  }

  /// Does a step that is one function.
  ///
  /// - Parameter numbers: those of ``numbers(step:learningRate:averageDecay:)``.
  /// - Returns: the state after it, the loss before it, and what else the loss gave.
  /// - Throws: `ShapeError` if a tensor of the batch does not fit.
  package func callAsFunction(
    _ state: [Tensor], _ numbers: Tensor, _ batch: [Tensor]
  ) throws -> (state: [Tensor], loss: Double, others: [Tensor]) {
    precondition(updating == nil, "the step is split")
    let results = try function(state + [numbers] + batch)
    return (
      Array(results[..<state.count]), try results[state.count].item(),
      Array(results[(state.count + 1)...])
    )
  }

  /// The parts of the plan with their times; see ``CompiledFunction/profile(_:calls:)``.
  package func profile(
    _ state: [Tensor], _ numbers: Tensor, _ batch: [Tensor], calls: Int
  ) throws -> [(part: String, seconds: Double)] {
    try function.profile(state + [numbers] + batch, calls: calls)
  }
}
