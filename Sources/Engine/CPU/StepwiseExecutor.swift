internal import E3xLimits

/// Runs a graph operation by operation, each result written out in full. Threads share the work
/// inside an operation.
struct StepwiseExecutor: CPUExecutor {
  let graph: Graph
  /// The values that no later operation needs, after each operation.
  private let releases: [[Int]]

  init(_ graph: Graph) {
    let graph = graph.loweringSixteenBitTypes()
    self.graph = graph
    var lastUse = [Int](repeating: -1, count: graph.operations.count)
    for (position, operation) in graph.operations.enumerated() {
      for input in operation.inputs { lastUse[input] = position }
    }
    for output in graph.outputs { lastUse[output] = -1 }
    var releases = [[Int]](repeating: [], count: graph.operations.count)
    for (value, last) in lastUse.enumerated() where last >= 0 { releases[last].append(value) }
    self.releases = releases
  }

  func run(_ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool) throws -> [Value] {
    var values = [Value?](repeating: nil, count: graph.operations.count)
    var inputs: [Value] = []
    for (position, operation) in graph.operations.enumerated() {
      inputs.removeAll(keepingCapacity: true)
      for input in operation.inputs { inputs.append(values[input]!) }
      let dimensions = operation.shape.resolved(bindings)
      try operation.shape.check(
        operation.primitive.name, dimensions, operation.dtype,
        limit: operation.primitive.isView ? MemoryLimit.array : MemoryLimit.machine)
      let step = OperationRun(
        inputs: inputs, dimensions: dimensions, dtype: operation.dtype, bindings: bindings,
        pool: pool, label: operation.label)
      values[position] =
        if case .input(let index) = operation.primitive {
          arguments[index]
        } else {
          try step.run(operation.primitive)
        }
      for value in releases[position] { values[value] = nil }
    }
    return graph.outputs.map { values[$0]! }
  }
}
