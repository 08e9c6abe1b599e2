/// What computes graphs. Its results may be views; they are never written to again.
protocol Executor: Sendable {
  init(_ graph: Graph)
  var graph: Graph { get }
  func run(_ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool) throws -> [Value]
}
