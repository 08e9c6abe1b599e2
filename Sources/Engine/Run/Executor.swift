/// What computes graphs: made for one, and run on arguments of any sizes that its symbols can have.
package protocol Executor: Sendable {
  /// What is computed, in the form in which it was taken.
  var graph: Graph { get }

  /// The results of the graph.
  ///
  /// - Parameter arguments: tensors with their elements, of the shapes and types of the graph's
  ///   inputs.
  /// - Parameter bindings: the size of every symbol.
  /// - Returns: tensors with their elements.
  /// - Throws: `EvaluationError` for values that an operation refuses; `ShapeError` for sizes that no
  ///   tensor can have.
  func run(_ arguments: [Tensor], _ bindings: Bindings) throws -> [Tensor]

  /// How the graph is run, for people.
  var explanation: String { get }

  /// The parts of ``explanation`` with the seconds that each took in the fastest of several calls;
  /// none from executors that do not measure.
  func profile(
    _ arguments: [Tensor], _ bindings: Bindings, calls: Int
  ) throws -> [(part: String, seconds: Double)]
}

extension Executor {
  package var explanation: String { "operation by operation:\n" + graph.description }

  package func profile(
    _ arguments: [Tensor], _ bindings: Bindings, calls: Int
  ) throws -> [(part: String, seconds: Double)] { [] }
}
