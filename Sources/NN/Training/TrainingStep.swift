package import E3xEngine

/// A step of training as one compiled function: loss, its gradient, the optimiser, and a running
/// average of the parameters if one is wanted.
///
/// The state of a training is a list of vectors: parameters, both moments of the optimiser, and the
/// averaged parameters.
package struct TrainingStep: Sendable {
  private let optimizer: any Optimizer
  private let isAveraged: Bool
  private let dtype: DType
  private let function: CompiledFunction

  /// - Parameters:
  ///   - layout: of the parameters in one vector.
  ///   - isAveraged: whether the state has averaged parameters.
  ///   - frozen: the paths of parameters that do not move.
  ///   - batch: the shapes and element types of what the loss is computed from.
  ///   - loss: from parameters and a batch to a scalar, and whatever else is to be known of the batch.
  /// - Throws: `ShapeError` if the loss is not a scalar; whatever `loss` throws.
  package init(
    _ layout: ParameterLayout, _ optimizer: any Optimizer, isAveraged: Bool,
    frozen: Set<String> = [],
    batch: [TensorSpecification],
    loss: (Parameters, [Tensor]) throws -> (loss: Tensor, others: [Tensor])
  ) throws {
    self.optimizer = optimizer
    self.isAveraged = isAveraged
    dtype = layout.dtype
    let count = isAveraged ? 4 : 3
    let vectors = [TensorSpecification](repeating: layout.specification, count: count)
    let numbers = TensorSpecification([Dimension(count)], dtype: layout.dtype)
    function = try CompiledFunction(vectors + [numbers] + batch) { arguments in
      let numbers = arguments[count]
      // Differentiated to the single parameters: their gradients are put together once.
      let tree = try layout.parameters(arguments[0])
      let (loss, others) = try loss(tree, Array(arguments[(count + 1)...]))
      let moving = tree.filter { !frozen.contains($0.path) }
      var found = try gradient(of: loss, withRespectTo: moving.map(\.tensor)).makeIterator()
      let gradients = tree.map { path, tensor in
        frozen.contains(path) ? Tensor.zeros(like: tensor) : found.next()!
      }
      let next = try optimizer.update(
        OptimizerState(
          parameters: arguments[0], firstMoment: arguments[1], secondMoment: arguments[2]),
        gradient: layout.vector(gradients), numbers: numbers, entries: layout.entries)
      var state = next.tensors
      if isAveraged {
        let average = arguments[3]
        state.append(try average + (next.parameters - average) * numbers[3])
      }
      if !frozen.isEmpty {
        // To the bit, whatever the optimiser does.
        let isFrozen = try layout.mask(frozen)
        state = try state.indices.map { try .select(isFrozen, arguments[$0], state[$0]) }
      }
      return state + [loss] + others
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

  /// Does a step.
  ///
  /// - Parameter numbers: those of ``numbers(step:learningRate:averageDecay:)``.
  /// - Returns: the state after it, the loss before it, and what else the loss gave.
  /// - Throws: `ShapeError` if a tensor of the batch does not fit.
  package func callAsFunction(
    _ state: [Tensor], _ numbers: Tensor, _ batch: [Tensor]
  ) throws -> (state: [Tensor], loss: Double, others: [Tensor]) {
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
