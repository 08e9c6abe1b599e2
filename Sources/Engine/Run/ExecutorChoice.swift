/// Which executor runs graphs. The planned one unless `E3X_EXECUTOR` says `reference`; `planned`
/// makes it take graphs of any size, also those that are evaluated once, and do all that it does for
/// large ones; `ordered` too, with all that it can in the orders of index lists.
package enum ExecutorChoice: String, Sendable {
  case automatic, reference, planned, ordered

  /// The choice of this process.
  package static let environment: ExecutorChoice =
    environmentValue("E3X_EXECUTOR", expected: "automatic, reference, planned or ordered") {
      ExecutorChoice(rawValue: $0)
    } ?? .automatic

  /// Overrides the environment's choice for tests.
  @TaskLocal package static var override: ExecutorChoice?

  static var current: ExecutorChoice { override ?? environment }

  /// The executor of a compiled function.
  func executor(compiled graph: Graph) -> any Executor {
    switch self {
    case .reference: ReferenceExecutor(graph)
    case .automatic: PlannedExecutor(graph, .init())
    case .planned: PlannedExecutor(graph, .fine(ordersAll: false))
    case .ordered: PlannedExecutor(graph, .fine(ordersAll: true))
    }
  }

  /// The executor of a graph that runs once.
  func executor(once graph: Graph) -> any Executor {
    switch self {
    case .planned, .ordered: executor(compiled: graph)
    case .automatic, .reference: ReferenceExecutor(graph)
    }
  }
}
