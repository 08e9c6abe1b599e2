public import E3xEngine

/// A model in training: its parameters and the state of the optimiser, with one compiled function
/// for a whole step.
///
///     var training = try Training(
///       parameters, optimizer: Adam(learningRate: 2e-3), batch: specifications
///     ) { scope, batch in
///       let error = try model(scope, batch[0]) - batch[1]
///       return try error.square().mean()
///     }
///     for batch in batches { print(try training.step(batch)) }
///     try training.parameters.write(to: "model.safetensors")
///
/// The loss is traced once, with its gradient and the update; symbolic rows in the specifications
/// (``Dimension/rows(_:)``) let batches have any size. The loss may contain gradients itself, such
/// as forces. A training is a value: a copy goes on by itself.
public struct Training: Sendable {
  /// The optimiser.
  public let optimizer: any Optimizer
  /// The learning rate of the next step; that of the optimiser unless it is set.
  public var learningRate: Double
  /// The number of steps done.
  public private(set) var stepsDone = 0

  private let layout: ParameterLayout
  private let compiled: TrainingStep
  private var state: [Tensor]

  /// A training that begins with these parameters.
  ///
  /// - Parameters:
  ///   - parameters: Tensors of one element type, float32 or float64.
  ///   - optimizer: How parameters follow their gradients.
  ///   - batch: The shapes and element types of what the loss is computed from.
  ///   - loss: From a scope with the parameters and a batch to a floating-point scalar. Called once,
  ///     with tensors that have no elements.
  /// - Throws: `ArgumentError` naming `params` or an option of the optimiser; `ShapeError` if the
  ///   loss is not a scalar; whatever `loss` throws.
  public init(
    _ parameters: Parameters, optimizer: any Optimizer = Adam(), batch: [TensorSpecification],
    loss: (Scope, [Tensor]) throws -> Tensor
  ) throws {
    try optimizer.check()
    guard parameters.count > 0 else {
      throw ArgumentError("Training", "params", "expected at least one parameter, received none")
    }
    let layout = try ParameterLayout(parameters)
    guard !layout.dtype.isHalf else {
      throw ArgumentError(
        "Training", "params",
        "expected float32 or float64, received \(layout.dtype), in which small steps are lost; "
          + "layers compute in it by their argument dtype")
    }
    compiled = try TrainingStep(layout, optimizer, isAveraged: false, batch: batch) { tree, batch in
      (try loss(tree.scope, batch), [])
    }
    state = try compiled.state(beginningWith: layout.vector(parameters).materialized())
    self.layout = layout
    self.optimizer = optimizer
    learningRate = optimizer.learningRate
  }

  /// Does one step.
  ///
  /// - Parameter batch: tensors that fit the specifications.
  /// - Returns: the loss of the batch before the step.
  /// - Throws: `ShapeError` if a tensor does not fit; `ArgumentError` naming `learning_rate` if the
  ///   loss is no longer finite, with the parameters as they were before.
  @discardableResult
  public mutating func step(_ batch: [Tensor]) throws -> Double {
    let numbers = compiled.numbers(step: stepsDone, learningRate: learningRate)
    let (next, loss, _) = try compiled(state, numbers, batch)
    guard loss.isFinite else {
      throw ArgumentError(
        "Training", "learning_rate",
        "the loss is \(loss) in step \(stepsDone + 1): a lower rate may help, received "
          + "\(learningRate)")
    }
    state = next
    stepsDone += 1
    return loss
  }

  /// The parameters as they are now, under their paths.
  /// - Throws: nothing in practice: they are slices of what the last step computed.
  public var parameters: Parameters {
    get throws { try layout.parameters(state[0]).mapTensors { try $0.materialized() } }
  }
}
