/// Runs a graph by its plan.
struct PlannedExecutor: CPUExecutor {
  let plan: Plan
  private let known = BoundPlanCache()

  var graph: Graph { plan.graph }

  init(_ graph: Graph) { self.init(graph, PlanOptions()) }

  init(_ graph: Graph, _ options: PlanOptions) {
    plan = Plan(graph.loweringSixteenBitTypes(), options)
  }

  func run(_ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool) throws -> [Value] {
    try run(arguments, bindings, pool, observe: nil)
  }

  /// Runs every step through `observe`, which must call what it is given once: with the item that
  /// the step belongs to, and with where the times of a sweep's instructions go, if they are wanted.
  func run(
    _ arguments: [Value], _ bindings: Bindings, _ pool: ThreadPool,
    observe: ((Int, (InstructionTimes?) throws -> Void) throws -> Void)?
  ) throws -> [Value] {
    let bound = try known.plan(bindings) { () throws(ShapeError) in
      try graph.checkSizes(bindings)
      return BoundPlan(plan, bindings)
    }
    try bound.checkMemory(threads: pool.threadCount)
    let memory = RunMemory(bound, arguments.map { $0.contiguous(pool) }, pool)
    for index in bound.steps.indices {
      if let observe {
        try observe(bound.steps[index].item) { try run(index, memory, bindings, $0) }
      } else {
        try run(index, memory, bindings, nil)
      }
    }
    return graph.outputs.map { memory.value($0) }
  }

  private func run(
    _ index: Int, _ memory: RunMemory, _ bindings: Bindings, _ times: InstructionTimes?
  ) throws {
    switch memory.plan.steps[index].step {
    case .calls(let range):
      let plain = TileRunner(plain: memory.plan.calls(range), memory.addresses)
      _ = plain.run(rows: 1, first: 0, following: 0)
    case .operation(let position):
      let operation = graph.operations[position]
      let destination = memory.value(position)
      _ = try OperationRun(
        inputs: operation.inputs.map { memory.value($0) }, dimensions: destination.dimensions,
        dtype: operation.dtype, bindings: bindings, pool: memory.pool, label: operation.label,
        destination: destination
      ).run(operation.primitive)
    case .sweep(let sweep, let copies):
      for copy in copies { memory.value(copy.to).assign(memory.value(copy.from), memory.pool) }
      try check(SweepRun.run(sweep, memory, times), rows: sweep.rowCount, bindings)
    case .chain(let sweeps, let list, let copies):
      for copy in copies { memory.value(copy.to).assign(memory.value(copy.from), memory.pool) }
      try check(
        ChainRun.run(sweeps, list, memory, times), rows: sweeps[0].rowCount, bindings)
    }
  }

  private func check(_ found: FoundIndex?, rows: Int, _ bindings: Bindings) throws {
    guard let found else { return }
    let operation = graph.operations[found.operation]
    throw found.bad.error(
      operation.primitive.name, operation.label, dimensions: [rows], bindings)
  }
}
