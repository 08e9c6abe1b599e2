/// Which executor runs graphs: the planned one, unless `E3X_EXECUTOR` names another.
package struct ExecutorChoice: Sendable, Equatable, CustomStringConvertible {
  private let name: String
  private let compiled: @Sendable (Graph) -> any Executor
  private let once: @Sendable (Graph) -> any Executor

  /// An executor under a name.
  ///
  /// - Parameter compiled: for the graph of a compiled function.
  /// - Parameter once: for a graph that runs once.
  package init(
    _ name: String, compiled: @escaping @Sendable (Graph) -> any Executor,
    once: @escaping @Sendable (Graph) -> any Executor
  ) {
    self.name = name
    self.compiled = compiled
    self.once = once
  }

  /// The same executor for all graphs.
  package init(_ name: String, _ executor: @escaping @Sendable (Graph) -> any Executor) {
    self.init(name, compiled: executor, once: executor)
  }

  /// Graphs of compiled functions are planned; what runs once runs operation by operation.
  package static let automatic = ExecutorChoice(
    "automatic", compiled: { PlannedExecutor($0, PlanOptions()) }, once: { StepwiseExecutor($0) })
  /// All graphs run operation by operation.
  package static let stepwise = ExecutorChoice("stepwise") { StepwiseExecutor($0) }
  /// Graphs of any size are planned, with all that is done for large ones.
  package static let planned = ExecutorChoice("planned") {
    PlannedExecutor($0, .fine(ordersAll: false))
  }
  /// As `planned`, with all that can be in the orders of index lists.
  package static let ordered = ExecutorChoice("ordered") {
    PlannedExecutor($0, .fine(ordersAll: true))
  }

  /// The choice of this process.
  package static let environment: ExecutorChoice =
    environmentValue("E3X_EXECUTOR", expected: "automatic, stepwise, planned or ordered") { name in
      [.automatic, .stepwise, .planned, .ordered].first { $0.name == name }
    } ?? .automatic

  /// Overrides the environment's choice for tests.
  @TaskLocal package static var override: ExecutorChoice?

  static var current: ExecutorChoice { override ?? environment }

  /// The executor of a compiled function.
  func executor(compiled graph: Graph) -> any Executor { compiled(graph) }

  /// The executor of a graph that runs once.
  func executor(once graph: Graph) -> any Executor { once(graph) }

  /// Whether both have the same name.
  package static func == (a: ExecutorChoice, b: ExecutorChoice) -> Bool { a.name == b.name }

  /// The name.
  package var description: String { name }
}
