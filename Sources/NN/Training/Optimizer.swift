public import E3xEngine

/// How parameters follow their gradients from step to step: ``Adam`` or ``Muon``. A ``Training``
/// applies it.
///
/// An optimiser of one's own says what is to be done with vectors that hold all parameters one
/// after the other; it is traced into the function of a step.
public protocol Optimizer: Hashable, Sendable {
  /// How far parameters move in a step, in their own units.
  var learningRate: Double { get }

  /// Requires that its settings are in their ranges.
  /// - Throws: `ArgumentError` naming the one that is not.
  func check() throws(ArgumentError)

  /// What changes from step to step: three numbers, the first of them the learning rate.
  /// - Parameter step: counted from 0.
  func numbers(step: Int, learningRate: Double) -> [Double]

  /// The state after a step.
  ///
  /// - Parameters:
  ///   - state: before it.
  ///   - gradient: of the loss, a vector as the parameters are.
  ///   - numbers: [3] or more, those of ``numbers(step:learningRate:)`` first.
  ///   - entries: what the vectors are made of.
  /// - Throws: `ShapeError` if the vectors are not as long as the entries say.
  func update(
    _ state: OptimizerState, gradient: Tensor, numbers: Tensor, entries: [ParameterEntry]
  ) throws -> OptimizerState
}

/// What an optimiser knows, a vector each: the parameters and the running means of gradients and of
/// their squares.
public struct OptimizerState: Sendable {
  /// All parameters one after the other.
  public var parameters: Tensor
  /// The running mean of the gradient.
  public var firstMoment: Tensor
  /// The running mean of the gradient's squares.
  public var secondMoment: Tensor

  /// A state of these vectors.
  public init(parameters: Tensor, firstMoment: Tensor, secondMoment: Tensor) {
    self.parameters = parameters
    self.firstMoment = firstMoment
    self.secondMoment = secondMoment
  }

  /// The state before the first step.
  /// - Throws: `EvaluationError` if there is no memory for it.
  public init(_ parameters: Tensor) throws {
    let zeros = try Tensor.zeros(like: parameters).materialized()
    self.init(parameters: parameters, firstMoment: zeros, secondMoment: zeros)
  }

  var tensors: [Tensor] { [parameters, firstMoment, secondMoment] }
}
